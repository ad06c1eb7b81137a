import { HUB } from './migrations/01-hub.ts';
import { TOKENS } from './migrations/02-tokens.ts';
import { DELIVERED } from './migrations/03-delivered.ts';
import { ACCESS } from './migrations/04-access.ts';
import { CONFIG } from './migrations/05-config.ts';
import { MESSAGES } from './migrations/06-messages.ts';
import { STEPS } from './migrations/07-steps.ts';
import { BUDGETS } from './migrations/08-budgets.ts';
import { FEEDS } from './migrations/09-feeds.ts';
import { DECISIONS } from './migrations/10-decisions.ts';
import { REALTIME } from './migrations/11-realtime.ts';
import { GUARDS } from './migrations/12-guards.ts';
import { QUOTA } from './migrations/13-quota.ts';
import { ERASURE } from './migrations/14-erasure.ts';
import { EDITS } from './migrations/15-edits.ts';
import { WEIGHING } from './migrations/16-weighing.ts';
import { FOLDED } from './migrations/17-folded.ts';
import { PERMITS } from './migrations/18-permits.ts';
import { LATE } from './migrations/19-late.ts';
import { DOUBTS } from './migrations/20-doubts.ts';
import { ACCOUNTS } from './migrations/21-accounts.ts';
import { PLACES } from './migrations/22-places.ts';
import { OUTBOX_ORDER } from './migrations/23-outbox-order.ts';
import { PACKED } from './migrations/24-packed.ts';
import { WATCHED } from './migrations/25-watched.ts';
import { HOMES } from './migrations/26-homes.ts';
import { MATCHED } from './migrations/27-matched.ts';
import { BORN } from './migrations/28-born.ts';
import { ALIASES } from './migrations/29-aliases.ts';
import { BORN_INDEX } from './migrations/30-born-index.ts';
import { FORMS } from './migrations/31-forms.ts';
import type { Migration } from './migrations/migration.ts';

/** In order. */
export const MIGRATIONS: Migration[] = [
  HUB,
  TOKENS,
  DELIVERED,
  ACCESS,
  CONFIG,
  MESSAGES,
  STEPS,
  BUDGETS,
  FEEDS,
  DECISIONS,
  REALTIME,
  GUARDS,
  QUOTA,
  ERASURE,
  EDITS,
  WEIGHING,
  FOLDED,
  PERMITS,
  LATE,
  DOUBTS,
  ACCOUNTS,
  PLACES,
  OUTBOX_ORDER,
  PACKED,
  WATCHED,
  HOMES,
  MATCHED,
  BORN,
  ALIASES,
  BORN_INDEX,
  FORMS,
];
