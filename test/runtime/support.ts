import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { applyConfig } from '../../api/config/revisions.ts';
import type { Served } from '../../api/demo/sandboxes.ts';
import { keyringOf } from '../../api/secrets/vault.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import type { Db } from '../../core/store/db.ts';
import { shownIn } from '../support/shown.ts';

process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
process.env.WRANGLER_SEND_METRICS = 'false';
process.env.WRANGLER_LOG = 'error';

export const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const WRANGLER_TOML = join(root, 'wrangler.toml');
const require = createRequire(import.meta.url);

/** workerd is a native program: some machines cannot run it. */
export function workerdRuns(): boolean {
  const { default: path } = require('workerd') as { default: string };
  return spawnSync(path, ['--version']).status === 0;
}

export async function apply(
  db: Db,
  files: Record<string, string>,
  env: Record<string, string>,
): Promise<void> {
  const applied = await applyConfig(db, {
    files,
    env,
    connectors: CONNECTORS,
    keys: await keyringOf({ NAYOSE_KEY: randomBytes(32).toString('base64') }),
    note: 'test',
    by: 'test',
    now: new Date(),
  });
  if (applied.status !== 'applied') throw new Error(JSON.stringify(applied));
}

/** Resolves with the first answer that is not undefined. */
export async function until<T>(look: () => Promise<T | undefined>, patienceMs = 45_000): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('it did not happen');
    await sleep(50);
  }
}

/** Both tools and all golden records, without ids and times: two hubs that worked alike give the same. */
export async function digest(db: Db, boxes: Served): Promise<Record<string, string[]>> {
  const goldens = await db.query<{ line: unknown; records: string }>(
    `select jsonb_build_array(g.entity, g.values - 'company') as line, (
       select string_agg(r.connection || ' ' || r.object, ',' order by r.connection, r.object)
       from source_record r where r.golden_id = g.id and not r.deleted) as records
     from golden g where g.alias_of is null and g.live`,
  );
  return {
    ...shownIn(boxes),
    golden: goldens.map(({ line, records }) => `${records} ${canonical(line)}`).sort(),
  };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
