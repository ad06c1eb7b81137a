/** The rows of the outbox that have left for their tools, until what became of them is known. */
import type { Db, Row } from './db.ts';
import { json } from './json.ts';
import {
  COLUMNS,
  IDENTITY,
  type Key,
  type OutboxRow,
  type OutboxState,
  type Payload,
  SAME,
} from './outbox.ts';

const TRY = `${IDENTITY}, attempts int, owner text`;
const SAME_TRY = `${SAME} and o.attempts = x.attempts and (o.owner is null or o.owner = x.owner)`;

/**
 * From here on the rows are in flight: committed before the first byte leaves. The clock of webhooks that arrive while it
 * flies is their own: this write does not carry them.
 */
export async function markSending(
  db: Db,
  rows: readonly (Key & { payload: Payload; key: string })[],
  owner: string,
  now: string,
): Promise<void> {
  await db.query(
    `update outbox o set state = 'sending', payload = x.payload, key = x.key, owner = $2, attempts = attempts + 1, since = null,
       updated_at = $3::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(${IDENTITY}, payload jsonb, key text) where ${SAME}`,
    [json(rows), owner, now],
  );
}

/** Which try of a row: `attempts` counts it, and `owner` made it. */
export type Try = Key & Pick<OutboxRow, 'attempts' | 'owner'>;

export interface Settled extends Try {
  /** null: delivered, the row goes. */
  state: Exclude<OutboxState, 'sending'> | null;
  dueAt: string;
  awaits: string[];
  error: OutboxRow['error'];
  /** The try was refused before it counted (quota): it does not use one up. */
  free?: boolean;
  /** The clock of what was not delivered runs on. */
  since?: string | null;
}

/** A row that was delivered; what arrived while it flew is yet to be written. */
export type Landed = Key & Pick<OutboxRow, 'lane' | 'since'>;

/**
 * Returns the rows that are gone. A row whose try this is no more is left alone: its owner fell silent, was taken for dead, and somebody
 * else has sent it again since.
 */
export async function settleOutbox(db: Db, rows: readonly Settled[], now: string): Promise<Landed[]> {
  if (rows.length === 0) return [];
  const done = rows.filter(({ state }) => state === null);
  const rest = rows.filter(({ state }) => state !== null);
  const landed =
    done.length === 0
      ? []
      : await db.query(
          `delete from outbox o using jsonb_to_recordset($1::jsonb) as x(${TRY})
     where ${SAME_TRY} returning o.golden_id as "goldenId", o.mapping, o.target, o.lane, o.since`,
          [json(done.map(tryOf))],
        );
  if (rest.length > 0)
    await db.query(
      `update outbox o set state = x.state, due_at = x."dueAt", error = x.error, owner = null, updated_at = $2::timestamptz,
       awaits = coalesce(array(select jsonb_array_elements_text(x.awaits)), '{}'),
       payload = case when x.state = 'unknown' or (o.op = 'create' and o.payload ? 'late') then o.payload end,
       attempts = case when x.free then greatest(o.attempts - 1, 0) else o.attempts end,
       since = least(o.since, x.since)
     from jsonb_to_recordset($1::jsonb) as x(${TRY}, state text, "dueAt" timestamptz, awaits jsonb, error jsonb, free boolean,
       since timestamptz)
     where ${SAME_TRY}`,
      [json(rest), now],
    );
  return landed as unknown as Landed[];
}

const tryOf = ({ goldenId, mapping, target, attempts, owner }: Try): Try => ({
  goldenId,
  mapping,
  target,
  attempts,
  owner,
});

/**
 * Rows in flight for a mapping: sent and not answered, or being sent right now by somebody; creates too that were looked for in vain
 * and are due again (they keep what was sent), for the tool may make them all the same.
 */
export async function inFlight(db: Db, mapping: string): Promise<OutboxRow[]> {
  return (await db.query(
    `select ${COLUMNS} from outbox where mapping = $1
       and (state in ('sending', 'unknown') or (op = 'create' and payload is not null and state in ('pending', 'waiting')))`,
    [mapping],
  )) as unknown as OutboxRow[];
}

/** The same for golden records, whatever the mapping. */
export async function inFlightOf(db: Db, goldenIds: readonly string[]): Promise<OutboxRow[]> {
  if (goldenIds.length === 0) return [];
  return (await db.query(
    `select ${COLUMNS} from outbox where golden_id = any($1::text[]) and state in ('sending', 'unknown')`,
    [goldenIds],
  )) as unknown as OutboxRow[];
}

export async function unknownOutbox(db: Db, mapping: string, limit: number): Promise<OutboxRow[]> {
  return (await db.query(
    `select ${COLUMNS} from outbox where mapping = $1 and state = 'unknown' order by golden_id, target limit $2`,
    [mapping, limit],
  )) as unknown as OutboxRow[];
}

/** Rows that were looked up in vain are due again, if they are still the same unanswered try. */
export async function releaseStillUnknown(db: Db, rows: readonly OutboxRow[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update outbox o set state = 'pending', due_at = $2::timestamptz, error = null, updated_at = $2::timestamptz,
       payload = case when o.op = 'create' then o.payload || '{"late":true}' end
     from jsonb_to_recordset($1::jsonb) as x(${IDENTITY}, attempts int)
     where ${SAME} and o.state = 'unknown' and o.attempts = x.attempts`,
    [
      json(rows.map(({ goldenId, mapping, target, attempts }) => ({ goldenId, mapping, target, attempts }))),
      now,
    ],
  );
}

/** The distinct owners of rows being sent: a sweep asks of each whether it still lives. */
export async function sendingOwners(db: Db): Promise<string[]> {
  const rows = await db.query<{ owner: string }>(`select distinct owner from outbox where state = 'sending'`);
  return rows.map((row) => row.owner);
}

/** The tries that this owner has in flight. */
export async function sendingBy(db: Db, owner: string): Promise<Try[]> {
  return db.query<Try & Row>(
    `select golden_id as "goldenId", mapping, target, attempts, owner from outbox where owner = $1 and state = 'sending'`,
    [owner],
  );
}

const FORGOTTEN_TO_UNKNOWN = `update outbox o set state = 'unknown', owner = null, updated_at = $2::timestamptz
  from jsonb_to_recordset($1::jsonb) as x(${TRY}) where ${SAME_TRY} and o.state = 'sending' returning o.golden_id`;

/** Tries that nobody has in hand. What was settled since they were looked at is left alone. Returns how many they were. */
export async function forgottenToUnknown(db: Db, tries: readonly Try[], now: string): Promise<number> {
  if (tries.length === 0) return 0;
  return (await db.query(FORGOTTEN_TO_UNKNOWN, [json(tries), now])).length;
}

/** A dead owner's rows: nobody knows whether the tool got them. */
export async function orphanToUnknown(db: Db, owner: string, now: string): Promise<number> {
  const rows = await db.query(
    `update outbox set state = 'unknown', owner = null, updated_at = $2::timestamptz
     where owner = $1 and state = 'sending' returning golden_id`,
    [owner, now],
  );
  return rows.length;
}
