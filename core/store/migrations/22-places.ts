import type { Migration } from './migration.ts';

/** The keys of a place name its region: records that have one get theirs when they are resolved again, with their next run. */
export const PLACES: Migration = {
  name: 'keys of places name the region',
  sql: `
update source_record set dirty = true, rescore = true where prepared -> 'place' ->> 'region' is not null
`,
};
