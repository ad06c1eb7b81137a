import type { Log } from '../../connectors/contract.ts';

export interface Pumping {
  /** Something has arrived: work soon. Any number of calls while it works lead to one more round. */
  wake(): void;
  working(): boolean;
  /** Resolves when the round in hand is over and none is wanted. */
  idle(): Promise<void>;
}

/** One round at a time. One that throws is logged with `failing`; what it left is found by the next wake or sweep. */
export function createPumping(round: () => Promise<void>, log: Log, failing: string): Pumping {
  let wanted = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    while (wanted) {
      wanted = false;
      try {
        await round();
      } catch (error) {
        log.warn(failing, { error: (error as Error).message });
      }
    }
    working = undefined;
  };
  return {
    wake() {
      wanted = true;
      working ??= work();
    },
    working: () => working !== undefined,
    async idle() {
      while (working) await working;
    },
  };
}
