import { describe } from 'vitest';
import { walksSpine } from '../support/spine.ts';

describe('10,000 + 10,000 contacts over PostgreSQL', () => {
  walksSpine('PostgreSQL', 10_000);
});
