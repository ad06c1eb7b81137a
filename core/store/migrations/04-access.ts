import type { Migration } from './migration.ts';

export const ACCESS: Migration = {
  name: 'access: roles, sessions, audit',
  sql: `
alter table token add column id text not null default ('t_' || replace(gen_random_uuid()::text, '-', ''));
alter table token add column created_by text;
create unique index token_id on token (id);

create table session (
  hash text primary key,
  token_id text references token (id) on delete cascade,
  name text not null,
  role text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index session_token on session (token_id);

create table login (
  state text primary key,
  verifier text not null,
  nonce text not null,
  expires_at timestamptz not null
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_id text not null,
  actor text not null,
  role text not null,
  action text not null,
  target text not null,
  outcome int,
  request_id text not null
);

create table idempotency (
  actor_id text not null,
  key text not null,
  fingerprint text not null,
  answer jsonb,
  at timestamptz not null,
  primary key (actor_id, key)
);
create index idempotency_at on idempotency (at);

create table planned_write (
  run_id text not null,
  position int not null,
  body jsonb not null,
  primary key (run_id, position)
)
`,
};
