import type { Db } from '../../../core/store/db.ts';

/** Records of a golden record, in place of its id, which is another one every time. */
const members = (id: string) =>
  `jsonb_build_object('of', (select jsonb_agg(key order by key) from source_record where golden_id = ${id}))`;

/** Each row of what a step stores, as a line that does not tell when it was written. */
const LINES: Record<string, string> = {
  source_record: `select (to_jsonb(x) - 'golden_id')::text as line from source_record x`,
  match_key: `select key || ' ' || record as line from match_key`,
  match_form: `select to_jsonb(x)::text as line from match_form x`,
  edge: `select to_jsonb(x)::text as line from edge x`,
  review: `select (to_jsonb(x) - 'at')::text as line from review x`,
  matched: `select to_jsonb(x)::text as line from matched x`,
  golden: `select ((to_jsonb(x) - '{id,created_at,updated_at}'::text[]) || ${members('x.id')})::text as line from golden x`,
  history: `select ((to_jsonb(x) - '{id,tx,golden_id,at}'::text[]) || ${members('x.golden_id')})::text as line from history x`,
  outbox: `select to_jsonb(x)::text as line from outbox x`,
};

const digest = async (db: Db, lines: string) => {
  const [row] = await db.query<{ rows: number; digest: string | null }>(
    `select count(*)::int as rows, md5(string_agg(md5(line), '' order by md5(line))) as digest from (${lines}) x`,
  );
  return row!;
};

/** Whether two stores hold the same, row by row. Returns how many rows; throws where they differ, with the table. */
export async function sameStores(one: Db, other: Db): Promise<number> {
  let rows = 0;
  for (const [table, lines] of Object.entries(LINES)) {
    const [a, b] = await Promise.all([digest(one, lines), digest(other, lines)]);
    if (a.rows !== b.rows || a.digest !== b.digest)
      throw new Error(`${table} is not the same in both stores: ${a.rows} and ${b.rows} rows`);
    rows += a.rows;
  }
  return rows;
}
