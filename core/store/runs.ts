import type { Db, Row } from './db.ts';
import { json } from './json.ts';
import type { Clock } from './lane.ts';

export type Phase = 'pull' | 'resolve' | 'guard' | 'deliver' | 'confirm' | 'done';
export type RunStatus = 'running' | 'complete' | 'incomplete' | 'halted';

export interface Counts {
  read: number;
  linked: number;
  created: number;
  updated: number;
  unchanged: number;
  deleted: number;
  reviews: number;
  /** Values and records that a tool refused, or that could not be delivered. */
  failed: number;
  /** Live golden records of the entity at the end. */
  golden: number;
  /** Values that a mapping could not read. */
  unreadable: number;
  /** Golden records that gathered two or more records for the first time, or were folded into another. */
  merged: number;
  /** Records read that showed our own write: as sent, as the tool changed it, or beside somebody's edit. */
  echoes: number;
  normalised: number;
  partlyOurs: number;
  /** Records read that somebody had edited, those partly ours left out. */
  edits: number;
  /** Records deleted in a tool, because somebody deleted their counterparts. */
  archived: number;
  /** Records of erased persons that came again, and were not imported. */
  blocked: number;
}

export const NO_COUNTS: Counts = {
  read: 0,
  linked: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  reviews: 0,
  failed: 0,
  golden: 0,
  unreadable: 0,
  merged: 0,
  echoes: 0,
  normalised: 0,
  partlyOurs: 0,
  edits: 0,
  archived: 0,
  blocked: 0,
};

/** Why a run is not complete: one line for people, with its count. */
export interface Reason {
  code: string;
  connection?: string;
  /** The stream, where a reason is one of several of its connection. */
  object?: string;
  count?: number;
  message: string;
  hint?: string;
  /** When it is over by itself (ISO), where that is known or will be looked at. */
  until?: string;
}

export interface StreamProgress {
  done: boolean;
  read: number;
  started?: boolean;
  /** How often its page in hand was asked for in vain. */
  tries?: number;
  failed?: Reason;
  /** Rows that its reader has set aside. */
  aside?: number;
  /** Of a full read: live records that the hub held before it, and how many of them it has shown so far. */
  full?: { held: number; shown: number };
}

export interface RunRow {
  id: string;
  sync: string;
  mode: 'sync' | 'full' | 'plan';
  status: RunStatus;
  phase: Phase;
  reasons: Reason[];
  counts: Counts;
  apiCalls: Record<string, number>;
  /** Per mapping: how far its reading is. */
  streams: Record<string, StreamProgress>;
  /** Who takes its steps; null: nobody at the moment, and anybody may take the next one. */
  owner: string | null;
  /** It came to the end of its deliveries: nothing was left to write, but for a few that would not go. */
  delivered: boolean;
  /** How long webhooks took to be written back since the run before began; null: none was. */
  clock: Clock | null;
  startedAt: string;
  endedAt: string | null;
  /** It was ended by a budget that was used up: whoever serves goes on with its sync then. null: it waits for nothing. */
  resumeAt: string | null;
}

/** What the next step of a run must know of those before it, in whatever process it happens. */
export interface RunMemory {
  /** Every stream is read from its beginning. */
  full: boolean;
  /** The halted run whose plan a person approved. */
  approve: string | null;
  /** It writes what its permits cover, and nothing else. */
  planned?: boolean;
  /** Of a plan that is kept: the config of its sync (see `shapeOf`), and how many writes it lists. */
  plan?: { shape: string; writes: number };
  /** No run of this sync came to the end of its deliveries yet. */
  first: boolean;
  /** Milliseconds spent waiting for rows that back off. */
  waited: number;
  resolved: number;
  /** When so many records are resolved, the planner's statistics are refreshed. */
  analyse: number;
  /** It came to its guards, and whether it may write is decided. */
  guarded: boolean;
  /** What its guards let pass: when, and how many records were to be deleted. Absent: it has not passed any. */
  passed?: { at: string; deleting: number };
  /** Digest of the writes that were shown when a guard halted it. */
  shown?: string;
  /** The step before broke off: what it sent without an answer is looked up first. */
  recover: boolean;
  /** Tries of the same step that failed, and what the last one said. */
  failures: number;
  fault: string | null;
}

const COLUMNS = `id, sync, mode, status, phase, reasons, counts, api_calls as "apiCalls", streams, owner,
  delivered, clock, started_at as "startedAt", ended_at as "endedAt", resume_at as "resumeAt"`;

const asRun = (row: Row | undefined) =>
  row && ({ ...row, counts: { ...NO_COUNTS, ...(row.counts as object) } } as unknown as RunRow);

/** A new run, signed by its owner; without one it is kept for whoever takes its first step within `keptSeconds`. */
export async function addRun(db: Db, run: RunRow, memory: RunMemory, keptSeconds: number): Promise<void> {
  await db.query(
    `insert into run (id, sync, mode, status, phase, reasons, counts, api_calls, streams, owner, started_at, memory, due_at,
       lease_until)
     values ($1,$2,$3,$4,$5,$6::jsonb,$7::jsonb,$8::jsonb,$9::jsonb,$10,$11::timestamptz,$12::jsonb,clock_timestamp(),
       clock_timestamp() + make_interval(secs => $13))`,
    [
      run.id,
      run.sync,
      run.mode,
      run.status,
      run.phase,
      json(run.reasons),
      json(run.counts),
      json(run.apiCalls),
      json(run.streams),
      run.owner,
      run.startedAt,
      json(memory),
      keptSeconds,
    ],
  );
}

/**
 * Signs a running run over to `owner`: from nobody, from itself, or from `dead`, who is known to have ended. undefined:
 * it has ended, or is in somebody else's hands.
 */
export async function takeRun(
  db: Db,
  id: string,
  owner: string,
  dead: string | null = null,
): Promise<{ run: RunRow; memory: RunMemory } | undefined> {
  const [row] = await db.query(
    `update run set owner = $2 where id = $1 and status = 'running' and (owner is null or owner = $2 or owner = $3)
     returning ${COLUMNS}, memory`,
    [id, owner, dead],
  );
  if (!row) return undefined;
  const { memory, ...run } = row;
  return { run: asRun(run)!, memory: memory as RunMemory };
}

/**
 * What a step did, in one statement; `rest`: the run goes into nobody's hands, its next step due after `ms`, and is kept for
 * `keptSeconds` beyond that. false: it is not this owner's any more (taken for dead), and nothing was changed.
 */
export async function saveRun(
  db: Db,
  run: RunRow,
  memory: RunMemory,
  rest?: { ms: number; keptSeconds: number },
): Promise<boolean> {
  const rows = await db.query(
    `update run set status = $2, phase = $3, reasons = $4::jsonb, counts = $5::jsonb, api_calls = $6::jsonb, streams = $7::jsonb,
       ended_at = $9::timestamptz, delivered = $10, memory = $11::jsonb, clock = $14::jsonb, resume_at = $15::timestamptz,
       owner = case when $12::int is null then owner end,
       due_at = clock_timestamp() + make_interval(secs => coalesce($12::int, 0) / 1000.0),
       lease_until = clock_timestamp() + make_interval(secs => coalesce($12::int, 0) / 1000.0 + coalesce($13::int, 0))
     where id = $1 and status = 'running' and owner = $8 returning id`,
    [
      run.id,
      run.status,
      run.phase,
      json(run.reasons),
      json(run.counts),
      json(run.apiCalls),
      json(run.streams),
      run.owner,
      run.endedAt,
      run.delivered,
      json(memory),
      rest ? Math.ceil(rest.ms) : null,
      rest?.keptSeconds ?? null,
      json(run.clock),
      run.resumeAt,
    ],
  );
  return rows.length > 0;
}

/** Ends a running run whoever holds it; whoever serves goes on with its sync at `resumeAt`. null: it had ended already. */
export async function endRun(
  db: Db,
  id: string,
  reason: Reason,
  now: string,
  resumeAt?: string,
): Promise<RunRow | null> {
  const [row] = await db.query(
    `update run set status = 'incomplete', phase = 'done', ended_at = $3::timestamptz, reasons = reasons || $2::jsonb,
       resume_at = coalesce($4::timestamptz, resume_at)
     where id = $1 and status = 'running' returning ${COLUMNS}`,
    [id, json([reason]), now, resumeAt ?? null],
  );
  return asRun(row) ?? null;
}

/** A step could not even begin: counted, and remembered for whoever gives the run up. */
export async function countFailure(db: Db, id: string, fault: string): Promise<void> {
  await db.query(
    `update run set memory = memory || jsonb_build_object('failures', coalesce((memory->>'failures')::int, 0) + 1, 'fault', $2::text)
     where id = $1 and status = 'running'`,
    [id, fault],
  );
}

/** The next step of a run in nobody's hands is put off; it is kept for `keptSeconds` beyond that. */
export async function deferRun(db: Db, id: string, seconds: number, keptSeconds: number): Promise<void> {
  await db.query(
    `update run set due_at = clock_timestamp() + make_interval(secs => $2),
       lease_until = clock_timestamp() + make_interval(secs => $3)
     where id = $1 and status = 'running' and owner is null`,
    [id, seconds, seconds + keptSeconds],
  );
}

/** The memory of a run, ended or not. */
export async function memoryOf(db: Db, id: string): Promise<RunMemory | undefined> {
  const [row] = await db.query<{ memory: RunMemory }>(`select memory from run where id = $1`, [id]);
  return row?.memory;
}

export async function runById(db: Db, id: string): Promise<RunRow | undefined> {
  return asRun((await db.query(`select ${COLUMNS} from run where id = $1`, [id]))[0]);
}

/** Newest first. */
export async function runsOf(db: Db, sync: string, limit: number): Promise<RunRow[]> {
  const rows = await db.query(
    `select ${COLUMNS} from run where sync = $1 order by started_at desc, id desc limit $2`,
    [sync, limit],
  );
  return rows.map((row) => asRun(row)!);
}

export interface OpenRun extends RunRow {
  /** In nobody's hands, but kept for whoever takes its next step. */
  leased: boolean;
  /** Seconds since its next step was due; below 0: not yet. */
  overdue: number;
}

/** The oldest first. */
export async function unfinishedRuns(db: Db): Promise<OpenRun[]> {
  const rows = await db.query(
    `select ${COLUMNS}, owner is null and coalesce(lease_until > clock_timestamp(), false) as leased,
       coalesce(extract(epoch from clock_timestamp() - due_at), 0)::float8 as overdue
     from run where status = 'running' order by started_at`,
  );
  return rows.map((row) => asRun(row) as OpenRun);
}

/** Is this (or a plan) the last that was heard of the sync? */
export async function isLatest(db: Db, { id, sync }: Pick<RunRow, 'id' | 'sync'>): Promise<boolean> {
  const [row] = await db.query<{ id: string }>(
    `select id from run where sync = $1 and mode <> 'plan' order by started_at desc, id desc limit 1`,
    [sync],
  );
  return row?.id === id;
}

/** Runs that a budget ended and that are to be gone on with by now: the latest of their syncs, so that each is gone on with once. */
export async function resumableRuns(db: Db, now: Date): Promise<{ id: string; sync: string }[]> {
  return db.query<{ id: string; sync: string } & Row>(
    `select r.id, r.sync from run r where r.status = 'incomplete' and r.resume_at <= $1::timestamptz
       and not exists (select from run later where later.sync = r.sync and later.mode <> 'plan'
         and (later.started_at, later.id) > (r.started_at, r.id))
     order by r.resume_at`,
    [now.toISOString()],
  );
}

/** Whether a run of this sync ever came to the end of its deliveries. Until then it is its first, however often it is resumed. */
export async function everDelivered(db: Db, sync: string): Promise<boolean> {
  const rows = await db.query(`select 1 from run where sync = $1 and mode <> 'plan' and delivered limit 1`, [
    sync,
  ]);
  return rows.length > 0;
}
