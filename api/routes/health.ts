import { Hono } from 'hono';
import { problem } from './problem.ts';

/** What works only in part, though the hub is ready. Names of connections and states; no detail, since anybody may ask. */
export type Degraded =
  | { connection: string; state: string; until: string }
  /** Webhooks that cannot be stored: `nayose failures` tells why. */
  | { connection: string; state: 'set aside'; webhooks: number }
  /** A newer revision of the config that does not check: the log says why. */
  | { revision: number; state: 'refused' }
  /** A newer version of the program has brought the schema up: this process is to be replaced as well. */
  | { schema: number; state: 'newer' };

/** `/healthz`: the process is up. `/readyz`: it can work; `unready` says why it cannot, `degraded` what rests meanwhile. */
export function healthRoutes(unready: () => Promise<string[]>, degraded: () => Promise<Degraded[]>): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'up' }));
  app.get('/readyz', async (c) => {
    const reasons = await unready();
    if (reasons.length > 0) return problem(c, 503, 'not ready', { detail: reasons.join('; '), reasons });
    const resting = await degraded();
    return c.json({ status: 'ready', ...(resting.length > 0 ? { degraded: resting } : {}) });
  });
  return app;
}
