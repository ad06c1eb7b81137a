import { randomBytes } from 'node:crypto';
import { createHub, type Hub } from '../../../api/runtime/hub.ts';
import type { Store } from '../../../api/runtime/store.ts';
import { connectionVaults } from '../../../api/secrets/connections.ts';
import { createVault, keyringOf } from '../../../api/secrets/vault.ts';
import { createCleanse } from '../../../api/serve/cleanse.ts';
import { createExporting } from '../../../api/serve/export.ts';
import { createLauncher, type Launcher } from '../../../api/serve/launch.ts';
import type { V1Deps } from '../../../api/v1/deps.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { openMemory } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';
import { configOf, makeWorld, type World } from '../serve/harness.ts';
import { type Api, apiOver } from './harness.ts';

/** The API over an embedded database and two simulated tools. */
export interface HubApi extends Api {
  world: World;
  hub: Hub;
  launcher: Launcher;
  end(): Promise<void>;
}

export async function apiOfHub(
  more: Partial<V1Deps> = {},
  edit?: (hubYaml: string) => string,
): Promise<HubApi> {
  const world = await makeWorld({ people: 12, ...(edit ? { edit } : {}) });
  const db = await openMemory();
  const store: Store = memoryStore(db);
  const kill = new AbortController();
  const { signal } = kill;
  const log = { debug() {}, info() {}, warn() {} };
  const keys = await keyringOf({ NAYOSE_KEY: randomBytes(32).toString('hex') });
  const hub = createHub(await configOf(world), store, CONNECTORS, {
    signal,
    log,
    vaults: connectionVaults(
      db,
      createVault(db, keys, () => new Date()),
      log,
    ),
  });
  const launcher = createLauncher({ hub: () => hub, stop: signal, kill: signal, log });
  const api = await apiOver(db, {
    hub: () => hub,
    startRun: launcher.startRun,
    startReconcile: launcher.startReconcile,
    cleanse: createCleanse(signal),
    exporting: createExporting(db, () => new Date()),
    configuring: {
      env: world.env,
      connectors: CONNECTORS,
      keys,
      applied: async () => undefined,
      atWork: () => 0,
    },
    probing: async () => ({ fetch, now: () => new Date(), random: Math.random, log, signal }),
    ...more,
  });
  return {
    ...api,
    world,
    hub,
    launcher,
    async end() {
      await launcher.idle();
      kill.abort();
      await world.close();
      await db.close();
    },
  };
}
