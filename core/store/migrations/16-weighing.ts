import type { Migration } from './migration.ts';

export const WEIGHING: Migration = {
  name: 'weighing what comes while a run delivers',
  sql: `
create index outbox_new on outbox (mapping, created_at) where state in ('pending', 'waiting')
`,
};
