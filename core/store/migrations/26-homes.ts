import type { Migration } from './migration.ts';

/** The config folder whose records these are, by where each of its connections leads: see api/runtime/home.ts. */
export const HOMES: Migration = {
  name: 'the config folder of each connection',
  sql: `
create table home (
  connection text primary key,
  leads_to text not null,
  folder text not null,
  at timestamptz not null
)
`,
};
