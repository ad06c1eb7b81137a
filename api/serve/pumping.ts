import type { Log } from '../../connectors/contract.ts';
import { DatabaseLost } from '../../core/store/db.ts';

export interface Pumping {
  /** Something has arrived: work soon. Any number of calls while it works lead to one more round. */
  wake(): void;
  working(): boolean;
  /** Milliseconds that the round in hand has taken; undefined: none is. */
  taking(): number | undefined;
  /** Resolves when the round in hand is over and none is wanted. */
  idle(): Promise<void>;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * One round at a time. One that throws is logged with `failing`; what it left is found by the next wake or sweep, and after a
 * database that was lost by another round soon.
 */
export function createPumping(round: () => Promise<void>, log: Log, failing: string): Pumping {
  let wanted = false;
  let working: Promise<void> | undefined;
  let began = 0;
  let wait = FIRST_WAIT_MS;
  const again = () => {
    setTimeout(wake, wait).unref();
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  };
  const wake = () => {
    wanted = true;
    working ??= work();
  };
  const work = async () => {
    while (wanted) {
      wanted = false;
      began = performance.now();
      try {
        await round();
        wait = FIRST_WAIT_MS;
      } catch (error) {
        log.warn(failing, { error: (error as Error).message });
        if (error instanceof DatabaseLost) again();
      }
    }
    working = undefined;
  };
  return {
    wake,
    working: () => working !== undefined,
    taking: () => (working ? performance.now() - began : undefined),
    async idle() {
      while (working) await working;
    },
  };
}
