/**
 * What the hub asks of a job queue: to wake somebody. The tables say what is to be done; a job that is lost, comes twice or
 * runs in two processes at once changes nothing, since a sweep finds everything that is due.
 */
import type { Json } from '../../connectors/contract.ts';

export interface JobOptions {
  /** At most one job with this key waits in its queue (also for its time); another is dropped. One that is running does not count. */
  singletonKey?: string;
  /** Not before this time. */
  startAfter?: Date;
}

/** `signal` is aborted when the process stops or the job is given up: finish the step in hand and return. */
export type JobHandler = (data: Json, signal: AbortSignal) => Promise<void>;

export interface Schedule {
  /** The queue that gets a job each time. */
  queue: string;
  /** Tells schedules of one queue apart. Letters, digits, `_`, `-`, `.` and `/`. */
  key: string;
  /** Five fields, minutes first, in `timeZone` (an IANA name). */
  cron: string;
  timeZone: string;
  data: Json;
}

export interface Jobs {
  /** Called once per queue, before anything is sent to it. One job at a time in this process. */
  work(queue: string, handler: JobHandler): Promise<void>;
  send(queue: string, data: Json, options?: JobOptions): Promise<void>;
  /** Replaces all schedules of the database by these. Each occurrence goes to one process. */
  schedule(wanted: readonly Schedule[]): Promise<void>;
  /** Takes no more jobs, aborts the handlers' signals and waits for them to finish the step in hand. */
  stop(): Promise<void>;
}
