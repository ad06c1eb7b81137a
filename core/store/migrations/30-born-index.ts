import type { Migration } from './migration.ts';

/** An erasure looks for the records of others that a golden record was made for. */
export const BORN_INDEX: Migration = {
  name: 'an index on the golden ids that records were born with',
  sql: `
create index source_record_born on source_record (born_as) where born_as is not null
`,
};
