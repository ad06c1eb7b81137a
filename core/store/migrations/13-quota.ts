import type { Migration } from './migration.ts';

/**
 * `pace.budgets`: what is known of each budget, by its name, kept in the row that every call passes, so that processes together
 * never take more than there is; `budget` is its copy for readers, and what is left of it after a crash of the server.
 * `budget_sample`: how a day's budget was used over time. `run.resume_at`: when a run that a budget ended goes on by itself.
 */
export const QUOTA: Migration = {
  name: 'budgets of a day: shared to the call, their forecast, and runs that go on when they renew',
  sql: `
alter table pace add column budgets jsonb not null default '{}';
alter table budget add column resets_at timestamptz, add column rolling boolean not null default false;

create table budget_sample (
  connection text not null,
  name text not null,
  at timestamptz not null,
  used int not null,
  primary key (connection, name, at)
);

alter table run add column resume_at timestamptz;
create index run_resume on run (resume_at) where resume_at is not null
`,
};
