/**
 * What guards weigh: what has happened since a run last passed them, whichever runs and webhooks did it. A halt lasts until
 * somebody approves it, because what it counted stays here.
 */
import type { Db } from './db.ts';
import { json } from './json.ts';

/**
 * kind     scope      subject      of
 * joined   entity     source key   the golden record that it came to
 * passed   entity     sync         ''   when a run of the sync last passed its guards: what had joined by then is over for it
 * deleted  mapping    source key   ''
 * missing  mapping    ''           how many the hub held, n: how many of them a full read did not show
 * written  sync       golden id    '', or 'delete' where a record of it was deleted   (by webhooks' writes, and what came
 *                                                                                       while a run delivered)
 * weighed  run        golden id    ''   what was to be written when the run came to its guards
 */
export interface Tally {
  scope: string;
  kind: 'joined' | 'deleted' | 'missing' | 'written' | 'weighed' | 'passed';
  subject: string;
  of?: string;
  n?: number;
}

/**
 * Counts each subject once; the newest says when, and of what. Of what is missing the first says of how many: what another
 * account showed meanwhile is no part of what the hub held.
 */
export async function tally(db: Db, rows: readonly Tally[], at: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into tally (scope, kind, subject, of, n, at)
     select distinct on (scope, kind, subject) scope, kind, subject, coalesce(of, ''), coalesce(n, 1), $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(scope text, kind text, subject text, of text, n int)
     on conflict (scope, kind, subject) do update set n = excluded.n, at = excluded.at,
       of = case when tally.kind = 'missing' or (tally.kind = 'written' and tally.of <> '') then tally.of else excluded.of end`,
    [json(rows), at],
  );
}

/** What a full read did not show is known anew: it showed enough this time. */
export async function forgetMissing(db: Db, mapping: string): Promise<void> {
  await db.query(`delete from tally where scope = $1 and kind = 'missing'`, [mapping]);
}

export interface Gone {
  mapping: string;
  deleted: number;
  missing: number;
  /** Of so many. */
  held: number;
}

/** By mapping: records that its tool reported deleted (and that are), and those that its last full read did not show. */
export async function goneOf(db: Db, mappings: readonly string[]): Promise<Gone[]> {
  return (await db.query(
    `select t.scope as mapping, count(*) filter (where t.kind = 'deleted')::int as deleted,
       coalesce(sum(t.n) filter (where t.kind = 'missing'), 0)::int as missing,
       coalesce(max(t.of) filter (where t.kind = 'missing'), '0')::int as held
     from tally t left join source_record s on t.kind = 'deleted' and s.key = t.subject
     where t.scope = any($1::text[])
       and (t.kind = 'missing' or (t.kind = 'deleted' and s.deleted and s.merged_into is null))
     group by t.scope order by t.scope`,
    [mappings],
  )) as unknown as Gone[];
}

/**
 * The golden record that most records came to since a run of this sync last passed its guards, if they are more than `most`, and how many
 * golden records did so.
 */
export async function mostGrown(
  db: Db,
  entity: string,
  sync: string,
  most: number,
): Promise<{ golden: string; joined: number; others: number } | undefined> {
  const rows = await db.query<{ golden: string; joined: number }>(
    `select t.of as golden, count(*)::int as joined from tally t join source_record s on s.key = t.subject and s.golden_id = t.of
     where t.scope = $1 and t.kind = 'joined'
       and t.at > coalesce((select at from tally where scope = $1 and kind = 'passed' and subject = $2), '-infinity')
     group by t.of having count(*) > $3 order by count(*) desc, t.of limit 1000`,
    [entity, sync, most],
  );
  return rows[0] && { ...rows[0], others: rows.length - 1 };
}

/** Golden records that some tool is to be told about, and those that webhooks of the sync had written since. */
export async function countChanging(
  db: Db,
  mappings: readonly string[],
  sync: string,
  since: string,
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from (
       select golden_id from outbox where mapping = any($1::text[]) and state in ('pending', 'waiting')
       union select subject from tally where scope = $2 and kind = 'written' and at > $3::timestamptz) changing`,
    [mappings, sync, since],
  );
  return row!.n;
}

/** Records that would be deleted in some tool, and golden records of which webhooks of the sync had some deleted since. */
export async function countDeleting(
  db: Db,
  mappings: readonly string[],
  sync: string,
  since: string,
): Promise<{ pending: number; done: number }> {
  const [row] = await db.query<{ pending: number; done: number }>(
    `select (select count(*)::int from outbox where mapping = any($1::text[]) and op = 'delete' and state = 'pending') as pending,
       (select count(*)::int from tally where scope = $2 and kind = 'written' and of = 'delete' and at > $3::timestamptz) as done`,
    [mappings, sync, since],
  );
  return row!;
}

/** Records of a stream that live, as far as the hub knows. */
export async function countLive(db: Db, connection: string, object: string): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from source_record where connection = $1 and object = $2 and not deleted`,
    [connection, object],
  );
  return row!.n;
}

/**
 * A run has passed its guards: what it weighed is over. What joined stays for the other syncs of the entity, until they have passed
 * too. What webhooks wrote is weighed by the hour, so that frequent runs do not let it through in portions; an approval ends that too.
 */
export async function settleTally(
  db: Db,
  passed: { entity: string; mappings: readonly string[]; sync: string; at: string; writtenUntil: string },
): Promise<void> {
  await tally(db, [{ scope: passed.entity, kind: 'passed', subject: passed.sync }], passed.at);
  await db.query(
    `delete from tally where (scope = any($2::text[]) and kind in ('deleted', 'missing'))
       or (scope = $3 and kind = 'written' and at <= $4::timestamptz)
       or (scope = $1 and kind = 'joined' and at <= (select min(at) from tally where scope = $1 and kind = 'passed'))`,
    [passed.entity, passed.mappings, passed.sync, passed.writtenUntil],
  );
}

/** Remembers what is to be written now, so that what comes later can be told from it. */
export async function weighPending(
  db: Db,
  run: string,
  mappings: readonly string[],
  at: string,
): Promise<void> {
  await db.query(
    `insert into tally (scope, kind, subject, at) select distinct $1, 'weighed', golden_id, $3::timestamptz
     from outbox where mapping = any($2::text[]) and state in ('pending', 'waiting') on conflict do nothing`,
    [run, mappings, at],
  );
}

/**
 * Golden records that came into the outbox since, and that the run has not weighed, count as written from here on. Returns how many
 * there were, and how many count as written since `window`.
 */
export async function weighNew(
  db: Db,
  run: { id: string; sync: string },
  mappings: readonly string[],
  { since, window, at }: { since: string; window: string; at: string },
): Promise<{ fresh: number; written: number }> {
  const fresh = await db.query(
    `insert into tally (scope, kind, subject, at) select distinct $2, 'written', o.golden_id, $5::timestamptz
     from outbox o where o.mapping = any($3::text[]) and o.state in ('pending', 'waiting') and o.created_at > $4::timestamptz
       and not exists (select from tally w where w.scope = $1 and w.kind = 'weighed' and w.subject = o.golden_id)
     on conflict (scope, kind, subject) do update set at = excluded.at returning 1`,
    [run.id, run.sync, mappings, since, at],
  );
  if (fresh.length === 0) return { fresh: 0, written: 0 };
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from tally where scope = $1 and kind = 'written' and at > $2::timestamptz`,
    [run.sync, window],
  );
  return { fresh: fresh.length, written: row!.n };
}

/** The run has ended. */
export async function forgetWeighed(db: Db, run: string): Promise<void> {
  await db.query(`delete from tally where scope = $1 and kind = 'weighed'`, [run]);
}

/** Called by sweeps. */
export async function pruneWritten(db: Db, before: Date): Promise<void> {
  // A sync that has not run for so long, or is no more, must not keep what joined for ever.
  await db.query(
    `delete from tally where (kind in ('written', 'weighed') and at < $1::timestamptz)
       or (kind in ('joined', 'passed') and at < $1::timestamptz - interval '60 days')`,
    [before.toISOString()],
  );
}
