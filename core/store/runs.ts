import type { Db, Row } from './db.ts';
import { json } from './json.ts';

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
};

/** Why a run is not complete: one line for people, with its count. */
export interface Reason {
  code: string;
  connection?: string;
  count?: number;
  message: string;
  hint?: string;
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
  streams: Record<string, { done: boolean; read: number; started?: boolean; failed?: Reason }>;
  /** Records resolved so far, and whether the guards were asked: kept in memory only. */
  resolved?: number;
  guarded?: boolean;
  owner: string | null;
  /** It came to the end of its deliveries: whatever was due had been tried. */
  delivered: boolean;
  startedAt: string;
  endedAt: string | null;
}

const COLUMNS = `id, sync, mode, status, phase, reasons, counts, api_calls as "apiCalls", streams, owner,
  delivered, started_at as "startedAt", ended_at as "endedAt"`;

const asRun = (row: Row | undefined) =>
  row && ({ ...row, counts: { ...NO_COUNTS, ...(row.counts as object) } } as unknown as RunRow);

export async function saveRun(db: Db, run: RunRow): Promise<void> {
  await db.query(
    `insert into run (id, sync, mode, status, phase, reasons, counts, api_calls, streams, owner, started_at, ended_at, delivered)
     values ($1,$2,$3,$4,$5,$6::jsonb,$7::jsonb,$8::jsonb,$9::jsonb,$10,$11::timestamptz,$12::timestamptz,$13)
     on conflict (id) do update set status = excluded.status, phase = excluded.phase, reasons = excluded.reasons,
       counts = excluded.counts, api_calls = excluded.api_calls, streams = excluded.streams, owner = excluded.owner,
       ended_at = excluded.ended_at, delivered = excluded.delivered`,
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
      run.endedAt,
      run.delivered,
    ],
  );
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

export async function unfinishedRuns(db: Db): Promise<RunRow[]> {
  const rows = await db.query(`select ${COLUMNS} from run where status = 'running' order by started_at`);
  return rows.map((row) => asRun(row)!);
}

/** Whether a run of this sync ever came to the end of its deliveries. Until then it is its first, however often it is resumed. */
export async function everDelivered(db: Db, sync: string): Promise<boolean> {
  const rows = await db.query(`select 1 from run where sync = $1 and mode <> 'plan' and delivered limit 1`, [
    sync,
  ]);
  return rows.length > 0;
}
