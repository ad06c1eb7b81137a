import { expect, test } from 'vitest';
import type { Lane } from '../../connectors/contract.ts';
import { createPace, windowShare } from '../../connectors/pace.ts';

/** A window far longer than this test may last: whoever waits for it to pass is never done. */
const BUDGET = { name: 'short', calls: 10, per: 60 };

test.each<Lane>(['consent', 'realtime'])(
  '%s finds a place where a sync has filled its share',
  async (lane) => {
    const pace = createPace([BUDGET], 20);
    const { signal } = new AbortController();
    const stop = new AbortController();
    const share = windowShare(BUDGET.calls, 'backfill');
    expect(share).toBeLessThan(BUDGET.calls);
    let done = 0;
    const call = async () => {
      done++;
    };
    await Promise.all(Array.from({ length: share }, () => pace.run(call, signal, 'backfill')));
    const waiting = pace.run(call, stop.signal, 'incremental').catch(() => 'gave up');
    await pace.run(call, signal, lane);
    expect(done).toBe(share + 1);
    stop.abort();
    expect(await waiting).toBe('gave up');
  },
);
