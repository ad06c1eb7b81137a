/** People, faults and kills for 200 rounds, over either database in turn: `npm run chaos`, with a new seed in every run of the tests. */
import { expect, test } from 'vitest';
import { reportFailure } from '../chaos/report.ts';
import { CHAPTER, playRounds } from '../chaos/rounds.ts';
import { fillFolder, freshPostgres } from '../support/databases.ts';

const ROUNDS = 4 * CHAPTER;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

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
