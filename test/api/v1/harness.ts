import { createApp } from '../../../api/app.ts';
import { createLimits } from '../../../api/auth/limits.ts';
import { hashToken } from '../../../api/auth/tokens.ts';
import { HUB_DEFAULTS } from '../../../api/config/types.ts';
import type { V1Deps } from '../../../api/v1/deps.ts';
import type { Db } from '../../../core/store/db.ts';
import { type Role, saveToken } from '../../../core/store/tokens.ts';

export const NOW = new Date('2026-03-04T05:06:07Z');

export interface Api {
  db: Db;
  /** Moves the clock. */
  clock: { now: Date };
  logged: string[];
  tokens: Record<Role, string>;
  fetch(path: string, init?: RequestInit & { as?: Role | string }): Promise<Response>;
}

/** The app over a database, in this process, with a token of each role. */
export async function apiOver(db: Db, more: Partial<V1Deps> = {}): Promise<Api> {
  const clock = { now: NOW };
  const logged: string[] = [];
  const say = (message: string, detail?: object) => void logged.push(`${message} ${JSON.stringify(detail)}`);
  const tokens: Record<Role, string> = { viewer: 'v-token', operator: 'o-token', admin: 'a-token' };
  for (const role of ['viewer', 'operator', 'admin'] as const)
    await saveToken(
      db,
      { hash: await hashToken(tokens[role]), name: `the ${role}`, role, expiresAt: null },
      NOW,
    );
  const app = createApp({
    db: () => db,
    now: () => clock.now,
    log: { debug: say, info: say, warn: say },
    newId: () => crypto.randomUUID(),
    limits: createLimits(),
    rate: { burst: 1e9, perSecond: 1e9 },
    unready: async () => [],
    config: { hub: HUB_DEFAULTS, connections: {}, entities: {}, mappings: {}, syncs: {}, order: [] },
    target: () => undefined,
    received() {},
    failures: async () => [],
    ...more,
  });
  return {
    db,
    clock,
    logged,
    tokens,
    async fetch(path, { as, headers, ...init } = {}) {
      const all = new Headers(headers);
      if (as !== undefined) all.set('authorization', `Bearer ${tokens[as as Role] ?? as}`);
      if (typeof init.body === 'string' && !all.has('content-type'))
        all.set('content-type', 'application/json');
      return app.fetch(new Request(`http://hub.test${path}`, { ...init, headers: all }));
    },
  };
}
