import type { Migration } from './migration.ts';

/**
 * A page of a large store reads the forms for matching of thousands of records, strewn over the table. Beside what tools say of a record, four of them lie
 * on a page of the database; by themselves, thirty. As text they need not be put together anew each time. What a program of before is
 * storing just now is waited for; after that its steps fail, and are undone: one that found no forms would not find who is alike.
 */
export const FORMS: Migration = {
  name: 'forms for matching have a table of their own',
  sql: `
lock table source_record in access exclusive mode;
create table match_form (
  record text primary key,
  form text not null
);
insert into match_form (record, form) select key, prepared::text from source_record where prepared is not null order by key;
alter table source_record drop column prepared;
analyze match_form;
`,
};
