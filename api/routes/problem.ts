import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error as RFC 9457 says. `detail` tells the caller what to do; nothing private is in it. */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  more: { detail?: string; reasons?: string[] } = {},
): Response {
  return c.body(JSON.stringify({ type: 'about:blank', title, status, ...more }), status, {
    'Content-Type': 'application/problem+json',
  });
}
