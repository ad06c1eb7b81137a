import type { Migration } from './migration.ts';

export const FEEDS: Migration = {
  name: 'push feeds',
  sql: `
create table feed (
  connection text primary key,
  cursor jsonb,
  owner text,
  held_until timestamptz,
  state text not null default 'waiting',
  reason text,
  events bigint not null default 0,
  breaks bigint not null default 0,
  heard_at timestamptz,
  event_at timestamptz
);

create table feed_gap (
  connection text not null,
  stream text not null,
  at timestamptz not null,
  primary key (connection, stream)
)
`,
};
