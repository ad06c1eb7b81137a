import { type Db, StoreError } from '../core/store/db.ts';
import { openPg } from '../core/store/pg.ts';
import { createApp } from './app.ts';
import { HUB_DEFAULTS } from './config/types.ts';
import { unreadyReasons } from './serve/ready.ts';

export interface Env {
  /** The binding of wrangler.toml; DATABASE_URL serves where there is none (local runs). */
  HYPERDRIVE?: { connectionString: string };
  DATABASE_URL?: string;
}

const MISSING = 'no database is bound: add HYPERDRIVE to wrangler.toml, or set DATABASE_URL';

/**
 * Nayose on Cloudflare Workers: the same app as on Node. Everything lives for one request: a connection kept at module scope
 * would belong to the request that opened it, and hang the next one.
 */
export default {
  async fetch(
    request: Request,
    env: Env,
    ctx: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response> {
    const url = env.HYPERDRIVE?.connectionString ?? env.DATABASE_URL;
    let open: Db | undefined;
    const db = () => {
      if (url === undefined) throw new StoreError(MISSING, 'See wrangler.toml.');
      open ??= openPg(url, { max: 4 });
      return open;
    };
    const say = (level: string) => (message: string, detail?: object) =>
      console.log(JSON.stringify({ level, message, ...detail }));
    const app = createApp({
      db,
      now: () => new Date(),
      log: { debug() {}, info: say('info'), warn: say('warn') },
      newId: () => `e_${crypto.randomUUID()}`,
      unready: async () => (url === undefined ? [MISSING] : unreadyReasons(db())),
      // No config folder is at hand here, so no connection takes webhooks, and no mapping can have failures.
      config: { hub: HUB_DEFAULTS, connections: {}, entities: {}, mappings: {}, syncs: {}, order: [] },
      target: () => undefined,
      received() {},
      failures: async () => [],
    });
    try {
      return await app.fetch(request);
    } finally {
      if (open) ctx.waitUntil(open.close());
    }
  },
};
