import type { Migration } from './migration.ts';

/**
 * `erasure`: the tombstone of an erased golden record, without personal data. `erasure_tool`: what became of each of its records;
 * `ext_id` is forgotten in the end where the id itself says who it was (`personal`). `erasure_block`: keyed hashes of what it is
 * known by. `erasure_key`: their key, where no NAYOSE_KEY seals it. `deletion`: a record that somebody deleted in its tool, and what is to
 * become of its counterparts. `tool_merge`: two records that a person wants to be one, or two, in their own tool.
 */
export const ERASURE: Migration = {
  name: 'erasure, deletions, merges in tools',
  sql: `
create table erasure (
  id text primary key,
  entity text not null,
  aliases text[] not null default '{}',
  by text not null,
  at timestamptz not null,
  done_at timestamptz,
  lifted_at timestamptz,
  lifted_by text,
  blocked bigint not null default 0,
  blocked_at timestamptz
);
create index erasure_open on erasure (at) where done_at is null;
create index erasure_listed on erasure (at, id);

create table erasure_tool (
  id bigint generated always as identity primary key,
  erasure text not null references erasure on delete cascade,
  connection text not null,
  object text not null,
  ext_id text,
  personal boolean not null,
  state text not null,
  reason text,
  attempts int not null default 0,
  due_at timestamptz not null,
  at timestamptz not null
);
create unique index erasure_tool_record on erasure_tool (erasure, connection, object, ext_id);
create index erasure_tool_due on erasure_tool (due_at) where state = 'queued';

create table erasure_block (
  hash text not null,
  erasure text not null references erasure on delete cascade,
  kind text not null,
  primary key (hash, erasure)
);
create index erasure_block_erasure on erasure_block (erasure);

create table erasure_key (
  id int primary key,
  key text not null
);

create table deletion (
  record text primary key,
  entity text not null,
  at timestamptz not null,
  state text not null default 'open',
  by text,
  decided_at timestamptz
);
create index deletion_open on deletion (at, record) where state = 'open';

create table tool_merge (
  loser text primary key,
  winner text not null,
  entity text not null,
  state text not null,
  reason text,
  by text not null,
  at timestamptz not null,
  attempts int not null default 0,
  due_at timestamptz not null
);

create index history_moved on history (golden_id) where kind in ('merged', 'split')
`,
};
