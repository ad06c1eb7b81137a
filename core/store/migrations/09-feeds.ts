import type { Migration } from './migration.ts';

export const FEEDS: Migration = {
  name: 'push feeds',
  sql: ``,
};
