import type { Db, Row } from './db.ts';
import { json } from './json.ts';
import type { Reason } from './runs.ts';

/** Where the sweep of one stream stands. */
export interface SweepState {
  mapping: string;
  phase: 'read' | 'unseen' | 'done';
  cursor: unknown;
  /** The last unseen record that was looked up. */
  after: string;
  read: number;
  failed?: Reason;
}

/** What the next step must know, in whatever process it happens. */
export interface ReconcileState {
  phase: 'sweep' | 'golden' | 'repair' | 'done';
  streams: SweepState[];
  /** The last golden record looked at, or difference repaired. */
  after: string;
  repaired: number;
  /** Why it rests: a budget is spent. The next call goes on. */
  rests?: Reason;
  /** The run that delivered what was repaired. */
  run: string | null;
}

export interface ReconcileRow {
  id: string;
  sync: string;
  status: 'running' | 'complete' | 'incomplete';
  repair: boolean;
  state: ReconcileState;
  reasons: Reason[];
  apiCalls: Record<string, number>;
  owner: string | null;
  startedAt: string;
  endedAt: string | null;
}

const COLUMNS = `id, sync, status, repair, state, reasons, api_calls as "apiCalls", owner, started_at as "startedAt",
  ended_at as "endedAt"`;
const asRow = (row: Row | undefined) => row as unknown as ReconcileRow | undefined;

/** Of a sync, the findings of so many are kept. */
const KEPT = 10;

/** Held until the transaction ends: one process at a time starts a reconcile. */
export async function lockReconciles(tx: Db): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.reconcile'))`);
}

export async function openReconcile(db: Db, sync: string): Promise<ReconcileRow | undefined> {
  const rows = await db.query(
    `select ${COLUMNS} from reconcile where sync = $1 and status = 'running' order by started_at desc limit 1`,
    [sync],
  );
  return asRow(rows[0]);
}

/** Inserts, or saves what a step did. false: it is in somebody else's hands, and nothing was changed. */
export async function saveReconcile(db: Db, row: ReconcileRow): Promise<boolean> {
  const rows = await db.query(
    `insert into reconcile as r (id, sync, status, repair, state, reasons, api_calls, owner, started_at, ended_at)
     values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9::timestamptz, $10::timestamptz)
     on conflict (id) do update set status = excluded.status, state = excluded.state, reasons = excluded.reasons,
       api_calls = excluded.api_calls, repair = excluded.repair, ended_at = excluded.ended_at
     where r.status = 'running' and r.owner = excluded.owner returning id`,
    [
      row.id,
      row.sync,
      row.status,
      row.repair,
      json(row.state),
      json(row.reasons),
      json(row.apiCalls),
      row.owner,
      row.startedAt,
      row.endedAt,
    ],
  );
  return rows.length > 0;
}

/** Signs it over, if it is still `from`'s. */
export async function takeReconcile(
  db: Db,
  id: string,
  from: string | null,
  owner: string | null,
): Promise<void> {
  await db.query(
    `update reconcile set owner = $3 where id = $1 and status = 'running' and owner is not distinct from $2`,
    [id, from, owner],
  );
}

export async function reconcileById(db: Db, id: string): Promise<ReconcileRow | undefined> {
  return asRow((await db.query(`select ${COLUMNS} from reconcile where id = $1`, [id]))[0]);
}

/** Newest first. */
export async function reconcilesOf(db: Db, sync: string, limit: number): Promise<ReconcileRow[]> {
  return (await db.query(
    `select ${COLUMNS} from reconcile where sync = $1 order by started_at desc, id desc limit $2`,
    [sync, limit],
  )) as unknown as ReconcileRow[];
}

/** Forgets the findings of earlier ones. */
export async function pruneReconciles(db: Db, sync: string): Promise<void> {
  const old = await db.query<{ id: string }>(
    `delete from reconcile where sync = $1 and status <> 'running' and id not in
       (select id from reconcile where sync = $1 order by started_at desc, id desc limit $2) returning id`,
    [sync, KEPT],
  );
  const ids = old.map(({ id }) => id);
  if (ids.length === 0) return;
  await db.query(`delete from difference where reconcile = any($1::text[])`, [ids]);
  await db.query(`delete from compared where reconcile = any($1::text[])`, [ids]);
  await db.query(`delete from sighting where reconcile = any($1::text[])`, [ids]);
}
