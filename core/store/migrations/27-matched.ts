import type { Migration } from './migration.ts';

/**
 * How many records of an entity were ever matched, those aside that the hub made; and the bits that its doubts have lost for their number: see
 * core/match/crowd.ts. A program that knows nothing of it stores doubts without that, until their number has doubled once more.
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
select entity, count(*) from source_record where golden_id is not null group by entity
`,
};
