/** People, faults and kills for 200 rounds, over either database in turn: `npm run chaos`. CHAOS_SEED plays others. */
import { expect, test } from 'vitest';
import { reportFailure } from '../chaos/report.ts';
import { CHAPTER, playRounds } from '../chaos/rounds.ts';
import { fillFolder, freshPostgres } from '../support/databases.ts';

const ROUNDS = 4 * CHAPTER;
// The plot is the same in every run of the tests; the moments of two processes are not.
const seed = Number(process.env.CHAOS_SEED ?? 6000);

test(`${ROUNDS} rounds of chaos, seed ${seed}: every law holds`, async () => {
  const result = await playRounds({
    rounds: ROUNDS,
    seed,
    database: 'both',
    freshDatabase: freshPostgres,
    fill: fillFolder,
    told: () => undefined,
  }).catch((error: unknown) => {
    throw new Error(reportFailure(error, `npm run chaos -- --rounds ${ROUNDS}`, seed));
  });
  expect(result.rounds).toBe(ROUNDS);
  expect(result.compared).toBeGreaterThan(ROUNDS);
}, 900_000);
