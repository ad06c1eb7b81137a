import type { Migration } from './migration.ts';

export const MESSAGES: Migration = {
  name: 'messages to the outside',
  sql: ``,
};
