import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

const NEAR = /^(?:::ffff:)?(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^::1$|^f[cd]/i;

/**
 * Where a request comes from. A neighbour on this machine or in a private network is taken for a proxy that says whom it
 * speaks for; what anybody further away says of that is not believed.
 */
export function peerOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: unknown };
  if (!incoming) return undefined;
  const peer = getConnInfo(c).remote.address;
  if (peer === undefined || !NEAR.test(peer)) return peer;
  return c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() || peer;
}
