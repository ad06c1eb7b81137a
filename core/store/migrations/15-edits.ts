import type { Migration } from './migration.ts';

export const EDITS: Migration = {
  name: 'edits beside ours',
  sql: `
alter table cursor add column sweep_at timestamptz, add column looked_at timestamptz;

alter table refusal add column holder text;

create index refusal_holder on refusal (holder) where holder is not null;

create table flip (
  record text not null,
  attribute text not null,
  rounds jsonb not null default '[]',
  frozen_at timestamptz,
  primary key (record, attribute)
);
create index flip_frozen on flip (record) where frozen_at is not null;

create table known_mapping (
  mapping text primary key,
  connection text not null,
  object text not null,
  entity text not null,
  sources jsonb not null,
  outward text not null,
  schema text not null,
  updated_at timestamptz not null
)
`,
};
