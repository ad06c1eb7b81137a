import type { Migration } from './migration.ts';

export const LATE: Migration = {
  name: 'writes that were looked for in vain, and may land late',
  sql: `
alter table source_record add column late jsonb;
create index outbox_late on outbox (mapping) where op = 'create' and payload is not null and state in ('pending', 'waiting')
`,
};
