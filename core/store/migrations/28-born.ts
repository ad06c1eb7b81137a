import type { Migration } from './migration.ts';

/**
 * The golden id that was made for a record, where it bears another now: what is parted again gets its own id back. Null: the one it
 * bears. Of what was folded together before this migration nobody knows. A program that knows nothing of the column leaves it as it is.
 */
export const BORN: Migration = {
  name: 'the golden id that each record was born with',
  sql: `
alter table source_record add column born_as text
`,
};
