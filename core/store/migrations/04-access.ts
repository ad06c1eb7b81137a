import type { Migration } from './migration.ts';

export const ACCESS: Migration = {
  name: 'access: roles, sessions, audit',
  sql: ``,
};
