import type { Migration } from './migration.ts';

export const GUARDS: Migration = {
  name: 'guards and reconciling',
  sql: `
create table tally (
  scope text not null,
  kind text not null,
  subject text not null,
  of text not null default '',
  n int not null default 1,
  at timestamptz not null,
  primary key (scope, kind, subject)
);

create table shown_plan (
  digest text primary key,
  sync text not null,
  writes int not null,
  at timestamptz not null
);

create table shown_write (
  digest text not null,
  golden_id text not null,
  mapping text not null,
  target text not null,
  op text not null,
  fields jsonb not null,
  primary key (digest, golden_id, mapping, target)
);

create table reconcile (
  id text primary key,
  sync text not null,
  status text not null,
  repair boolean not null default false,
  state jsonb not null,
  reasons jsonb not null default '[]',
  api_calls jsonb not null default '{}',
  owner text,
  started_at timestamptz not null,
  ended_at timestamptz
);
create index reconcile_sync on reconcile (sync, started_at);

create table sighting (
  reconcile text not null,
  key text not null,
  primary key (reconcile, key)
);

create table compared (
  reconcile text not null,
  mapping text not null,
  attribute text not null,
  records int not null default 0,
  equal int not null default 0,
  primary key (reconcile, mapping, attribute)
);

create table difference (
  reconcile text not null,
  id bigint generated always as identity,
  mapping text not null,
  record text not null,
  golden_id text,
  attribute text not null default '',
  class text not null,
  reason text not null,
  shape text,
  primary key (reconcile, id)
);
create index difference_class on difference (reconcile, class);
create index difference_record on difference (record)
`,
};
