import type { Migration } from './migration.ts';

/**
 * Forms for matching are packed (core/match/packed.ts) as records are resolved; those of before are read as they are, so that nothing is to
 * be done. A program that knows only these fails a step that meets a packed one: it is not to start on this schema, nor to import it.
 * No such program was ever given to anybody.
 */
export const PACKED: Migration = { name: 'forms for matching are packed', sql: '' };
