import type { Migration } from './migration.ts';

export const REALTIME: Migration = {
  name: 'the fast lane',
  sql: ``,
};
