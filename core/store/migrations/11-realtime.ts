import type { Migration } from './migration.ts';

export const REALTIME: Migration = {
  name: 'the fast lane',
  sql: `
alter table source_record add column since timestamptz, add column rescore boolean not null default true;

drop index source_record_dirty;

create index source_record_dirty on source_record (entity, since, key) where dirty;

alter table outbox add column since timestamptz;

alter table inbox add column owner text, add column reason text;

create table written_back (
  mapping text not null,
  at timestamptz not null,
  milliseconds bigint not null
);
create index written_back_at on written_back (mapping, at);

alter table run add column clock jsonb
`,
};
