import type { Birth } from '../sync/assign.ts';
import type { StoredRecord } from '../sync/observe.ts';
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

const COLUMNS = `key, connection, object, ext_id as "extId", entity, golden_id as "goldenId", opinions, seen, native, written,
  at, version, wrote_at as "wroteAt", deleted, merged_into as "mergedInto", folded, late, confirm`;

/** What matching and merging look at: a third of a record's size. */
export type MemberRecord = Pick<
  StoredRecord,
  'key' | 'connection' | 'entity' | 'goldenId' | 'opinions' | 'deleted' | 'mergedInto'
> & {
  /** The golden id that was made for it, where it belongs to another by now, or `NOBODY`. */
  bornAs: string | null;
  /** Whom it matches must be worked out again, even if its form for matching is the same. */
  rescore: boolean;
  /** When the webhook arrived that changed it, until it is resolved. */
  since: string | null;
  /** Another one when the record has been changed since it was read. */
  stamp: string;
};
/** What a record is born as that came to a golden record which several had become: not known whose it is. */
export const NOBODY = '';

const MEMBER = `key, connection, entity, golden_id as "goldenId", born_as as "bornAs", opinions, deleted, merged_into as "mergedInto", rescore, since,
  xmin::text as stamp`;

const byKey = (rows: Row[]) =>
  new Map(rows.map((row) => [row.key as string, row as unknown as StoredRecord]));

export async function recordsByKey(db: Db, keys: readonly string[]): Promise<Map<string, StoredRecord>> {
  if (keys.length === 0) return new Map();
  return byKey(await db.query(`select ${COLUMNS} from source_record where key = any($1::text[])`, [keys]));
}

/** What the tool shows of these records, in its own fields. */
export async function nativesOf(
  db: Db,
  keys: readonly string[],
): Promise<Map<string, StoredRecord['native']>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{ key: string; native: StoredRecord['native'] }>(
    `select key, native from source_record where key = any($1::text[]) and not deleted`,
    [keys],
  );
  return new Map(rows.map(({ key, native }) => [key, native]));
}

/** The same, for a transaction that will change them: no other process writes them until it ends. */
export async function lockRecords(db: Db, keys: readonly string[]): Promise<Map<string, StoredRecord>> {
  if (keys.length === 0) return new Map();
  return byKey(
    await db.query(
      `select ${COLUMNS} from source_record where key = any($1::text[]) order by key for update`,
      [keys],
    ),
  );
}

/** Records that their tools folded into these, with what their people had said. */
export async function foldedInto(db: Db, winners: readonly string[]): Promise<StoredRecord[]> {
  if (winners.length === 0) return [];
  const rows = await db.query(
    `select ${COLUMNS} from source_record where merged_into = any($1::text[]) and key in (
       select b from edge where a = any($1::text[]) and origin = 'bond'
       union select a from edge where b = any($1::text[]) and origin = 'bond')
     order by key`,
    [winners],
  );
  return [...byKey(rows).values()].map((record) => ({
    ...record,
    opinions: record.folded ?? record.opinions,
  }));
}

export async function membersByKey(db: Db, keys: readonly string[]): Promise<Map<string, MemberRecord>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query(`select ${MEMBER} from source_record where key = any($1::text[])`, [keys]);
  return new Map(rows.map((row) => [row.key as string, row as unknown as MemberRecord]));
}

/** Every record, deleted ones too, of these golden records, in order of key. */
export async function membersOfGolden(db: Db, goldenIds: readonly string[]): Promise<MemberRecord[]> {
  return (await db.query(
    `select ${MEMBER} from source_record where golden_id = any($1::text[]) order by key`,
    [goldenIds],
  )) as unknown as MemberRecord[];
}

/** What planning looks at: what each tool shows, and what the hub wrote there. */
export type ShownRecord = Omit<StoredRecord, 'opinions'> &
  Pick<MemberRecord, 'bornAs'> & {
    /** Attributes of which the mapping cannot read what the tool shows. */
    unread: string[] | null;
  };
const SHOWN = `${COLUMNS.replace('opinions, ', '')}, born_as as "bornAs",
  (select array_agg(attribute) from unreadable u where u.record = s.key) as unread`;

/** Every record, deleted ones too, of these golden records. */
export async function recordsOfGolden(db: Db, goldenIds: readonly string[]): Promise<StoredRecord[]> {
  if (goldenIds.length === 0) return [];
  const rows = await db.query(
    `select ${COLUMNS} from source_record where golden_id = any($1::text[]) order by key`,
    [goldenIds],
  );
  return [...byKey(rows).values()];
}

/** The same, as planning looks at them. */
export async function shownOfGolden(db: Db, goldenIds: readonly string[]): Promise<ShownRecord[]> {
  if (goldenIds.length === 0) return [];
  return (await db.query(
    `select ${SHOWN} from source_record s where golden_id = any($1::text[]) order by key`,
    [goldenIds],
  )) as unknown as ShownRecord[];
}

/** What live records of a stream show in these fields, without case and spaces around it; what is empty is left out. */
export async function shownIn(
  db: Db,
  connection: string,
  object: string,
  fields: readonly string[],
): Promise<{ key: string; extId: string; field: string; value: string }[]> {
  return db.query(
    `select s.key, s.ext_id as "extId", f.field, lower(btrim(s.native ->> f.field)) as value
     from source_record s cross join unnest($3::text[]) as f(field)
     where s.connection = $1 and s.object = $2 and not s.deleted and s.native ->> f.field <> '' order by s.key`,
    [connection, object, fields],
  );
}

/** What saving says beside the record itself. */
export interface Saving {
  /** It must be resolved again. Never taken back here. */
  dirty: boolean;
  /** false: what changed is nothing that matching looks at beyond its prepared form. Never taken back here. */
  rescore?: boolean;
  /** When the webhook arrived that changed it. The earliest stays. */
  since?: string | null;
}

/** Inserts or replaces, a page at a time. */
export async function saveRecords(db: Db, records: readonly (StoredRecord & Saving)[]): Promise<void> {
  if (records.length === 0) return;
  await db.query(
    `insert into source_record as s (key, connection, object, ext_id, entity, golden_id, opinions, seen, native, written,
       at, version, wrote_at, deleted, merged_into, folded, late, confirm, dirty, rescore, since)
     select key, connection, object, "extId", entity, "goldenId", opinions, seen, native, written,
       at, version, "wroteAt", deleted, "mergedInto", folded, late, confirm, dirty, dirty and coalesce(rescore, true), since
     from jsonb_to_recordset($1::jsonb) as x(key text, connection text, object text, "extId" text, entity text,
       "goldenId" text, opinions jsonb, seen jsonb, native jsonb, written jsonb, at timestamptz, version text,
       "wroteAt" timestamptz, deleted boolean, "mergedInto" text, folded jsonb, late jsonb, confirm boolean, dirty boolean,
       rescore boolean, since timestamptz)
     on conflict (key) do update set entity = excluded.entity, golden_id = coalesce(excluded.golden_id, s.golden_id),
       opinions = excluded.opinions, seen = excluded.seen, native = excluded.native, written = excluded.written,
       at = excluded.at, version = excluded.version, wrote_at = excluded.wrote_at, deleted = excluded.deleted, merged_into = excluded.merged_into,
       folded = excluded.folded, late = excluded.late, confirm = excluded.confirm, dirty = s.dirty or excluded.dirty,
       rescore = s.rescore or excluded.rescore, since = least(s.since, excluded.since)`,
    [json(records)],
  );
}

export interface ReferenceRow {
  record: string;
  attribute: string;
  /** Source key it points to; null removes. */
  target: string | null;
}

export async function saveReferences(db: Db, rows: readonly ReferenceRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `delete from reference r using jsonb_to_recordset($1::jsonb) as x(record text, attribute text, target text)
     where r.record = x.record and r.attribute = x.attribute and r.target is distinct from x.target`,
    [json(rows)],
  );
  await db.query(
    `insert into reference (record, attribute, target)
     select record, attribute, target from jsonb_to_recordset($1::jsonb) as x(record text, attribute text, target text)
     where target is not null on conflict (record, attribute) do nothing`,
    [json(rows)],
  );
}

export interface UnreadableRow {
  record: string;
  attribute: string;
  field: string | null;
  found: string;
  message: string;
}

/** Replaces what could not be read of these records. Where less is unreadable than before, they are resolved again. */
export async function saveUnreadable(
  db: Db,
  records: readonly string[],
  rows: readonly UnreadableRow[],
): Promise<void> {
  if (records.length > 0)
    await db.query(
      `with gone as (delete from unreadable u where u.record = any($1::text[]) and not exists (
         select 1 from jsonb_to_recordset($2::jsonb) as x(record text, attribute text)
         where x.record = u.record and x.attribute = u.attribute) returning u.record)
       update source_record set dirty = true where key in (select record from gone)`,
      [records, json(rows)],
    );
  if (rows.length === 0) return;
  await db.query(
    `insert into unreadable (record, attribute, field, found, message)
     select distinct on (record, attribute) * from jsonb_to_recordset($1::jsonb) as x(record text, attribute text, field text, found text, message text)
     on conflict (record, attribute) do update set field = excluded.field, found = excluded.found, message = excluded.message`,
    [json(rows)],
  );
}

/** Those that a webhook changed come first, so that a backfill never delays them. */
export async function dirtyRecords(db: Db, entity: string, limit: number): Promise<MemberRecord[]> {
  return (await db.query(
    `select ${MEMBER} from source_record where entity = $1 and dirty order by since, key limit $2`,
    [entity, limit],
  )) as unknown as MemberRecord[];
}

export async function countDirty(db: Db, entity: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*) as n from source_record where entity = $1 and dirty`,
    [entity],
  );
  return row!.n;
}

export async function markDirty(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length > 0)
    await db.query(`update source_record set dirty = true, rescore = true where key = any($1::text[])`, [
      keys,
    ]);
}

/** Records whose reference, or pin on a reference, points to one of these: their golden value must be worked out again. */
export async function markReferrersDirty(db: Db, targets: readonly string[]): Promise<void> {
  if (targets.length === 0) return;
  await db.query(
    `update source_record set dirty = true
     where key in (select record from reference where target = any($1::text[])
       union select a from decision where kind = 'pin' and undone_at is null and b = any($1::text[]))`,
    [targets],
  );
}

/** Records that were read twice, as they are now, with the stamps of their first reading. */
export function stampedAs(
  first: readonly MemberRecord[],
  now: Iterable<MemberRecord>,
): Map<string, MemberRecord> {
  const stamps = new Map(first.map(({ key, stamp }) => [key, stamp]));
  return new Map(
    [...now].map((record) => [record.key, { ...record, stamp: stamps.get(record.key) ?? record.stamp }]),
  );
}

export interface SettledRow {
  key: string;
  /** Of the reading that the step worked with. */
  stamp: string;
  goldenId: string;
  birth: Birth;
  clean: boolean;
}

/**
 * After a resolve step: where each record belongs. What somebody changed while the step worked stays dirty: the step may not have
 * seen it.
 */
export async function settleRecords(db: Db, rows: readonly SettledRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update source_record s set golden_id = x."goldenId",
       born_as = case x.birth when 'here' then null when 'unknown' then $2
         else nullif(coalesce(s.born_as, s.golden_id, x."goldenId"), x."goldenId") end,
       dirty = s.dirty and not (x.clean and s.xmin::text = x.stamp),
       rescore = s.rescore and not (x.clean and s.xmin::text = x.stamp),
       since = case when not (x.clean and s.xmin::text = x.stamp) then s.since end
     from jsonb_to_recordset($1::jsonb) as x(key text, stamp text, "goldenId" text, birth text, clean boolean)
     where s.key = x.key`,
    [json(rows), NOBODY],
  );
}

/** Records of an entity that no golden record has yet. */
export async function unmatchedRecords(db: Db, entity: string, limit: number): Promise<StoredRecord[]> {
  const rows = await db.query(
    `select ${COLUMNS} from source_record where entity = $1 and golden_id is null and dirty order by key limit $2`,
    [entity, limit],
  );
  return [...byKey(rows).values()];
}

/** Records written to whose tool did not tell what it made of the write. */
export async function unconfirmed(
  db: Db,
  connection: string,
  object: string,
  limit: number,
): Promise<StoredRecord[]> {
  const rows = await db.query(
    `select ${COLUMNS} from source_record where connection = $1 and object = $2 and confirm order by key limit $3`,
    [connection, object, limit],
  );
  return [...byKey(rows).values()];
}

/** They were looked for, and the tool did not show them. */
export async function lookedInVain(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length > 0)
    await db.query(`update source_record set confirm = false where key = any($1::text[]) and confirm`, [
      keys,
    ]);
}

/** Source key → golden id (aliases never appear here: a merge moves its records). */
export async function goldenOfKeys(db: Db, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{ key: string; golden_id: string }>(
    `select key, golden_id from source_record where key = any($1::text[]) and golden_id is not null`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row.golden_id]));
}

/** The live records that golden records have in one stream: golden id → keys, smallest first. */
export async function keysInStream(
  db: Db,
  connection: string,
  object: string,
  goldenIds: readonly string[],
): Promise<Map<string, { key: string; extId: string }[]>> {
  const found = new Map<string, { key: string; extId: string }[]>();
  if (goldenIds.length === 0) return found;
  const rows = await db.query<{ key: string; ext_id: string; golden_id: string }>(
    `select key, ext_id, golden_id from source_record
     where connection = $1 and object = $2 and golden_id = any($3::text[]) and not deleted order by key`,
    [connection, object, goldenIds],
  );
  for (const row of rows) {
    const list = found.get(row.golden_id) ?? [];
    list.push({ key: row.key, extId: row.ext_id });
    found.set(row.golden_id, list);
  }
  return found;
}
