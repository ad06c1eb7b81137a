import type { Migration } from './migration.ts';

export const CONFIG: Migration = {
  name: 'config revisions and secrets',
  sql: `
create table config_revision (
  number int primary key,
  files jsonb not null,
  digest text not null,
  note text not null,
  by text not null,
  at timestamptz not null,
  replaced int,
  copy_of int
);

create table secret (
  name text primary key,
  key_id text not null,
  nonce text not null,
  sealed text not null,
  updated_at timestamptz not null
)
`,
};
