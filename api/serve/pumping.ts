import type { Log } from '../../connectors/contract.ts';
import type { Pumped } from '../../core/sync/realtime.ts';

export interface Pumping {
  /** Something has arrived: work soon. Any number of calls while it works lead to one more round. */
  wake(): void;
  /** Resolves when the round in hand is over and none is wanted. */
  idle(): Promise<void>;
}

/** One pump at a time in this process. A round that throws is logged; what it left is found by the next wake or sweep. */
export function createPumping(
  round: () => Promise<Pumped>,
  log: Log,
  told: (pumped: Pumped) => void,
): Pumping {
  let wanted = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    while (wanted) {
      wanted = false;
      try {
        told(await round());
      } catch (error) {
        log.warn('webhooks wait in the inbox', { error: (error as Error).message });
      }
    }
    working = undefined;
  };
  return {
    wake() {
      wanted = true;
      working ??= work();
    },
    async idle() {
      while (working) await working;
    },
  };
}
