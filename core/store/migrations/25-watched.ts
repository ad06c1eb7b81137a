import type { Migration } from './migration.ts';

/** What a reading of a whole stream does not show is gone, where the tool has no list of deletions: see core/sync/vanished.ts. */
export const WATCHED: Migration = {
  name: 'readings that are watched for what is gone',
  sql: `
alter table cursor add column held int, add column aside int
`,
};
