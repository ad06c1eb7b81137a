import { Hono } from 'hono';
import { problem } from './problem.ts';

/** `/healthz`: the process is up. `/readyz`: it can work; `unready` says why it cannot. */
export function healthRoutes(unready: () => Promise<string[]>): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'up' }));
  app.get('/readyz', async (c) => {
    const reasons = await unready();
    return reasons.length === 0
      ? c.json({ status: 'ready' })
      : problem(c, 503, 'not ready', { detail: reasons.join('; '), reasons });
  });
  return app;
}
