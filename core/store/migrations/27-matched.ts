import type { Migration } from './migration.ts';

/**
 * How many records of an entity are matched, those aside that the hub made; and the bits that its doubts have lost for their number: see
 * core/match/crowd.ts. A program that knows nothing of it counts none, and stores doubts without that, until all are weighed anew.
 */
export const MATCHED: Migration = {
  name: 'records matched, entity by entity',
  sql: `
create table matched (
  entity text primary key,
  records bigint not null,
  crowd int not null default 0
);
insert into matched (entity, records)
select entity, count(*) from source_record
where golden_id is not null and prepared is not null and not deleted group by entity
`,
};
