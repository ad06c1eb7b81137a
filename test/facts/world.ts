/**
 * A hub between a Salesforce and a HubSpot, as a customer has it: the real connectors over HTTP to the sandboxes, the demo's
 * mappings, and a database in memory. Both tools and the hub share one clock that the test moves.
 */

import { loadConfig } from '../../api/config/load.ts';
import type { HubConfig } from '../../api/config/types.ts';
import { demoConfig } from '../../api/demo/config.ts';
import { type SandboxOptions, type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { createHub, type Hub } from '../../api/runtime/hub.ts';
import type { Store } from '../../api/runtime/store.ts';
import type { Fields } from '../../connectors/contract.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import type { Values } from '../../core/model/value.ts';
import type { RunRow } from '../../core/store/runs.ts';
import type { Sync } from '../../core/sync/ports.ts';
import { runSync } from '../../core/sync/run.ts';
import { tempFolder } from '../support/cli.ts';
import { openMemory } from '../support/databases.ts';
import { memoryStore } from '../support/store.ts';

export const OLD = '2025-01-01T00:00:00Z';
export const HANAKO = { email: 'hanako@aoba.example', lastname: '青葉', firstname: '花子', jobtitle: '課長' };

export interface FactWorld extends Pick<Served, 'salesforce' | 'hubspot'> {
  /** Time passes: an hour, unless told otherwise. */
  later(seconds?: number): void;
  now(): Date;
  /** All syncs once, by a process of its own (the schemas are asked for anew); `same`: by the one that ran before. */
  sync(options?: { full?: boolean; same?: boolean }): Promise<RunRow>;
  /** Live golden people, oldest first, with the source keys of their records. */
  people(): Promise<{ id: string; values: Values; records: string[] }[]>;
  opinions(key: string): Promise<Record<string, { value: unknown; at: string }>>;
  inSalesforce(stream: string, id: string): Fields;
  inHubspot(stream: string, id: string): Fields;
  /** Records that are there and not deleted. */
  live(tool: 'salesforce' | 'hubspot', stream: string): string[];
  /** What people outside the hub see of it: records made and changed through both APIs. */
  writes(): number;
  store: Store;
  /** All syncs, and the engine that runs them, as a process that starts now has them. */
  process(): Promise<{ engine: Hub['engine']; syncs: Sync[] }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function factWorld(
  options: SandboxOptions & { files?: (config: Record<string, string>) => Record<string, string> } = {},
): Promise<FactWorld> {
  let time = Date.parse('2026-03-01T09:00:00Z');
  const now = () => new Date(time);
  const served = await serveSandboxes({
    salesforce: { now, ...options.salesforce },
    hubspot: { now, ...options.hubspot },
  });
  const files = demoConfig(served);
  const folder = await tempFolder(options.files?.(files) ?? files);
  const loaded = await loadConfig(folder.dir, { env: served.env, connectors: CONNECTORS });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const config: HubConfig = loaded.config;
  const db = await openMemory();
  const store: Store = memoryStore(db, 'facts');
  const { signal } = new AbortController();
  let hub: Hub | undefined;
  const find = (tool: 'salesforce' | 'hubspot', stream: string, id: string) =>
    served[tool].records(stream).find((record) => record.id === id)?.fields ?? {};
  return {
    salesforce: served.salesforce,
    hubspot: served.hubspot,
    store,
    now,
    later(seconds = 3600) {
      time += seconds * 1000;
    },
    async sync({ full = false, same = false } = {}) {
      if (!same || hub === undefined) hub = createHub(config, store, CONNECTORS, { now, signal });
      let last: RunRow | undefined;
      for (const sync of await hub.syncs()) {
        last = await runSync(hub.engine, sync, { mode: 'sync', full, signal });
        if (last.status !== 'complete') return last;
      }
      return last!;
    },
    async process() {
      hub = createHub(config, store, CONNECTORS, { now, signal });
      return { engine: hub.engine, syncs: await hub.syncs() };
    },
    async people() {
      return (await db.query(
        `select g.id, g.values, array(select key from source_record s where s.golden_id = g.id and not s.deleted order by key)
           as records
         from golden g where g.entity = 'person' and g.live and g.alias_of is null order by g.created_at, g.id`,
      )) as never;
    },
    async opinions(key) {
      const [row] = await db.query(`select opinions from source_record where key = $1`, [key]);
      return (row?.opinions ?? {}) as never;
    },
    inSalesforce: (stream, id) => find('salesforce', stream, id),
    inHubspot: (stream, id) => find('hubspot', stream, id),
    live: (tool, stream) =>
      served[tool]
        .records(stream)
        .filter(({ deleted }) => !deleted)
        .map(({ id }) => id),
    writes: () =>
      [served.salesforce.books, served.hubspot.books]
        .flatMap(({ writes }) => Object.values(writes))
        .reduce((sum, n) => sum + n, 0),
    async [Symbol.asyncDispose]() {
      await served.close();
      await db.close();
      await folder.remove();
    },
  };
}
