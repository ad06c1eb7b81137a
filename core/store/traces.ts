/** Everything that the hub's tables hold of a golden record, taken out of them. Called where somebody is erased. */
import type { Model } from '../match/model.ts';
import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import type { HistoryRow } from './goldens.ts';
import { json } from './json.ts';
import { NOBODY } from './records.ts';

/** A golden record with its aliases, and the source keys of its records. */
export interface Whose {
  goldenIds: readonly string[];
  records: readonly string[];
}

/**
 * Writes that are not under way, then what tools refused: a write that is being prepared meanwhile is waited for, and its refusals
 * are seen. What is under way goes when its answer has come.
 */
export async function forgetWrites(tx: Db, { goldenIds, records }: Whose): Promise<void> {
  await tx.query(
    `delete from outbox where (golden_id = any($1::text[]) or target = any($2::text[])) and state not in ('sending', 'unknown')`,
    [goldenIds, records],
  );
  await tx.query(`delete from refusal where golden_id = any($1::text[]) or target = any($2::text[])`, [
    goldenIds,
    records,
  ]);
}

/** The records themselves, what they are matched by, and what was decided or asked about them. */
export async function forgetRecords(tx: Db, { goldenIds, records }: Whose): Promise<void> {
  await tx.query(`delete from reference where record = any($1::text[]) or target = any($1::text[])`, [
    records,
  ]);
  await tx.query(`delete from match_key where record = any($1::text[])`, [records]);
  await tx.query(`delete from edge where a = any($1::text[]) or b = any($1::text[])`, [records]);
  await tx.query(`delete from review where a = any($1::text[]) or b = any($1::text[])`, [records]);
  await tx.query(`delete from unreadable where record = any($1::text[])`, [records]);
  await tx.query(`delete from tool_merge where winner = any($1::text[]) or loser = any($1::text[])`, [
    records,
  ]);
  await tx.query(`delete from deletion where record = any($1::text[])`, [records]);
  await tx.query(`delete from tally where subject = any($1::text[]) or of = any($1::text[])`, [
    [...records, ...goldenIds],
  ]);
  await tx.query(`delete from permit where target = any($1::text[]) or anchor = any($1::text[])`, [records]);
  await tx.query(`delete from shown_write where golden_id = any($1::text[])`, [goldenIds]);
  await tx.query(`delete from sighting where key = any($1::text[])`, [records]);
  await tx.query(`delete from difference where record = any($1::text[]) or golden_id = any($2::text[])`, [
    records,
    goldenIds,
  ]);
  await tx.query(`delete from flip where record = any($1::text[])`, [records]);
  await tx.query(
    `with gone as (delete from source_record where key = any($1::text[]) or golden_id = any($2::text[]) returning key)
     delete from match_form where record in (select key from gone)`,
    [records, goldenIds],
  );
  await tx.query(`update source_record set born_as = $2 where born_as = any($1::text[])`, [
    goldenIds,
    NOBODY,
  ]);
}

/** What people have pinned on these records, at any time. */
export async function pinnedOn(
  tx: Db,
  records: readonly string[],
): Promise<{ attribute: string; value: Value }[]> {
  return tx.query<{ attribute: string; value: Value }>(
    `select distinct attribute, value from decision where kind = 'pin' and a = any($1::text[]) and b is null`,
    [records],
  );
}

/**
 * Decisions about these records; an act of which nothing is left goes too. Of one that concerns others as well, its words and its
 * value are forgotten.
 */
export async function forgetDecisions(tx: Db, { goldenIds, records }: Whose): Promise<void> {
  const rows = await tx.query<{ act: string | null }>(
    `delete from decision where a = any($1::text[]) or b = any($1::text[]) returning act`,
    [records],
  );
  const acts = [...new Set(rows.flatMap(({ act }) => act ?? []))];
  const words = [...goldenIds, ...records];
  await tx.query(
    `delete from act where (id = any($1::text[]) or asked ?| $2::text[]) and not exists (select 1 from decision d where d.act = act.id)`,
    [acts, words],
  );
  await tx.query(
    `update act set asked = asked - $2::text[], value = null, reason = null where id = any($1::text[]) or asked ?| $2::text[]`,
    [acts, words],
  );
}

/** Answers kept for repeated requests, and plans, that name one of these. */
export async function forgetAnswers(tx: Db, { goldenIds, records }: Whose): Promise<void> {
  const words = [...goldenIds, ...records];
  const names = (column: string) =>
    `exists (select 1 from unnest($1::text[]) as w where strpos(${column}::text, w) > 0)`;
  await tx.query(`delete from idempotency where ${names('answer')}`, [words]);
  await tx.query(`delete from planned_write where ${names('body')}`, [words]);
}

/** The golden records themselves, their history, and those that had become them. */
export async function forgetGoldens(tx: Db, goldenIds: readonly string[]): Promise<void> {
  await tx.query(`delete from history where golden_id = any($1::text[])`, [goldenIds]);
  await tx.query(`delete from golden where id = any($1::text[])`, [goldenIds]);
}

/** The history of golden records that once were one with these, and are not any more, and of whom those became; in order. */
export async function relatedHistory(
  tx: Db,
  { goldenIds, records }: Whose,
): Promise<(HistoryRow & { id: number })[]> {
  return (await tx.query(
    `with recursive related as (
       select golden_id from history h where kind in ('merged', 'split')
         and exists (select 1 from unnest($1::text[]) as w where strpos(h.detail::text, w) > 0)
       union select h.detail ->> 'into' from history h join related r on r.golden_id = h.golden_id
         where h.kind = 'merged' and h.detail ? 'into')
     select id, golden_id as "goldenId", entity, version, kind, detail, at from history
     where golden_id in (select golden_id from related) and golden_id <> all($2::text[]) order by id`,
    [[...goldenIds, ...records], goldenIds],
  )) as unknown as (HistoryRow & { id: number })[];
}

export async function rewriteHistory(
  tx: Db,
  rows: readonly { id: number; detail: unknown }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `update history h set detail = x.detail from jsonb_to_recordset($1::jsonb) as x(id bigint, detail jsonb) where h.id = x.id`,
    [json(rows)],
  );
}

export interface InboxRef {
  connection: string;
  object: string;
  extId: string;
}

/**
 * What webhooks said of these records, or of anybody by one of these words; the rest of each webhook stays. One that a process has in
 * hand is left to it: it blocks them itself. `ids`: only of these rows, whoever has them.
 */
export async function forgetWebhooks(
  tx: Db,
  refs: readonly InboxRef[],
  words: readonly string[],
  ids?: readonly string[],
): Promise<void> {
  const about = `(exists (select 1 from jsonb_to_recordset($1::jsonb) as x(connection text, object text, "extId" text)
       where x.connection = i.connection and x.object = c->>'stream' and x."extId" = c->>'id')
     or exists (select 1 from unnest($2::text[]) as w where strpos(c::text, w) > 0))`;
  await tx.query(
    `update inbox i set reason = null,
       changes = coalesce((select jsonb_agg(c order by n) from jsonb_array_elements(i.changes) with ordinality as e(c, n) where not ${about}), '[]')
     where ${ids === undefined ? `owner is null and $3::text[] is null` : `id = any($3::text[])`}
       and exists (select 1 from jsonb_array_elements(i.changes) as c where ${about})`,
    [json(refs), words.map((word) => json(word).slice(1, -1)), ids ?? null],
  );
}

const SPOKEN: readonly [table: string, column: string, type: 'text' | 'jsonb'][] = [
  ['run', 'reasons', 'jsonb'],
  ['run', 'streams', 'jsonb'],
  ['run', 'memory', 'jsonb'],
  ['outbox', 'error', 'jsonb'],
  ['refusal', 'message', 'text'],
  ['unreadable', 'message', 'text'],
  ['message', 'error', 'text'],
  ['message_attempt', 'error', 'text'],
  ['alert', 'error', 'text'],
  ['inbox', 'reason', 'text'],
  ['connection', 'reason', 'text'],
  ['feed', 'reason', 'text'],
  ['endpoint', 'reason', 'text'],
  ['audit', 'target', 'text'],
  ['act', 'reason', 'text'],
];

/** Where people's reasons are repeated: acts that joined or parted somebody. */
const MOVED = `kind in ('merged', 'split')`;

/** What tools and people said in free text that has one of these words in it: the words are taken out. */
export async function forgetWords(tx: Db, words: readonly string[]): Promise<void> {
  await forgetInJson(tx, { table: 'history', column: 'detail', only: MOVED }, words);
  for (const [table, column, type] of SPOKEN)
    if (type === 'jsonb') await forgetInJson(tx, { table, column, only: 'true' }, words);
    else
      for (const word of words)
        await tx.query(
          `update ${table} set ${column} = replace(${column}, $1, $2) where strpos(${column}, $1) > 0`,
          [word, ERASED],
        );
}

const ERASED = '(erased)';

/** In texts alone: a phone number may be a count's digits as well, and JSON with a word in their place is none. */
async function forgetInJson(
  tx: Db,
  { table, column, only }: { table: string; column: string; only: string },
  words: readonly string[],
): Promise<void> {
  const rows = await tx.query<{ row: string; said: unknown }>(
    `select ctid::text as row, ${column} as said from ${table} where ${only}
       and exists (select 1 from unnest($1::text[]) as w where strpos(${column}::text, w) > 0) for update`,
    [words.map((word) => json(word).slice(1, -1))],
  );
  if (rows.length === 0) return;
  await tx.query(
    `update ${table} t set ${column} = x.said from jsonb_to_recordset($1::jsonb) as x("row" text, said jsonb) where t.ctid = x."row"::tid`,
    [json(rows.map(({ row, said }) => ({ row, said: withoutWords(said, words) })))],
  );
}

const without = (text: string, words: readonly string[]) =>
  words.reduce((rest, word) => rest.replaceAll(word, ERASED), text);

function withoutWords(said: unknown, words: readonly string[]): unknown {
  if (typeof said === 'string') return without(said, words);
  if (Array.isArray(said)) return said.map((one) => withoutWords(one, words));
  if (typeof said !== 'object' || said === null) return said;
  // Source keys are names of fields too; other names are the hub's own.
  return Object.fromEntries(
    Object.entries(said).map(([name, one]) => [
      name.includes('/') ? without(name, words) : name,
      withoutWords(one, words),
    ]),
  );
}

export async function modelsOf(
  tx: Db,
  entity: string,
): Promise<{ entity: string; version: number; model: Model }[]> {
  return tx.query(`select entity, version, model from match_model where entity = $1`, [entity]);
}

export async function saveModels(
  tx: Db,
  rows: readonly { entity: string; version: number; model: Model }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `update match_model m set model = x.model from jsonb_to_recordset($1::jsonb) as x(entity text, version int, model jsonb)
     where m.entity = x.entity and m.version = x.version`,
    [json(rows)],
  );
}
