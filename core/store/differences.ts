/** What a reconcile found: no values, only where, which class, and why. */
import type { Db } from './db.ts';
import { json } from './json.ts';

export interface DifferenceRow {
  mapping: string;
  /** Source key; '' where the tool has no record yet. */
  record: string;
  goldenId: string | null;
  /** '' for the record as a whole. */
  attribute: string;
  class: string;
  reason: string;
  /** Of a record that the hub does not know: its fields without the hub's own id, to be digested here. */
  fields?: unknown;
}

export interface FoundDifference extends Omit<DifferenceRow, 'fields'> {
  id: number;
}

export interface Compared {
  mapping: string;
  /** '' counts whole records. */
  attribute: string;
  records: number;
  equal: number;
}

export async function addDifferences(
  db: Db,
  reconcile: string,
  rows: readonly DifferenceRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into difference (reconcile, mapping, record, golden_id, attribute, class, reason, shape)
     select $2, mapping, record, "goldenId", attribute, class, reason, case when fields is not null then md5(fields::text) end
     from jsonb_to_recordset($1::jsonb) as x(mapping text, record text, "goldenId" text, attribute text, class text, reason text,
       fields jsonb)`,
    [json(rows), reconcile],
  );
}

export async function addCompared(db: Db, reconcile: string, rows: readonly Compared[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into compared as c (reconcile, mapping, attribute, records, equal)
     select $2, mapping, attribute, records, equal
     from jsonb_to_recordset($1::jsonb) as x(mapping text, attribute text, records int, equal int)
     on conflict (reconcile, mapping, attribute) do update set records = c.records + excluded.records,
       equal = c.equal + excluded.equal`,
    [json(rows), reconcile],
  );
}

export async function comparedOf(db: Db, reconcile: string): Promise<Compared[]> {
  return (await db.query(
    `select mapping, attribute, records, equal from compared where reconcile = $1 order by mapping, attribute`,
    [reconcile],
  )) as unknown as Compared[];
}

/** Remembers which records the tool has shown. Returns those that it had not shown before. */
export async function addSightings(db: Db, reconcile: string, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await db.query<{ key: string }>(
    `insert into sighting (reconcile, key) select $1, unnest($2::text[]) on conflict do nothing returning key`,
    [reconcile, [...new Set(keys)]],
  );
  return new Set(rows.map(({ key }) => key));
}

export async function forgetSightings(db: Db, reconcile: string): Promise<void> {
  // Without autovacuum rows that are deleted keep their room, and each reading of a file has as many as it has rows.
  if (db.driver === 'pglite') {
    const [others] = await db.query<{ any: boolean }>(
      `select exists(select from sighting where reconcile < $1) or exists(select from sighting where reconcile > $1) as any`,
      [reconcile],
    );
    if (!others!.any) {
      await db.query(`truncate sighting`);
      return;
    }
  }
  await db.query(`delete from sighting where reconcile = $1`, [reconcile]);
}

/** Records of a stream that live as far as the hub knows, and that the tool has not shown: a page, in order of key. */
export async function unseenPage(
  db: Db,
  reconcile: string,
  stream: { connection: string; object: string },
  after: string,
  limit: number,
): Promise<{ key: string; extId: string }[]> {
  return db.query(
    `select s.key, s.ext_id as "extId" from source_record s
     where s.connection = $2 and s.object = $3 and not s.deleted and s.key > $4
       and not exists (select 1 from sighting x where x.reconcile = $1 and x.key = s.key)
     order by s.key limit $5`,
    [reconcile, stream.connection, stream.object, after, limit],
  );
}

/** How many records `unseenPage` has in all. */
export async function countUnseen(
  db: Db,
  reconcile: string,
  stream: { connection: string; object: string },
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from source_record s where s.connection = $2 and s.object = $3 and not s.deleted
       and not exists (select 1 from sighting x where x.reconcile = $1 and x.key = s.key)`,
    [reconcile, stream.connection, stream.object],
  );
  return row!.n;
}

/** Which of these records wait to be matched. */
export async function dirtyAmong(db: Db, keys: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ key: string }>(
    `select key from source_record where key = any($1::text[]) and dirty`,
    [keys],
  );
  return new Set(rows.map(({ key }) => key));
}

/**
 * Strangers in the tool that carry the hub's id of a golden record, or are field for field what the hub wrote into another record
 * there: made twice, unless that other one is gone, and they are what became of it. Called when a stream has been swept.
 */
export async function markTwins(
  db: Db,
  reconcile: string,
  {
    mapping,
    connection,
    object,
    idField,
  }: { mapping: string; connection: string; object: string; idField: string | undefined },
): Promise<void> {
  const twins = (alike: string) => `update difference d set class = 'created-twice', golden_id = s.golden_id,
       reason = case when d.golden_id is null then 'shows, field for field, what the hub wrote into '
         else 'carries the id of the golden record whose record here is ' end || s.key
     from source_record s
     where d.reconcile = $1 and d.mapping = $2 and d.class in ('orphan', 'unread') and d.shape is not null
       and s.connection = $3 and s.object = $4 and not s.deleted and s.written <> '{}' and ${alike}
       and not exists (select 1 from difference x where x.reconcile = $1 and x.record = s.key
         and x.class in ('missed-delete', 'missed-merge', 'lost'))`;
  const stream = [reconcile, mapping, connection, object];
  await db.query(twins('s.golden_id = d.golden_id'), stream);
  await db.query(twins('md5((s.native - $5::text)::text) = d.shape'), [...stream, idField ?? '']);
}

export async function countClasses(
  db: Db,
  reconcile: string,
): Promise<{ mapping: string; class: string; n: number }[]> {
  return db.query(
    `select mapping, class, count(*)::int as n from difference where reconcile = $1 group by mapping, class
     order by mapping, n desc, class`,
    [reconcile],
  );
}

/** A page in order of finding; of these classes, or all. */
export async function differencePage(
  db: Db,
  reconcile: string,
  after: number,
  limit: number,
  classes: readonly string[] | null = null,
): Promise<FoundDifference[]> {
  return (await db.query(
    `select id, mapping, record, golden_id as "goldenId", attribute, class, reason from difference
     where reconcile = $1 and id > $2 and ($4::text[] is null or class = any($4::text[])) order by id limit $3`,
    [reconcile, after, limit, classes],
  )) as unknown as FoundDifference[];
}
