import type { Migration } from './migration.ts';

/**
 * An alias holds nothing of its own: what it had held is in the history of whom it was folded into, where an erasure looks for it.
 */
export const ALIASES: Migration = {
  name: 'golden records that were folded into another hold no values',
  sql: `
update golden set values = '{}', provenance = '{}' where alias_of is not null
`,
};
