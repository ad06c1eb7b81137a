import type { Migration } from './migration.ts';

export const DECISIONS: Migration = {
  name: 'decisions by hand',
  sql: `
create table act (
  id text primary key,
  entity text not null,
  kind text not null,
  asked jsonb not null,
  attribute text,
  value jsonb,
  by text not null,
  reason text,
  at timestamptz not null,
  undone_at timestamptz,
  undone_by text
);
create index act_at on act (at, id);

alter table decision add column act text;
alter table decision add column ended_by text;
create index decision_act on decision (act);
create index decision_ended on decision (ended_by) where ended_by is not null;
create unique index decision_pair on decision (kind, least(a, b), greatest(a, b)) where undone_at is null and kind <> 'pin';
create unique index decision_pin on decision (a, attribute) where undone_at is null and kind = 'pin';

alter table review add column by text;
alter table review add column decided_at timestamptz;
alter table review add column act text;
create index review_act on review (act) where act is not null;

create table match_model (
  entity text not null,
  version int not null,
  model jsonb not null,
  by text not null,
  at timestamptz not null,
  active boolean not null default false,
  primary key (entity, version)
);
create unique index match_model_active on match_model (entity) where active
`,
};
