import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRun } from '../../../core/sync/run.ts';
import { anyRequest, fc } from './arbitraries.ts';
import { apiOfHub, type HubApi } from './hub.ts';

const INPUTS = 10_000;
const TOGETHER = 20;

let api: HubApi;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeAll(async () => {
  process.on('unhandledRejection', note);
  const starts = { hub: undefined as HubApi['hub'] | undefined };
  api = await apiOfHub({
    // Runs are signed in as ever, and not worked off: the tools' work is other tests' matter.
    startRun: ({ sync, mode }) => startRun(starts.hub!.engine, { name: sync }, { mode }),
    // Deduplicating is a process of its own, tested elsewhere.
    cleanse: async ({ csv }) => ({ refused: `${csv.length} bytes` }),
  });
  starts.hub = api.hub;
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await api.end();
});

test(`${INPUTS} odd requests to webhooks and the API: no 5xx, and every error is a problem document`, {
  timeout: 180_000,
}, async () => {
  const statuses = new Map<number, number>();
  const one = async ({ path, ...init }: { path: string } & RequestInit) => {
    const response = await api.fetch(path, init);
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status >= 500) return `${response.status} ${text} for ${init.method} ${path}`;
    if (response.status < 400 || init.method === 'HEAD') return undefined;
    const said = response.headers.get('content-type');
    return said === 'application/problem+json' || said?.startsWith('text/html')
      ? undefined
      : `${response.status} as ${said}`;
  };
  await fc.assert(
    fc.asyncProperty(fc.array(anyRequest, { minLength: TOGETHER, maxLength: TOGETHER }), async (requests) => {
      api.clock.now = new Date(api.clock.now.getTime() + 60_000);
      const wrong = await Promise.all(requests.map(one));
      expect(wrong.filter((each) => each !== undefined)).toEqual([]);
    }),
    { numRuns: INPUTS / TOGETHER, endOnFailure: true },
  );
  expect(unhandled).toEqual([]);
  // The inputs reached what they were aimed at: good answers, refusals of every kind.
  for (const status of [200, 400, 401, 403, 404, 405, 413, 415, 422])
    expect([status, statuses.has(status)]).toEqual([status, true]);
});
