import { countAside } from '../../core/store/aside.ts';
import { pauses } from '../../core/store/budgets.ts';
import type { Db } from '../../core/store/db.ts';
import { MIGRATIONS } from '../../core/store/migrations.ts';
import { secondsSinceSweep } from '../../core/store/sweeps.ts';
import type { Degraded } from '../routes/health.ts';

const PATIENCE_MS = 3_000;
/** Sweeps come every minute. */
const LONGEST_WITHOUT_SWEEP_MS = 3 * 60_000;

/**
 * Does the job queue wake anybody? A process that has just started gives it time. Asked only of a database that answers: see
 * `unreadyReasons`.
 */
export async function sweepReasons(db: Db, upMs: number): Promise<string[]> {
  if (upMs < LONGEST_WITHOUT_SWEEP_MS) return [];
  const age = await secondsSinceSweep(db);
  if (age !== undefined && age * 1000 < LONGEST_WITHOUT_SWEEP_MS) return [];
  return [
    age === undefined
      ? 'the job queue has never swept'
      : `the job queue has not swept for ${Math.round(age / 60)} minutes`,
  ];
}

/**
 * Connections that rest, and what waits for a person: the hub works, and all else goes on. And a schema that a newer version has
 * brought up: this one goes on beside it until it is replaced, but could not start any more.
 */
export async function degradedBy(db: Db): Promise<Degraded[]> {
  const resting = await pauses(db);
  const aside = await countAside(db);
  const schema = await schemaNow(db);
  return [
    ...resting.map(({ connection, state, until }) => ({ connection, state, until })),
    ...aside.map(({ connection, n }) => ({ connection, state: 'set aside' as const, webhooks: n })),
    ...(schema > MIGRATIONS.length ? [{ schema, state: 'newer' as const }] : []),
  ];
}

async function schemaNow(db: Db): Promise<number> {
  const [row] = await db.query<{ id: number | null }>('select max(id) as id from migration');
  return row?.id ?? 0;
}

/** Asks the database, and believes only its answer. Nothing of its address or its errors' detail is told. */
export async function unreadyReasons(db: Db): Promise<string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), PATIENCE_MS);
  });
  try {
    const done = await Promise.race([schemaNow(db), late]);
    if (done === 'late') return ['the database does not answer'];
    return done >= MIGRATIONS.length
      ? []
      : [`the database is at schema ${done}, this program needs ${MIGRATIONS.length}`];
  } catch (error) {
    const missing = (error as { code?: string }).code === '42P01';
    return [missing ? 'the database has no schema yet' : 'the database does not answer'];
  } finally {
    clearTimeout(timer);
  }
}
