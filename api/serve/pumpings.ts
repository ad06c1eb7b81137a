import type { Log } from '../../connectors/contract.ts';
import { createPumping, type Pumping } from './pumping.ts';

/** One pumping a name: each works while the others do, and one that hangs holds up itself alone. */
export interface Pumpings {
  wake(name: string): void;
  /** Is this one at work, or any? */
  working(name?: string): boolean;
  /** Of the rounds in hand, the one that began last. */
  taking(): number | undefined;
  /** As of a pumping, for all of them. */
  idle(): Promise<void>;
}

export function createPumpings(round: (name: string) => Promise<void>, log: Log, failing: string): Pumpings {
  const all = new Map<string, Pumping>();
  const working = (name?: string) =>
    name === undefined ? [...all.values()].some((one) => one.working()) : (all.get(name)?.working() ?? false);
  return {
    wake(name) {
      const one = all.get(name) ?? createPumping(() => round(name), log, failing);
      all.set(name, one);
      one.wake();
    },
    working,
    taking: () => {
      const taken = [...all.values()].flatMap((one) => one.taking() ?? []);
      return taken.length === 0 ? undefined : Math.min(...taken);
    },
    async idle() {
      while (working()) for (const one of all.values()) await one.idle();
    },
  };
}
