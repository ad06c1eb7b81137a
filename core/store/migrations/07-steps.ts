import type { Migration } from './migration.ts';

export const STEPS: Migration = {
  name: 'runs step by step',
  sql: ``,
};
