import type { Migration } from './migration.ts';

export const ACCOUNTS: Migration = {
  name: 'the account of each connection',
  sql: `
create table tool_account (
  connection text primary key,
  id text not null,
  since timestamptz not null,
  confirmed_by text not null,
  confirmed_at timestamptz not null
)
`,
};
