import type { Migration } from './migration.ts';

export const STEPS: Migration = {
  name: 'runs step by step',
  sql: `
alter table run add column memory jsonb not null default '{}';

alter table run add column due_at timestamptz;

alter table run add column lease_until timestamptz;

create index run_open on run (started_at) where status = 'running';

create table tick (
  name text primary key,
  at timestamptz not null
);

create table stream_cache (
  connection text not null,
  object text not null,
  stream jsonb not null,
  at timestamptz not null,
  primary key (connection, object)
)
`,
};
