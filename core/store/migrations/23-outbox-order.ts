import type { Migration } from './migration.ts';

/** The next batch of a long backlog is read in its order, and not sorted out of all that is due, once for each batch. */
export const OUTBOX_ORDER: Migration = {
  name: 'the outbox in the order of its deliveries',
  sql: `
create index outbox_order on outbox (mapping, op, lane, golden_id, target) where state = 'pending'
`,
};
