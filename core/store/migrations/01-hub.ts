import type { Migration } from './migration.ts';

export const HUB: Migration = {
  name: 'the hub',
  sql: `
create table connection (
  name text primary key,
  state text not null default 'ok',
  reason text,
  until timestamptz,
  quota jsonb not null default '{}',
  updated_at timestamptz not null
);

create table source_record (
  key text primary key,
  connection text not null,
  object text not null,
  ext_id text not null,
  entity text not null,
  golden_id text,
  opinions jsonb not null default '{}',
  seen jsonb not null default '{}',
  native jsonb not null default '{}',
  written jsonb not null default '{}',
  prepared jsonb,
  at timestamptz,
  version text,
  deleted boolean not null default false,
  merged_into text,
  dirty boolean not null default true,
  confirm boolean not null default false
);
create index source_record_golden on source_record (golden_id);
create index source_record_dirty on source_record (entity, key) where dirty;
create index source_record_confirm on source_record (connection, object) where confirm;
create index source_record_stream on source_record (connection, object);

create table reference (
  record text not null,
  attribute text not null,
  target text not null,
  primary key (record, attribute)
);
create index reference_target on reference (target);

create table match_key (
  key bigint not null,
  record text not null,
  primary key (key, record)
);
create index match_key_record on match_key (record);

create table edge (
  a text not null,
  b text not null,
  entity text not null,
  weight double precision not null,
  decision text not null,
  origin text not null,
  primary key (a, b)
);
create index edge_b on edge (b);

create table golden (
  id text primary key,
  entity text not null,
  values jsonb not null default '{}',
  provenance jsonb not null default '{}',
  version int not null default 1,
  alias_of text,
  live boolean not null default true,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index golden_entity on golden (entity, id) where alias_of is null;
create index golden_alias on golden (alias_of) where alias_of is not null;

create table decision (
  id text primary key,
  entity text not null,
  kind text not null,
  a text not null,
  b text,
  attribute text,
  value jsonb,
  by text not null,
  at timestamptz not null,
  undone_at timestamptz
);
create index decision_a on decision (a) where undone_at is null;
create index decision_b on decision (b) where undone_at is null;

create table review (
  a text not null,
  b text not null,
  entity text not null,
  weight double precision not null,
  reason text not null,
  state text not null default 'open',
  at timestamptz not null,
  primary key (a, b)
);
create index review_open on review (entity, weight) where state = 'open';
create index review_b on review (b);

create table outbox (
  golden_id text not null,
  mapping text not null,
  target text not null,
  entity text not null,
  op text not null,
  key text not null,
  lane int not null default 2,
  state text not null default 'pending',
  awaits text[] not null default '{}',
  payload jsonb,
  attempts int not null default 0,
  due_at timestamptz not null,
  owner text,
  error jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (golden_id, mapping, target)
);
create index outbox_due on outbox (mapping, lane, due_at) where state = 'pending';
create index outbox_state on outbox (mapping, state);
create index outbox_target on outbox (target) where target <> '';
create index outbox_awaits on outbox using gin (awaits);

create table refusal (
  golden_id text not null,
  mapping text not null,
  target text not null,
  attribute text not null,
  value jsonb,
  field text,
  message text not null,
  at timestamptz not null,
  primary key (golden_id, mapping, target, attribute)
);

create table unreadable (
  record text not null,
  attribute text not null,
  field text,
  found text not null,
  message text not null,
  primary key (record, attribute)
);

create table cursor (
  mapping text primary key,
  value jsonb,
  complete boolean not null default false,
  rescan boolean not null default false,
  fingerprint text not null default '',
  updated_at timestamptz not null
);

create table inbox (
  id text primary key,
  connection text not null,
  changes jsonb not null,
  state text not null default 'new',
  received_at timestamptz not null
);
create index inbox_new on inbox (connection, received_at) where state = 'new';

create table run (
  id text primary key,
  sync text not null,
  mode text not null,
  status text not null,
  phase text not null,
  reasons jsonb not null default '[]',
  counts jsonb not null default '{}',
  api_calls jsonb not null default '{}',
  streams jsonb not null default '{}',
  owner text,
  started_at timestamptz not null,
  ended_at timestamptz
);
create index run_sync on run (sync, started_at);

create table process (
  owner text primary key,
  host text not null,
  pid int not null,
  beat_at timestamptz not null
);

create table history (
  id bigint generated always as identity primary key,
  golden_id text not null,
  entity text not null,
  version int not null,
  kind text not null,
  detail jsonb not null,
  at timestamptz not null
);
create index history_golden on history (golden_id, id)
`,
};
