import type { Provenance } from '../model/record.ts';
import type { Values } from '../model/value.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface GoldenRow {
  id: string;
  entity: string;
  values: Values;
  provenance: Record<string, Provenance>;
  version: number;
  /** The one that it was folded into; it holds no values then. */
  aliasOf: string | null;
  /** Some record of it still lives in a tool; otherwise nothing is written for it. */
  live: boolean;
  createdAt: string;
  updatedAt: string;
}

const COLUMNS = `id, entity, values, provenance, version, alias_of as "aliasOf", live, created_at as "createdAt", updated_at as "updatedAt"`;

export async function goldensById(db: Db, ids: readonly string[]): Promise<Map<string, GoldenRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query(`select ${COLUMNS} from golden where id = any($1::text[])`, [ids]);
  return new Map(rows.map((row) => [row.id as string, row as unknown as GoldenRow]));
}

/** The same with those that they were folded into, and so on. */
export async function goldensAndHeirs(db: Db, ids: readonly string[]): Promise<Map<string, GoldenRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query(
    `with recursive chain as (select id, alias_of from golden where id = any($1::text[])
       union select g.id, g.alias_of from golden g join chain c on g.id = c.alias_of)
     select ${COLUMNS} from golden where id in (select id from chain)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id as string, row as unknown as GoldenRow]));
}

/** Follows an alias to the golden record that lives on; undefined: no such id ever. */
export async function currentGolden(db: Db, id: string): Promise<GoldenRow | undefined> {
  const rows = await db.query(
    `with recursive chain as (
       select id, alias_of, 0 as depth from golden where id = $1
       union all select g.id, g.alias_of, c.depth + 1 from golden g join chain c on g.id = c.alias_of where c.depth < 100)
     select ${COLUMNS} from golden where id = (select id from chain where alias_of is null order by depth desc limit 1)`,
    [id],
  );
  return rows[0] as unknown as GoldenRow | undefined;
}

export async function saveGoldens(db: Db, rows: readonly GoldenRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into golden (id, entity, values, provenance, version, alias_of, live, created_at, updated_at)
     select id, entity, values, provenance, version, "aliasOf", live, "createdAt", "updatedAt"
     from jsonb_to_recordset($1::jsonb) as x(id text, entity text, values jsonb, provenance jsonb, version int,
       "aliasOf" text, live boolean, "createdAt" timestamptz, "updatedAt" timestamptz)
     on conflict (id) do update set values = excluded.values, provenance = excluded.provenance,
       version = excluded.version, alias_of = excluded.alias_of, live = excluded.live, updated_at = excluded.updated_at`,
    [json(rows)],
  );
}

export async function countGolden(db: Db, entity: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from golden where entity = $1 and alias_of is null and live`,
    [entity],
  );
  return row!.n;
}

/** An event in the life of a golden record. `kind`: created, updated, merged, split, emptied, erased (nothing but the id is left). */
export interface HistoryRow {
  goldenId: string;
  entity: string;
  version: number;
  kind: 'created' | 'updated' | 'merged' | 'split' | 'emptied' | 'erased';
  detail: unknown;
  at: string;
}

export async function addHistory(db: Db, rows: readonly HistoryRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into history (golden_id, entity, version, kind, detail, at)
     select "goldenId", entity, version, kind, detail, at
     from jsonb_to_recordset($1::jsonb) as x("goldenId" text, entity text, version int, kind text, detail jsonb, at timestamptz)`,
    [json(rows)],
  );
}

export async function historyOf(
  db: Db,
  goldenIds: readonly string[],
): Promise<(HistoryRow & { id: number })[]> {
  return (await db.query(
    `select id, golden_id as "goldenId", entity, version, kind, detail, at from history where golden_id = any($1::text[]) order by id`,
    [goldenIds],
  )) as unknown as (HistoryRow & { id: number })[];
}

/** Golden ids, live ones, in order of id: one page for listings and sweeps. */
export async function goldenPage(db: Db, entity: string, after: string, limit: number): Promise<GoldenRow[]> {
  return (await db.query(
    `select ${COLUMNS} from golden where entity = $1 and alias_of is null and id > $2 order by id limit $3`,
    [entity, after, limit],
  )) as unknown as GoldenRow[];
}
