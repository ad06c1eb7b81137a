import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import type { ReviewRow } from './matching.ts';
import type { UnreadableRow } from './records.ts';

/** A record that some words of a user may mean. */
export interface Named {
  key: string;
  goldenId: string | null;
}

const NAMED = `key, golden_id as "goldenId"`;
/** More than anybody can choose from. */
const MOST = 20;

/** Records whose id in their tool is, or begins with, this text: Salesforce shows 15 of its 18 characters. */
export async function recordsByToolId(db: Db, id: string): Promise<Named[]> {
  const exact = await db.query(`select ${NAMED} from source_record where ext_id = $1 order by key limit $2`, [
    id,
    MOST,
  ]);
  if (exact.length > 0 || id.length < 6) return exact as unknown as Named[];
  return (await db.query(
    `select ${NAMED} from source_record where left(ext_id, length($1::text)) = $1 order by key limit $2`,
    [id, MOST],
  )) as unknown as Named[];
}

/** Records where a tool shows, or somebody wrote, this address in any attribute named `email`. */
export async function recordsByEmail(db: Db, email: string): Promise<Named[]> {
  return (await db.query(
    `select ${NAMED} from source_record where lower(seen->>'email') = $1 or lower(opinions->'email'->>'value') = $1
     order by key limit $2`,
    [email.toLowerCase(), MOST],
  )) as unknown as Named[];
}

/** Golden ids that begin with this text. */
export async function goldensByPrefix(db: Db, prefix: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from golden where left(id, length($1::text)) = $1 order by id limit $2`,
    [prefix, MOST],
  );
  return rows.map((row) => row.id);
}

/** Golden ids that became this one. */
export async function aliasesOf(db: Db, goldenId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `with recursive tree as (select id from golden where alias_of = $1
       union select g.id from golden g join tree t on g.alias_of = t.id)
     select id from tree order by id`,
    [goldenId],
  );
  return rows.map((row) => row.id);
}

/** Those of the records that are yet to be matched: as they came, or as they are now. */
export async function waitingAmong(db: Db, records: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ key: string }>(
    `select key from source_record where key = any($1::text[]) and (dirty or golden_id is null) order by key`,
    [records],
  );
  return rows.map(({ key }) => key);
}

/** Open doubts that touch these records. */
export async function reviewsAbout(db: Db, records: readonly string[]): Promise<ReviewRow[]> {
  if (records.length === 0) return [];
  return (await db.query(
    `select a, b, weight, reason from review
     where state = 'open' and (a = any($1::text[]) or b = any($1::text[])) order by weight desc, a, b`,
    [records],
  )) as unknown as ReviewRow[];
}

export async function unreadableOf(db: Db, records: readonly string[]): Promise<UnreadableRow[]> {
  if (records.length === 0) return [];
  return (await db.query(
    `select record, attribute, field, found, message from unreadable where record = any($1::text[])
     order by record, attribute`,
    [records],
  )) as unknown as UnreadableRow[];
}

/** What a reference's golden id is called: its name, or family and given name. */
export async function namesOf(db: Db, goldenIds: readonly string[]): Promise<Map<string, string>> {
  if (goldenIds.length === 0) return new Map();
  const rows = await db.query<{ id: string; values: Record<string, Value> }>(
    `select id, values from golden where id = any($1::text[])`,
    [goldenIds],
  );
  return new Map(rows.map(({ id, values }) => [id, displayName(values)]));
}

export function displayName(values: Readonly<Record<string, Value>>): string {
  const text = (name: string) => (typeof values[name] === 'string' ? (values[name] as string) : '');
  const parts = [text('familyName'), text('givenName')].filter((part) => part !== '');
  return text('name') || parts.join(' ') || text('fullName') || text('email');
}
