import type { Random } from './random.ts';
import type { TruthCompany } from './types.ts';

const TWO_YEARS = 2 * 365 * 86_400;

/** What the making of one world's records shares. */
export interface Run {
  messiness: number;
  now: number;
  company(id: string): TruthCompany | undefined;
  /** Decides, for each person, by what their records can be known for one. */
  evidence: Random;
  /** Addresses that some contact of the tool that insists on unique ones already has. */
  taken: Set<string>;
}

/** A time in the two years before now, in whole seconds. */
export const modified = (rng: Random, run: Run): string =>
  new Date((Math.floor(run.now / 1000) - 1 - rng.int(TWO_YEARS)) * 1000).toISOString();
