import type { Migration } from './migration.ts';

export const BUDGETS: Migration = {
  name: 'budgets shared by all processes',
  sql: ``,
};
