import type { Lane } from '../../connectors/contract.ts';
import { isUrgent, WINDOW_KEPT } from '../../connectors/pace.ts';
import type { BudgetConfig } from '../config/budgets.ts';

/** How a connection's calls are shared out: between the customer's other apps, webhooks, scheduled runs and backfills. */
export type Shares = Pick<BudgetConfig, 'reserve' | 'lanes'>;

export const USUAL_SHARES: Shares = { reserve: 0.1, lanes: { realtime: 0.05, incremental: 0.1 } };

/** The share of a day's budget that a lane must leave: a backfill stops first, then scheduled runs, webhooks last. */
export function leftOfDay(lane: Lane, { reserve, lanes }: Shares): number {
  const left = {
    // Nobody else's need of the budget outweighs that somebody wants no more mail.
    consent: 0,
    realtime: reserve,
    incremental: reserve + lanes.realtime,
    backfill: reserve + lanes.realtime + lanes.incremental,
  };
  return Math.min(1, left[lane]);
}

/** The same of a window of seconds: it belongs to this hub alone, but a sync that fills it must not make webhooks wait. */
export const leftOfWindow = (lane: Lane): number => (isUrgent(lane) ? 0 : WINDOW_KEPT);

/** What the rest is kept for, when this lane may have no more. */
export const keptFor: Record<Lane, string> = {
  consent: 'nobody',
  realtime: 'other apps (`reserve`)',
  incremental: 'webhooks and other apps (`lanes`, `reserve`)',
  backfill: 'webhooks, scheduled runs and other apps (`lanes`, `reserve`)',
};
