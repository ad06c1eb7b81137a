import type { Migration } from './migration.ts';

export const CONFIG: Migration = {
  name: 'config revisions and secrets',
  sql: ``,
};
