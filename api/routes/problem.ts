import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What of a request is wrong: `where` is a path like `query.limit` or `body.fields.0`. */
export interface Fault {
  where: string;
  message: string;
}

export interface More {
  /** Tells the caller what to do; nothing private is in it. */
  detail?: string;
  reasons?: string[];
  errors?: Fault[];
}

/** An error as RFC 9457 says. */
export function problem(c: Context, status: ContentfulStatusCode, title: string, more: More = {}): Response {
  return c.body(JSON.stringify({ type: 'about:blank', title, status, ...more }), status, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  });
}
