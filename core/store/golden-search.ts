import type { Db } from './db.ts';
import type { GoldenRow, HistoryRow } from './goldens.ts';

const COLUMNS = `id, entity, values, provenance, version, alias_of as "aliasOf", live, created_at as "createdAt", updated_at as "updatedAt"`;

export interface GoldenFilter {
  entity: string | null;
  /** A part of a name, any case. */
  q: string | null;
  /** A whole address, any case. */
  email: string | null;
  /** The source key of one of its records. */
  record: string | null;
}

/** Live golden records that fit, in order of id, after the id `after`: one page. */
export async function searchGolden(
  db: Db,
  filter: GoldenFilter,
  after: string,
  limit: number,
): Promise<GoldenRow[]> {
  const part = filter.q && `%${filter.q.replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
  return (await db.query(
    `select ${COLUMNS} from golden g where alias_of is null and live and id > $1
       and ($2::text is null or entity = $2)
       and ($3::text is null or lower(values->>'email') = lower($3))
       and ($4::text is null or id = (select golden_id from source_record where key = $4))
       and ($5::text is null
         or concat_ws(' ', values->>'familyName', values->>'givenName') ilike $5
         or concat_ws(' ', values->>'givenName', values->>'familyName') ilike $5
         or concat(values->>'familyName', values->>'givenName') ilike $5
         or values->>'fullName' ilike $5 or values->>'name' ilike $5)
     order by id limit $6`,
    [after, filter.entity, filter.email, filter.record, part, limit],
  )) as unknown as GoldenRow[];
}

/** Source keys of the live records of each golden record. */
export async function keysOfGolden(db: Db, goldenIds: readonly string[]): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>(goldenIds.map((id) => [id, []]));
  if (goldenIds.length === 0) return keys;
  const rows = await db.query<{ golden: string; key: string }>(
    `select golden_id as golden, key from source_record where golden_id = any($1::text[]) and not deleted order by key`,
    [goldenIds],
  );
  for (const { golden, key } of rows) keys.get(golden)!.push(key);
  return keys;
}

/** What happened to a golden record, and to those folded into it, oldest first, after the event `after`: one page. */
export async function historyPage(
  db: Db,
  goldenIds: readonly string[],
  after: number,
  limit: number,
): Promise<(HistoryRow & { id: number })[]> {
  return (await db.query(
    `select id, golden_id as "goldenId", entity, version, kind, detail, at from history
     where golden_id = any($1::text[]) and id > $2 order by id limit $3`,
    [goldenIds, after, limit],
  )) as unknown as (HistoryRow & { id: number })[];
}
