import type { Migration } from './migration.ts';

export const TOKENS: Migration = {
  name: 'access tokens',
  sql: `
create table token (
  hash text primary key,
  name text not null,
  role text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  used_at timestamptz
)
`,
};
