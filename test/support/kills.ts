import { expect, test } from 'vitest';
import type { SandboxOptions } from '../../api/demo/sandboxes.ts';
import { playKills } from '../chaos/killing.ts';
import { fillFolder, freshPostgres } from './databases.ts';

const KILLS = 20;

/** The tests of one database; each in a file of its own, so that both take their time side by side. `npm run chaos -- kills` does more. */
export function survivesKills(database: 'PGlite' | 'PostgreSQL', sandboxes: SandboxOptions): void {
  test(`${KILLS} kills, and a lost answer to every tenth create: the tools end as after an undisturbed run`, async () => {
    const freshDatabase = database === 'PGlite' ? undefined : freshPostgres;
    const { kills } = await playKills({ times: KILLS, seed: 99, sandboxes, freshDatabase, fill: fillFolder });
    expect(kills).toBe(KILLS);
  }, 900_000);
}
