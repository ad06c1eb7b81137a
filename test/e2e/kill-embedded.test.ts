import { describe } from 'vitest';
import { survivesKills } from '../support/kills.ts';

describe('kill -9 over PGlite, with an id field in each tool', () => {
  survivesKills('PGlite', {});
});
