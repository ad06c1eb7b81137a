import type { Value } from '../model/value.ts';
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/**
 * What a person decided. link, apart: `a` and `b` are source keys. pin: `a` is the source key that anchors it, and `b` the source
 * key it names where the attribute is a reference.
 */
export interface Decision {
  id: string;
  entity: string;
  kind: 'link' | 'apart' | 'pin';
  a: string;
  b: string | null;
  attribute: string | null;
  value: Value;
  by: string;
  at: string;
  /** The act that it is a part of. */
  act?: string | null;
}

const COLUMNS = `id, entity, kind, a, b, attribute, value, by, at, act`;

/** Decisions in force that name any of these records, the oldest first. */
export async function decisionsAbout(db: Db, records: readonly string[]): Promise<Decision[]> {
  if (records.length === 0) return [];
  return (await db.query(
    `select ${COLUMNS} from decision where undone_at is null and (a = any($1::text[]) or b = any($1::text[])) order by at, id`,
    [records],
  )) as unknown as Decision[];
}

/** The same for all records of these golden records. */
export async function decisionsOfGolden(db: Db, goldenIds: readonly string[]): Promise<Decision[]> {
  if (goldenIds.length === 0) return [];
  return (await db.query(
    `with members as materialized (select array_agg(key) as keys from source_record where golden_id = any($1::text[]))
     select ${COLUMNS} from decision where undone_at is null
       and (a = any((select keys from members)::text[]) or b = any((select keys from members)::text[])) order by at, id`,
    [goldenIds],
  )) as unknown as Decision[];
}

export async function saveDecision(db: Db, decision: Decision): Promise<void> {
  await saveDecisions(db, [decision]);
}

export async function saveDecisions(db: Db, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  await db.query(
    `insert into decision (id, entity, kind, a, b, attribute, value, by, at, act)
     select id, entity, kind, a, b, attribute, value, by, at, act
     from jsonb_to_recordset($1::jsonb) as x(id text, entity text, kind text, a text, b text, attribute text, value jsonb,
       by text, at timestamptz, act text)`,
    [json(decisions)],
  );
}

/** These records and all that human links in force join them to, directly or not. */
export async function linkedTo(db: Db, records: readonly string[]): Promise<string[]> {
  if (records.length === 0) return [];
  const rows = await db.query<{ key: string }>(
    `with recursive joined as (
       select unnest($1::text[]) as key
       union
       select case when d.a = j.key then d.b else d.a end from joined j
       join decision d on d.kind = 'link' and d.undone_at is null and (d.a = j.key or d.b = j.key))
     select key from joined order by key`,
    [records],
  );
  return rows.map(({ key }) => key);
}

/** These decisions end, overruled by an act; they are kept. */
export async function endDecisions(db: Db, ids: readonly string[], act: string, at: string): Promise<void> {
  if (ids.length === 0) return;
  await db.query(
    `update decision set undone_at = $3::timestamptz, ended_by = $2 where id = any($1::text[]) and undone_at is null`,
    [ids, act, at],
  );
}

/** The decisions of an act that are in force end with it. Returns them. */
export async function endDecisionsOf(db: Db, act: string, at: string): Promise<Decision[]> {
  return (await db.query(
    `update decision set undone_at = $2::timestamptz where act = $1 and undone_at is null returning ${COLUMNS}`,
    [act, at],
  )) as unknown as Decision[];
}

/** What an act overruled, as far as the acts they belong to still stand; the newest first. */
export async function overruledBy(db: Db, act: string): Promise<Decision[]> {
  return (await db.query(
    `select ${COLUMNS.replace(/\w+/g, 'd.$&')} from decision d left join act t on t.id = d.act
     where d.ended_by = $1 and t.undone_at is null order by d.at desc, d.id desc`,
    [act],
  )) as unknown as Decision[];
}

export async function reviveDecisions(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db.query(`update decision set undone_at = null, ended_by = null where id = any($1::text[])`, [ids]);
}

/** One thing that a person did by hand: the decisions it is made of are undone together. */
export interface ActRow {
  id: string;
  entity: string;
  kind: 'link' | 'apart' | 'split' | 'pin' | 'unpin';
  /** Golden ids and source keys, as they were named. */
  asked: string[];
  attribute: string | null;
  value: Value;
  by: string;
  reason: string | null;
  at: string;
  undoneAt: string | null;
  undoneBy: string | null;
}

const ACT = `id, entity, kind, asked, attribute, value, by, reason, at, undone_at as "undoneAt", undone_by as "undoneBy"`;

export async function saveAct(db: Db, act: ActRow): Promise<void> {
  await db.query(
    `insert into act (id, entity, kind, asked, attribute, value, by, reason, at)
     values ($1, $2, $3, $4::jsonb, $5, $6::jsonb, $7, $8, $9::timestamptz)`,
    [
      act.id,
      act.entity,
      act.kind,
      json(act.asked),
      act.attribute,
      json(act.value),
      act.by,
      act.reason,
      act.at,
    ],
  );
}

export async function actsById(db: Db, ids: readonly string[]): Promise<Map<string, ActRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<ActRow & Row>(`select ${ACT} from act where id = any($1::text[])`, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Ends an act. false: somebody undid it before. */
export async function endAct(db: Db, id: string, by: string, at: string): Promise<boolean> {
  const rows = await db.query(
    `update act set undone_at = $3::timestamptz, undone_by = $2 where id = $1 and undone_at is null returning id`,
    [id, by, at],
  );
  return rows.length > 0;
}

/** One page of what people decided, the newest first. `before`: the last of the page before. */
export async function actPage(
  db: Db,
  filter: { entity: string | null; before: { at: string; id: string } | null },
  limit: number,
): Promise<ActRow[]> {
  return db.query<ActRow & Row>(
    `select ${ACT} from act where ($1::text is null or entity = $1)
       and ($2::timestamptz is null or (at, id) < ($2::timestamptz, $3)) order by at desc, id desc limit $4`,
    [filter.entity, filter.before?.at ?? null, filter.before?.id ?? '', limit],
  );
}

/** The decisions that acts are made of, ended ones too. */
export async function decisionsOfActs(
  db: Db,
  acts: readonly string[],
): Promise<(Decision & { endedBy: string | null })[]> {
  if (acts.length === 0) return [];
  return (await db.query(
    `select ${COLUMNS}, ended_by as "endedBy" from decision where act = any($1::text[]) order by at, id`,
    [acts],
  )) as unknown as (Decision & { endedBy: string | null })[];
}
