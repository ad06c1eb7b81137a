import type { Migration } from './migration.ts';

/**
 * `pace`: calls of a connection that count against its rolling windows, as two lists side by side: the ticket's id, and when the
 * tool can have seen the call at the latest. Unlogged: after a crash of the server nobody's window of seconds matters any more.
 * `budget`: what is counted by the day. `sweep`: when any process last swept.
 */
export const BUDGETS: Migration = {
  name: 'budgets shared by all processes',
  sql: `
create unlogged table pace (
  connection text primary key,
  ids text[] not null default '{}',
  ends timestamptz[] not null default '{}',
  urgent_until timestamptz not null default '-infinity',
  granted int not null default -1
);

create table budget (
  connection text not null,
  name text not null,
  used int not null default 0,
  calls int not null,
  seconds double precision not null,
  since timestamptz not null,
  look_at timestamptz not null default '-infinity',
  primary key (connection, name)
);

create table sweep (
  id int primary key,
  at timestamptz not null
)
`,
};
