/** The net between the tools and the hub's webhooks: it loses, repeats, delays and reorders. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../api/demo/world/random.ts';

export interface Relay {
  /** What a sandbox sends its webhooks with. */
  fetch: typeof fetch;
  /** From now on everything arrives at once, once, and in order. */
  calm(): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  counts: Record<'sent' | 'lost' | 'twice' | 'late' | 'reordered', number>;
}

export function createRelay(rng: Random): Relay {
  const counts = { sent: 0, lost: 0, twice: 0, late: 0, reordered: 0 };
  let rough = true;
  /** Waits for the next one, which overtakes it. */
  let held: (() => void) | undefined;
  const flying = new Set<Promise<unknown>>();
  const later = (work: Promise<unknown>) => {
    // A hub that is down hears nothing: that is part of it.
    const quiet = work.catch(() => undefined).finally(() => flying.delete(quiet));
    flying.add(quiet);
  };
  const taken = () => new Response(null, { status: 202 });
  const post: typeof fetch = async (url, init) => {
    const answer = await fetch(url, init);
    await answer.arrayBuffer();
    const overtaken = held;
    held = undefined;
    overtaken?.();
    return answer;
  };
  return {
    counts,
    fetch: async (url, init) => {
      counts.sent++;
      const fate = rough ? rng.next() : 1;
      if (fate < 0.03) {
        counts.lost++;
        return taken();
      }
      if (fate < 0.1) {
        counts.twice++;
        later(post(url, init));
        return post(url, init);
      }
      if (fate < 0.18) {
        counts.late++;
        later(sleep(50 + rng.int(1500)).then(() => post(url, init)));
        return taken();
      }
      if (fate < 0.25 && held === undefined) {
        counts.reordered++;
        later(
          new Promise<void>((overtaken) => {
            held = overtaken;
          }).then(() => post(url, init)),
        );
        return taken();
      }
      return post(url, init);
    },
    calm() {
      rough = false;
      held?.();
      held = undefined;
    },
    async settled() {
      while (flying.size > 0) await Promise.all(flying);
    },
  };
}
