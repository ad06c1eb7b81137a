import type { Migration } from './migration.ts';

export const PERMITS: Migration = {
  name: 'runs of a plan',
  sql: `
create table permit (
  run text not null,
  mapping text not null,
  op text not null,
  target text not null,
  anchor text not null,
  fields jsonb not null,
  primary key (run, mapping, op, target, anchor)
);
create index permit_anchor on permit (run, anchor)
`,
};
