import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/** The tombstone of an erased golden record. Nothing in it is personal. */
export interface ErasureRow {
  /** The golden id that it had. */
  id: string;
  entity: string;
  /** Golden ids that had become this one. */
  aliases: string[];
  /** Who erased it. */
  by: string;
  at: string;
  /** Every tool has answered, and nothing of it is on its way any more. */
  doneAt: string | null;
  /** The block against re-import was lifted. */
  liftedAt: string | null;
  liftedBy: string | null;
  /** How often a record of it came again and was not imported. */
  blocked: number;
  blockedAt: string | null;
}

/**
 * queued   to be deleted in its tool; tried until the tool has confirmed it
 * erased   the tool has confirmed it
 * refused  the tool will not, and says why: needs a person
 * kept     the configuration does not allow it, or the tool cannot
 */
export type ErasureState = 'queued' | 'erased' | 'refused' | 'kept';

/** One record of one tool. */
export interface ErasureTool {
  id: number;
  erasure: string;
  connection: string;
  object: string;
  /** null: the id was itself personal, and has been forgotten. */
  extId: string | null;
  state: ErasureState;
  reason: string | null;
  attempts: number;
  at: string;
}

const COLUMNS = `id, entity, aliases, by, at, done_at as "doneAt", lifted_at as "liftedAt", lifted_by as "liftedBy", blocked,
  blocked_at as "blockedAt"`;
const TOOL = `id, erasure, connection, object, ext_id as "extId", state, reason, attempts, at`;

const LOCK = `hashtext('nayose.erase')`;

/**
 * Whoever takes records in holds this until the transaction ends, before any row: an erasure waits for them, and they see its
 * blocks afterwards.
 */
export async function shareErasing(tx: Db): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock_shared(${LOCK})`);
}

/** Nobody takes records in until the transaction ends. */
export async function holdErasing(tx: Db): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(${LOCK})`);
}

/** By its golden id, or by one that had become it. */
export async function erasureById(db: Db, id: string): Promise<ErasureRow | undefined> {
  const [row] = await db.query(`select ${COLUMNS} from erasure where id = $1 or $1 = any(aliases)`, [id]);
  return row as unknown as ErasureRow | undefined;
}

/** Of these golden ids those that were erased, or had become one that was: id → the erasure. */
export async function erasedAmong(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<{ golden: string; erasure: string }>(
    `with lost as materialized (select id from unnest($1::text[]) as l(id) where not exists (select from golden g where g.id = l.id))
     select l.id as golden, e.id as erasure from lost l join erasure e on e.id = l.id or l.id = any(e.aliases)`,
    [ids],
  );
  return new Map(rows.map(({ golden, erasure }) => [golden, erasure]));
}

/** Newest first. `before`: the last of the page before; `open`: only those that some tool has not confirmed. */
export async function erasurePage(
  db: Db,
  filter: { open: boolean; before: { at: string; id: string } | null },
  limit: number,
): Promise<ErasureRow[]> {
  return db.query<ErasureRow & Row>(
    `select ${COLUMNS} from erasure where (not $1::boolean or done_at is null)
       and ($2::timestamptz is null or (at, id) < ($2::timestamptz, $3)) order by at desc, id desc limit $4`,
    [filter.open, filter.before?.at ?? null, filter.before?.id ?? '', limit],
  );
}

/** Erasures that are not done yet, the oldest first. */
export async function openErasures(db: Db, limit: number): Promise<ErasureRow[]> {
  return db.query<ErasureRow & Row>(
    `select ${COLUMNS} from erasure where done_at is null order by at limit $1`,
    [limit],
  );
}

export async function addErasure(
  tx: Db,
  row: Pick<ErasureRow, 'id' | 'entity' | 'aliases' | 'by' | 'at'>,
): Promise<void> {
  await tx.query(
    `insert into erasure (id, entity, aliases, by, at) values ($1, $2, $3::text[], $4, $5::timestamptz)`,
    [row.id, row.entity, row.aliases, row.by, row.at],
  );
}

export interface NewErasureTool {
  erasure: string;
  connection: string;
  object: string;
  extId: string;
  personal: boolean;
  state: ErasureState;
  reason: string | null;
}

/** A record that is known to be this erasure's stays as it is. */
export async function addErasureTools(tx: Db, rows: readonly NewErasureTool[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into erasure_tool (erasure, connection, object, ext_id, personal, state, reason, due_at, at)
     select erasure, connection, object, "extId", personal, state, reason, $2::timestamptz, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(erasure text, connection text, object text, "extId" text, personal boolean,
       state text, reason text)
     on conflict (erasure, connection, object, ext_id) do nothing`,
    [json(rows), now],
  );
  await tx.query(`update erasure set done_at = null where id = any($1::text[])`, [
    [...new Set(rows.map(({ erasure }) => erasure))],
  ]);
}

export async function erasureTools(db: Db, erasures: readonly string[]): Promise<ErasureTool[]> {
  if (erasures.length === 0) return [];
  return db.query<ErasureTool & Row>(
    `select ${TOOL} from erasure_tool where erasure = any($1::text[]) order by connection, object, id`,
    [erasures],
  );
}

/** Streams that have records to erase now. */
export async function erasuresDue(db: Db, now: string): Promise<{ connection: string; object: string }[]> {
  return db.query(
    `select connection, object from erasure_tool where state = 'queued' and due_at <= $1::timestamptz
     group by connection, object order by connection, object`,
    [now],
  );
}

/**
 * Takes records to erase of one stream (`only`: with these ids). They are due again at `until`, should their process end: deleting a record twice does
 * no harm.
 */
export async function takeErasures(
  db: Db,
  stream: { connection: string; object: string },
  limit: number,
  now: string,
  until: string,
  only: readonly string[] | null = null,
): Promise<ErasureTool[]> {
  return db.query<ErasureTool & Row>(
    `update erasure_tool set attempts = attempts + 1, due_at = $5::timestamptz where id in (
       select id from erasure_tool where connection = $1 and object = $2 and state = 'queued' and due_at <= $4::timestamptz
         and ($6::text[] is null or ext_id = any($6::text[]))
       order by due_at, id limit $3 for update skip locked)
     returning ${TOOL}`,
    [stream.connection, stream.object, limit, now, until, only],
  );
}

export interface SettledErasure {
  id: number;
  state: ErasureState;
  reason: string | null;
  dueAt: string;
}

export async function settleErasures(db: Db, rows: readonly SettledErasure[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update erasure_tool t set state = x.state, reason = x.reason, due_at = x."dueAt", at = $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(id bigint, state text, reason text, "dueAt" timestamptz)
     where t.id = x.id and t.state = 'queued'`,
    [json(rows), now],
  );
}

/** What a tool refused is due again: a person asked for another try. */
export async function requeueRefused(db: Db, erasure: string, now: string): Promise<void> {
  await db.query(
    `update erasure_tool set state = 'queued', attempts = 0, due_at = $2::timestamptz
     where erasure = $1 and (state = 'refused' or (state = 'queued' and due_at > $2::timestamptz)) and ext_id is not null`,
    [erasure, now],
  );
}

/** How many records of these connections are still to be erased. */
export async function countQueuedErasures(
  db: Db,
  connections: readonly string[],
): Promise<{ connection: string; n: number }[]> {
  return db.query(
    `select connection, count(*) as n from erasure_tool where state = 'queued' and connection = any($1::text[])
     group by connection order by connection`,
    [connections],
  );
}

/** It is over: ids that say who it was are forgotten with it. */
export async function endErasure(tx: Db, id: string, now: string): Promise<void> {
  await tx.query(`update erasure_tool set ext_id = null where erasure = $1 and personal`, [id]);
  await tx.query(`update erasure set done_at = $2::timestamptz where id = $1 and done_at is null`, [id, now]);
}

/** Records of an erasure whose tool has not answered, or that are being written by somebody right now. */
export async function erasureWaits(db: Db, { id, aliases }: ErasureRow): Promise<boolean> {
  const [row] = await db.query<{ waits: boolean }>(
    `select exists (select 1 from erasure_tool where erasure = $1 and state = 'queued')
       or exists (select 1 from outbox where golden_id = any($2::text[]) and state in ('sending', 'unknown')) as waits`,
    [id, [id, ...aliases]],
  );
  return row!.waits;
}

export async function addBlocks(
  tx: Db,
  erasure: string,
  blocks: readonly { hash: string; kind: string }[],
): Promise<void> {
  if (blocks.length === 0) return;
  await tx.query(
    `insert into erasure_block (hash, erasure, kind) select hash, $2, kind
     from jsonb_to_recordset($1::jsonb) as x(hash text, kind text) on conflict do nothing`,
    [json(blocks), erasure],
  );
}

/** Is anybody blocked at all? Answered at once, so that hubs without erasures pay nothing. */
export async function anyBlock(db: Db): Promise<boolean> {
  const [row] = await db.query<{ any: boolean }>(`select exists (select 1 from erasure_block) as any`);
  return row!.any;
}

/** Hash → the erasure that blocks it. */
export async function blocksAmong(db: Db, hashes: readonly string[]): Promise<Map<string, string>> {
  if (hashes.length === 0) return new Map();
  const rows = await db.query<{ hash: string; erasure: string }>(
    `select hash, erasure from erasure_block where hash = any($1::text[])`,
    [hashes],
  );
  return new Map(rows.map(({ hash, erasure }) => [hash, erasure]));
}

export async function countBlocks(db: Db, erasures: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.query<{ erasure: string; n: number }>(
    `select erasure, count(*) as n from erasure_block where erasure = any($1::text[]) group by erasure`,
    [erasures],
  );
  return new Map(rows.map(({ erasure, n }) => [erasure, n]));
}

/** Records of these erasures came again, and were not imported. */
export async function countBlocked(
  tx: Db,
  erasures: ReadonlyMap<string, number>,
  now: string,
): Promise<void> {
  if (erasures.size === 0) return;
  await tx.query(
    `update erasure e set blocked = e.blocked + x.n, blocked_at = $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(id text, n int) where e.id = x.id`,
    [json([...erasures].map(([id, n]) => ({ id, n }))), now],
  );
}

/** Its hashes are gone: whoever has them may be imported again. false: there was no block any more. */
export async function liftBlock(tx: Db, id: string, by: string, now: string): Promise<boolean> {
  await tx.query(`delete from erasure_block where erasure = $1`, [id]);
  const rows = await tx.query(
    `update erasure set lifted_at = $3::timestamptz, lifted_by = $2 where id = $1 and lifted_at is null returning id`,
    [id, by, now],
  );
  return rows.length > 0;
}

/** The key of the hashes, where it lies unsealed in the database. */
export async function plainKey(db: Db): Promise<string | undefined> {
  const [row] = await db.query<{ key: string }>(`select key from erasure_key where id = 1`);
  return row?.key;
}

/** Keeps this key, unless there is one: the one that is kept then is returned. */
export async function keepPlainKey(db: Db, key: string): Promise<string> {
  await db.query(`insert into erasure_key (id, key) values (1, $1) on conflict (id) do nothing`, [key]);
  return (await plainKey(db))!;
}

export async function dropPlainKey(db: Db): Promise<void> {
  await db.query(`delete from erasure_key`);
}
