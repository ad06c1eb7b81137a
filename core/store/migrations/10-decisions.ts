import type { Migration } from './migration.ts';

export const DECISIONS: Migration = {
  name: 'decisions by hand',
  sql: ``,
};
