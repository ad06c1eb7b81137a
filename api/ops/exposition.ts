import { Hono } from 'hono';
import { guarded } from '../auth/guard.ts';
import type { AuthDeps } from '../auth/principal.ts';
import { problem } from '../routes/problem.ts';

export type MetricsText = () => Promise<{ type: string; body: string }>;

/** `/metrics`, in Prometheus' text format, for every valid token. */
export function metricsRoutes(deps: AuthDeps & { metrics?: MetricsText | undefined }): Hono {
  const app = new Hono();
  app.get('/metrics', guarded(deps), async (c) => {
    if (!deps.metrics)
      return problem(c, 501, 'this runtime measures nothing itself', {
        detail: 'On Cloudflare Workers look at its own analytics and logs.',
      });
    const { type, body } = await deps.metrics();
    return c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
  });
  return app;
}
