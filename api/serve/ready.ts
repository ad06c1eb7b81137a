import type { Db } from '../../core/store/db.ts';
import { MIGRATIONS } from '../../core/store/migrations.ts';

const PATIENCE_MS = 3_000;

/** Asks the database, and believes only its answer. Nothing of its address or its errors' detail is told. */
export async function unreadyReasons(db: Db): Promise<string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), PATIENCE_MS);
  });
  try {
    const asked = await Promise.race([
      db.query<{ id: number | null }>('select max(id) as id from migration'),
      late,
    ]);
    if (asked === 'late') return ['the database does not answer'];
    const done = asked[0]?.id ?? 0;
    return done === MIGRATIONS.length
      ? []
      : [`the database is at schema ${done}, this program needs ${MIGRATIONS.length}`];
  } catch (error) {
    const missing = (error as { code?: string }).code === '42P01';
    return [missing ? 'the database has no schema yet' : 'the database does not answer'];
  } finally {
    clearTimeout(timer);
  }
}
