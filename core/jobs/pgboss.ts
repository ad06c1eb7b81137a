import { type Db as BossDb, PgBoss } from 'pg-boss';
import type { Json, Log } from '../../connectors/contract.ts';
import type { Db } from '../store/db.ts';
import type { Jobs, Schedule } from './port.ts';

export interface PgBossOptions {
  log: Log;
  /** How often a worker looks for jobs, in seconds; at least 0.5. */
  pollSeconds?: number;
  /** How often schedules are looked at, in seconds. */
  cronSeconds?: number;
  /** How long `stop` waits for handlers, in milliseconds; their jobs fail then, and the sweep finds what they left. */
  stopMs?: number;
}

/** A dead process's jobs are given up after so long without a sign of life. */
const HEARTBEAT_SECONDS = 30;
const KEEP_DONE_SECONDS = 3600;
const LONGEST_JOB_SECONDS = 23 * 3600;

/** The job queue in the hub's own database, in a schema of its own (`pgboss`). Node only. */
export async function startPgBoss(db: Db, options: PgBossOptions): Promise<Jobs> {
  const { log } = options;
  const stopping = new AbortController();
  const boss = new PgBoss({
    db: over(db),
    backend: db.driver === 'pglite' ? 'pglite' : 'postgres',
    clockMonitorIntervalSeconds: 600,
    cronMonitorIntervalSeconds: options.cronSeconds ?? 15,
    cronWorkerIntervalSeconds: Math.min(5, options.cronSeconds ?? 5),
    // Rebuilding an index blocks the only connection of the embedded database.
    ...(db.driver === 'pglite' ? { reindex: false, monitorVacuum: false } : {}),
  });
  boss.on('error', (error) => {
    if (!stopping.signal.aborted) log.warn('job queue', { error: error.message });
  });
  boss.on('warning', ({ message }) => log.debug('job queue', { warning: message }));
  await begin(db, boss);
  return {
    async work(queue, handler) {
      await boss.createQueue(queue, {
        policy: 'short',
        // A job that broke is not tried again as it was: the next schedule or sweep looks at the tables anew.
        retryLimit: 0,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        expireInSeconds: LONGEST_JOB_SECONDS,
        deleteAfterSeconds: KEEP_DONE_SECONDS,
      });
      await boss.work<Json>(queue, { pollingIntervalSeconds: options.pollSeconds ?? 2 }, async (jobs) => {
        for (const job of jobs) {
          try {
            await handler(payload(job.data), AbortSignal.any([job.signal, stopping.signal]));
          } catch (error) {
            log.warn(`the job ${queue} failed`, { error: (error as Error).message });
            throw error;
          }
        }
      });
    },
    async send(queue, data, { singletonKey, startAfter } = {}) {
      // To this policy, jobs without a key are all of one key.
      const key = singletonKey ?? crypto.randomUUID();
      await boss.send(queue, { data }, { singletonKey: key, ...(startAfter ? { startAfter } : {}) });
    },
    async schedule(wanted) {
      const keep = new Set(wanted.map(nameOf));
      for (const { name, key } of await boss.getSchedules())
        if (!keep.has(nameOf({ queue: name, key }))) await boss.unschedule(name, key);
      for (const { queue, key, cron, timeZone, data } of wanted)
        await boss.schedule(queue, cron, { data }, { tz: timeZone, key, singletonKey: key });
    },
    async stop() {
      stopping.abort();
      await boss.stop({ graceful: true, close: false, timeout: options.stopMs ?? 30_000 });
    },
  };
}

const nameOf = ({ queue, key }: Pick<Schedule, 'queue' | 'key'>) => `${queue}\n${key}`;

/** One process at a time: two that make the queue's schema at once would fail. The embedded database has only one. */
async function begin(db: Db, boss: PgBoss): Promise<void> {
  if (db.driver === 'pglite') {
    await boss.start();
    return;
  }
  await db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.jobs'))`);
    await boss.start();
  });
}

/** pg-boss takes objects only, so data of any shape travels inside one. */
const payload = (wrapped: Json): Json =>
  typeof wrapped === 'object' && wrapped !== null && !Array.isArray(wrapped) ? (wrapped.data ?? null) : null;

/** With values: one statement. Without: perhaps a script, such as a migration in a transaction of its own. */
function over(db: Db): BossDb {
  const { script } = db;
  if (!script) throw new Error('a job queue needs the database itself, not a transaction of it');
  return {
    async executeSql(text, values) {
      if (values && values.length > 0) return { rows: await db.query(text, values) };
      return { rows: await script.call(db, text) };
    },
  };
}
