import type { Migration } from './migration.ts';

export const FOLDED: Migration = {
  name: 'what people had said in a record that its tool folded into another',
  sql: `
alter table source_record add column folded jsonb
`,
};
