import type { Migration } from './migration.ts';

export const MESSAGES: Migration = {
  name: 'messages to the outside',
  sql: `
create table message (
  id text primary key,
  connection text not null,
  type text not null,
  golden_id text not null,
  format text not null,
  body text not null,
  state text not null default 'pending',
  attempts int not null default 0,
  due_at timestamptz not null,
  owner text,
  error text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index message_due on message (connection, due_at) where state = 'pending';
create index message_sending on message (connection, owner) where state = 'sending';
create index message_listed on message (created_at, id);
create index message_golden on message (golden_id);

create table message_attempt (
  id bigint generated always as identity primary key,
  message text not null references message on delete cascade,
  at timestamptz not null,
  ms int not null,
  status int,
  error text
);
create index message_attempt_message on message_attempt (message, id);

create table endpoint (
  connection text primary key,
  address text not null,
  reason text not null,
  disabled_at timestamptz not null
);

create table alert (
  name text primary key,
  fired bigint not null default 0,
  fired_at timestamptz,
  errors bigint not null default 0,
  error text,
  error_at timestamptz
);

alter table history add column tx xid8 not null default pg_current_xact_id();
create index history_feed on history (tx, id)
`,
};
