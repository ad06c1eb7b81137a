import type { Migration } from './migration.ts';

export const DELIVERED: Migration = {
  name: 'deliveries told apart from runs',
  sql: `
alter table run add column delivered boolean not null default false;

alter table source_record add column wrote_at timestamptz
`,
};
