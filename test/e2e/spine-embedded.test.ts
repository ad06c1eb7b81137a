import { describe } from 'vitest';
import { walksSpine } from '../support/spine.ts';

/** Fewer than over PostgreSQL: what only a large world shows is the same in both; `npm run bench -- sync` has them at one size. */
describe('2,000 + 2,000 contacts over PGlite', () => {
  walksSpine('PGlite', 2000);
});
