/** What the console and the API show of the hub as a whole: read-only, a handful of queries, each bounded. */
import type { Db, Row } from './db.ts';
import type { GoldenRow } from './goldens.ts';
import { type RunRow, runById } from './runs.ts';

/** Newest first, plans left out. */
export async function latestRuns(db: Db, limit: number): Promise<RunRow[]> {
  const rows = await db.query<{ id: string }>(
    `select id from run where mode <> 'plan' order by started_at desc, id desc limit $1`,
    [limit],
  );
  const runs = await Promise.all(rows.map(({ id }) => runById(db, id)));
  return runs.filter((run) => run !== undefined);
}

export interface StreamFacts {
  connection: string;
  object: string;
  records: number;
}

/** Live records per stream. */
export async function countRecords(db: Db): Promise<StreamFacts[]> {
  return db.query<StreamFacts & Row>(
    `select connection, object, count(*) as records from source_record where not deleted
     group by connection, object order by connection, object`,
  );
}

/** When each mapping's stream was last read, and whether ever to its end. */
export async function cursorTimes(db: Db): Promise<{ mapping: string; complete: boolean; at: string }[]> {
  return db.query(`select mapping, complete, updated_at as at from cursor order by mapping`);
}

export interface EntityFacts {
  entity: string;
  golden: number;
  /** Golden records that are gathered from two or more records. */
  gathered: number;
}

export async function countEntities(db: Db): Promise<EntityFacts[]> {
  return db.query<EntityFacts & Row>(
    `select g.entity, count(*) as golden, count(*) filter (where r.n > 1) as gathered
     from golden g left join (select golden_id, count(*) as n from source_record where not deleted group by golden_id) r
       on r.golden_id = g.id
     where g.alias_of is null and g.live group by g.entity order by g.entity`,
  );
}

export interface DoubtRow {
  entity: string;
  a: string;
  b: string;
  weight: number;
  reason: string;
  /** Golden records of the two. */
  goldenA: string | null;
  goldenB: string | null;
}

/** Golden records by e-mail (exact, any case) or by a part of a name. */
export async function findGolden(db: Db, query: string, limit: number): Promise<GoldenRow[]> {
  const part = `%${query.replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
  return (await db.query(
    `select id, entity, values, provenance, version, alias_of as "aliasOf", live, created_at as "createdAt", updated_at as "updatedAt"
     from golden where alias_of is null and live and (
       id = $1 or lower(values->>'email') = lower($1)
       or concat_ws(' ', values->>'familyName', values->>'givenName') ilike $2
       or concat_ws(' ', values->>'givenName', values->>'familyName') ilike $2
       or concat(values->>'familyName', values->>'givenName') ilike $2
       or values->>'fullName' ilike $2 or values->>'name' ilike $2)
     order by updated_at desc, id limit $3`,
    [query, part, limit],
  )) as unknown as GoldenRow[];
}
