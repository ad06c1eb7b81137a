/** The fast lane's clock, what it must know before it writes, and how its statements are planned. */
import type { Db } from './db.ts';
import { json } from './json.ts';

/**
 * In a transaction whose statements are look-ups by key, and carried out all the time: from here on each is planned once. A server would
 * plan it anew for every list of keys, which takes longer than to carry it out. The embedded database does not look at its tables by
 * itself, so that a plan would never be another as they grow: it goes on planning.
 */
export async function keepPlans(tx: Db): Promise<void> {
  if (tx.driver === 'pg') await tx.query(`set local plan_cache_mode = force_generic_plan`);
}

export interface WrittenBack {
  mapping: string;
  /** From a webhook's arrival to the tool's answer to the write that carries it. */
  milliseconds: number;
}

/** Called in the transaction that settles a delivery. */
export async function saveWrittenBack(db: Db, rows: readonly WrittenBack[], at: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into written_back (mapping, at, milliseconds)
     select mapping, $2::timestamptz, milliseconds from jsonb_to_recordset($1::jsonb) as x(mapping text, milliseconds bigint)`,
    [json(rows), at],
  );
}

/** How long webhooks took to be written back: milliseconds that half, 95% and 99% of the writes stayed within. */
export interface Clock {
  writes: number;
  p50: number;
  p95: number;
  p99: number;
}

/** Of these mappings, since this time. undefined: no webhook was written back. */
export async function clockOf(
  db: Db,
  mappings: readonly string[],
  since: string,
): Promise<Clock | undefined> {
  const [row] = await db.query<{ n: number; p: number[] | null }>(
    `select count(*) as n, to_jsonb(percentile_disc(array[0.5, 0.95, 0.99]) within group (order by milliseconds)) as p
     from written_back where mapping = any($1::text[]) and at >= $2::timestamptz`,
    [mappings, since],
  );
  if (!row?.p || row.n === 0) return undefined;
  const [p50, p95, p99] = row.p as [number, number, number];
  return { writes: row.n, p50, p95, p99 };
}

export async function pruneWrittenBack(db: Db, before: Date): Promise<void> {
  await db.query(`delete from written_back where at < $1::timestamptz`, [before.toISOString()]);
}

export interface LaneFacts {
  /** Mappings whose stream was never read to its end. */
  unread: string[];
  /**
   * The newest run that has ended and had come to its guards, and how many golden records it counted: one that broke off before lifts
   * no halt. Plans do not count.
   */
  last: { id: string; status: string; golden: number } | null;
  /** Owners of runs in hand. */
  running: string[];
  /** A run is between two steps, in nobody's hands. */
  leased: boolean;
  /** A run came to the end of its deliveries once. */
  delivered: boolean;
  /** Golden records that some tool is to be told about. */
  changing: number;
  /** Golden records that webhooks had written within the guards' window. */
  written: number;
}

/** Everything that decides whether a sync may write at once, in one look. */
export async function laneFacts(
  db: Db,
  sync: string,
  reads: readonly string[],
  writes: readonly string[],
  since: string,
): Promise<LaneFacts> {
  const [row] = await db.query(
    `select
       array(select m from unnest($2::text[]) m
         where not exists (select 1 from cursor c where c.mapping = m and c.complete)) as unread,
       (select jsonb_build_object('id', id, 'status', status, 'golden', coalesce((counts->>'golden')::int, 0)) from run
         where sync = $1 and mode <> 'plan' and status <> 'running'
           and (status = 'halted' or (memory->>'guarded')::boolean) order by started_at desc, id desc limit 1) as last,
       array(select owner from run where sync = $1 and mode <> 'plan' and status = 'running' and owner is not null) as running,
       exists(select 1 from run where sync = $1 and mode <> 'plan' and status = 'running' and owner is null
         and lease_until > clock_timestamp()) as leased,
       exists(select 1 from run where sync = $1 and mode <> 'plan' and delivered) as delivered,
       (select count(distinct golden_id) from outbox
         where mapping = any($3::text[]) and state in ('pending', 'waiting')) as changing,
       (select count(*)::int from tally where scope = $1 and kind = 'written' and at > $4::timestamptz) as written`,
    [sync, reads, writes, since],
  );
  return row as unknown as LaneFacts;
}
