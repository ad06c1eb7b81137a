import { packed, unpacked } from '../match/packed.ts';
import type { Prepared } from '../match/prepared.ts';
import type { Edge } from '../match/types.ts';
import { type Db, type Row, together } from './db.ts';
import { json } from './json.ts';

/** Why an edge exists: records scored as alike, or joined by what happened (made by us, merged in the tool, same unique key). */
export type EdgeOrigin = 'score' | 'bond';

/** A blocking key, as `keyHash` makes it, of a record. */
export interface KeyRow {
  record: string;
  key: number;
}

export async function keysOf(db: Db, records: readonly string[]): Promise<KeyRow[]> {
  if (records.length === 0) return [];
  return db.query<KeyRow & Row>(`select record, key from match_key where record = any($1::text[])`, [
    records,
  ]);
}

/** Changes the index of keys. `gone` are rows that are there, `come` rows that are not: read in the same transaction. */
export async function changeKeys(db: Db, gone: readonly KeyRow[], come: readonly KeyRow[]): Promise<void> {
  const columns = (rows: readonly KeyRow[]) => [rows.map(({ key }) => key), rows.map(({ record }) => record)];
  const changes: Promise<unknown>[] = [];
  if (gone.length > 0)
    changes.push(
      db.query(
        `delete from match_key m using unnest($1::bigint[], $2::text[]) as x(key, record)
         where m.key = x.key and m.record = x.record`,
        columns(gone),
      ),
    );
  if (come.length > 0)
    changes.push(
      // In the order of the index, whose pages are then visited once each.
      db.query(
        `insert into match_key (key, record) select key, record from unnest($1::bigint[], $2::text[]) as x(key, record) order by key`,
        columns(come),
      ),
    );
  await Promise.all(changes);
}

/** The records of each block, at most `limit` of each: a block as large as that is a hub value. */
export async function blocks(
  db: Db,
  keys: readonly { key: number; limit: number }[],
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>();
  if (keys.length === 0) return found;
  // Thousands of short rows: as two lists they cost half.
  const [row] = await db.query<{ places: string | null; records: string | null }>(
    `select json_agg(k.at)::text as places, json_agg(m.record)::text as records
     from unnest($1::bigint[], $2::int[]) with ordinality as k(key, most, at)
     cross join lateral (select record from match_key where match_key.key = k.key limit k.most) m`,
    [keys.map(({ key }) => key), keys.map(({ limit }) => limit)],
  );
  const records = listIn<string>(row!.records);
  for (const [i, at] of listIn<number>(row!.places).entries()) {
    const { key } = keys[at - 1]!;
    const record = records[i]!;
    const list = found.get(key);
    if (list === undefined) found.set(key, [record]);
    else list.push(record);
  }
  return found;
}

/** What such lists are: nothing for no rows. */
const listIn = <T>(text: string | null): T[] => (text === null ? [] : (JSON.parse(text) as T[]));

/** The forms for matching of those that have one. */
export async function preparedOf(db: Db, records: readonly string[]): Promise<Map<string, Prepared>> {
  if (records.length === 0) return new Map();
  // As with blocks.
  const [row] = await db.query<{ records: string | null; forms: string | null }>(
    `select json_agg(record)::text as records, '[' || string_agg(form, ',') || ']' as forms
     from match_form where record = any($1::text[])`,
    [records],
  );
  const forms = listIn<unknown>(row!.forms);
  return new Map(listIn<string>(row!.records).map((record, i) => [record, unpacked(record, forms[i])]));
}

/** Stores the forms for matching of these records. */
export async function savePrepared(db: Db, records: Iterable<Prepared>): Promise<void> {
  const rows = [...records].map((record) => [record.id, JSON.stringify(packed(record))] as const);
  if (rows.length === 0) return;
  await db.query(
    `insert into match_form as m (record, form) select record, form from unnest($1::text[], $2::text[]) as x(record, form) order by record
     on conflict (record) do update set form = excluded.form where m.form <> excluded.form`,
    [rows.map(([record]) => record), rows.map(([, form]) => form)],
  );
}

/** Replaces every scored edge that touches these records; bonds stay. */
export async function replaceEdges(
  db: Db,
  entity: string,
  records: readonly string[],
  edges: readonly Edge[],
): Promise<void> {
  await db.query(`delete from edge where origin = 'score' and (a = any($1::text[]) or b = any($1::text[]))`, [
    records,
  ]);
  if (edges.length === 0) return;
  // In the order of the index, as with keys.
  await db.query(
    `insert into edge (a, b, entity, weight, decision, origin)
     select a, b, $1, weight, decision, 'score'
     from unnest($2::text[], $3::text[], $4::double precision[], $5::text[]) as x(a, b, weight, decision) order by a, b
     on conflict (a, b) do nothing`,
    [
      entity,
      edges.map(({ a }) => a),
      edges.map(({ b }) => b),
      edges.map(({ weight }) => weight),
      edges.map(({ decision }) => decision),
    ],
  );
}

/** Joins pairs for a reason that no score can give. Heavier than any score; only people outrank it. */
export const BOND_WEIGHT = 1000;

export async function bond(db: Db, entity: string, pairs: readonly [string, string][]): Promise<void> {
  if (pairs.length === 0) return;
  const rows = pairs.map(([x, y]) => (x < y ? { a: x, b: y } : { a: y, b: x }));
  await db.query(
    `insert into edge (a, b, entity, weight, decision, origin)
     select distinct a, b, $1, $3::double precision, 'link', 'bond' from jsonb_to_recordset($2::jsonb) as x(a text, b text)
     where a <> b
     on conflict (a, b) do update set weight = excluded.weight, decision = 'link', origin = 'bond'`,
    [entity, json(rows), BOND_WEIGHT],
  );
}

/** Pairs of one golden record that a score links and that one of these records is part of. */
export async function linkedPairs(db: Db, records: readonly string[]): Promise<{ a: string; b: string }[]> {
  if (records.length === 0) return [];
  return db.query(
    `select e.a, e.b from (
       select a, b from edge where a = any($1::text[]) and decision = 'link' and origin = 'score'
       union select a, b from edge where b = any($1::text[]) and decision = 'link' and origin = 'score') e
     join source_record x on x.key = e.a join source_record y on y.key = e.b where x.golden_id = y.golden_id`,
    [records],
  );
}

/** Records one link away: by a link edge, a human link, or a shared golden record. */
export async function neighbours(db: Db, records: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ key: string }>(
    `select b as key from edge where a = any($1::text[]) and decision = 'link'
     union select a from edge where b = any($1::text[]) and decision = 'link'
     union select b from decision where a = any($1::text[]) and kind = 'link' and undone_at is null
     union select a from decision where b = any($1::text[]) and kind = 'link' and undone_at is null
     union select s.key from source_record s where s.golden_id in
       (select golden_id from source_record where key = any($1::text[]) and golden_id is not null)`,
    [records],
  );
  return rows.map((row) => row.key);
}

export async function edgesAmong(
  db: Db,
  records: readonly string[],
): Promise<(Edge & { origin: EdgeOrigin })[]> {
  if (records.length === 0) return [];
  return (await db.query(
    `select a, b, weight, decision, origin from edge where a = any($1::text[]) and b = any($1::text[])`,
    [records],
  )) as unknown as (Edge & { origin: EdgeOrigin })[];
}

export interface ReviewRow {
  a: string;
  b: string;
  weight: number;
  reason: string;
}

/**
 * Replaces the open reviews that touch these records by the doubtful pairs of now; a decided pair stays decided. Returns
 * those that are newly open.
 */
export async function replaceReviews(
  db: Db,
  entity: string,
  records: readonly string[],
  rows: readonly ReviewRow[],
  at: string,
): Promise<{ a: string; b: string }[]> {
  // Sent together, carried out one after the other.
  const deleting = db.query(
    `delete from review r where state = 'open' and (a = any($1::text[]) or b = any($1::text[]))
       and not exists (select 1 from jsonb_to_recordset($2::jsonb) as x(a text, b text) where x.a = r.a and x.b = r.b)`,
    [records, json(rows)],
  );
  if (rows.length === 0) {
    await deleting;
    return [];
  }
  const inserting = db.query<{ a: string; b: string; fresh: boolean }>(
    `insert into review (a, b, entity, weight, reason, at)
     select a, b, $1, weight, reason, $2::timestamptz
     from unnest($3::text[], $4::text[], $5::double precision[], $6::text[]) as x(a, b, weight, reason) order by a, b
     on conflict (a, b) do update set weight = excluded.weight, reason = excluded.reason
     where review.state in ('open', 'later') and (review.weight <> excluded.weight or review.reason <> excluded.reason)
     returning a, b, xmax = 0 as fresh`,
    [
      entity,
      at,
      rows.map(({ a }) => a),
      rows.map(({ b }) => b),
      rows.map(({ weight }) => weight),
      rows.map(({ reason }) => reason),
    ],
  );
  const [, written] = await together([deleting, inserting]);
  return written.filter(({ fresh }) => fresh);
}

/** Doubts about two records that have come together since, by a third one: there is nothing left to ask. */
export async function closeReviewsWithin(db: Db, clusters: readonly (readonly string[])[]): Promise<void> {
  const rows = clusters.flatMap((members, home) =>
    members.length < 2 ? [] : members.map((key) => ({ key, home })),
  );
  if (rows.length === 0) return;
  await db.query(
    `with member as (select * from jsonb_to_recordset($1::jsonb) as x(key text, home int))
     delete from review r using member a, member b
     where r.a = a.key and r.b = b.key and a.home = b.home and r.state = 'open'`,
    [json(rows)],
  );
}

/** Records in doubt with these, decided or not. */
export async function reviewedWith(db: Db, records: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ key: string }>(
    `select b as key from review where a = any($1::text[]) and state <> 'apart'
     union select a from review where b = any($1::text[]) and state <> 'apart'`,
    [records],
  );
  return rows.map(({ key }) => key);
}

/** Doubts that wait for a person: of an entity, or (null) of all. */
export async function countReviews(db: Db, entity: string | null): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from review where ($1::text is null or entity = $1) and state = 'open'`,
    [entity],
  );
  return row!.n;
}
