/** Law 1 and 2 under kill -9: whatever moment a process dies at, the next one ends where an undisturbed run would have. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { demoConfig } from '../../api/demo/config.ts';
import { type SandboxOptions, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, seedSandboxes } from '../../api/demo/world/index.ts';
import type { Fault, SandboxCall } from '../../connectors/sandbox.ts';
import { nayose, tempFolder } from './cli.ts';
import { fillFolder, freshPostgres } from './databases.ts';
import { shownIn } from './shown.ts';

const KILLS = 20;
const world = generateWorld({ seed: 20, people: 60, companies: 10, shared: 0.3, messiness: 0 });

/** The answer to every tenth created record is lost: the whole call that carries it is carried out, and stays unanswered. */
function loseTenths(): (call: SandboxCall) => Fault | undefined {
  let created = 0;
  return (call) => {
    const before = Math.floor(created / 10);
    created += call.creates;
    return Math.floor(created / 10) > before ? 'lost-answer' : undefined;
  };
}

async function open(
  options: SandboxOptions,
  database: Record<string, string> | undefined,
  { filled = true } = {},
) {
  const served = await serveSandboxes(options);
  seedSandboxes(world, served);
  const folder = await tempFolder(demoConfig(served));
  const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data'), ...database };
  if (!database && filled) await fillFolder(env.NAYOSE_DATA);
  const sync = () => nayose(['sync', '--json', '--config', folder.dir], env);
  return {
    served,
    sync,
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}

/** The tests of one database; each in a file of its own, so that both take their time side by side. */
export function survivesKills(database: 'PGlite' | 'PostgreSQL', options: SandboxOptions): void {
  let wanted: ReturnType<typeof shownIn>;
  const fresh = async () => (database === 'PGlite' ? undefined : { DATABASE_URL: await freshPostgres() });
  /** Milliseconds that an undisturbed run takes here: the kills are spread over them. */
  let whole = 0;

  beforeAll(async () => {
    const quiet = await open(options, await fresh());
    const started = performance.now();
    const { code, stderr } = await quiet.sync().ended;
    whole = performance.now() - started;
    expect(stderr).not.toMatch(/defect/);
    expect(code).toBe(0);
    wanted = shownIn(quiet.served);
    await quiet.close();
  }, 300_000);

  test(`${KILLS} kills, and a lost answer to every tenth create: the tools end as after an undisturbed run`, async () => {
    let kills = 0;
    let seed = 99;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    for (let round = 0; kills < KILLS; round++) {
      // The first begins with nothing: a kill may fall into the making of its database.
      const hub = await open(options, await fresh(), { filled: round > 0 });
      hub.served.salesforce.fault = loseTenths();
      hub.served.hubspot.fault = loseTenths();
      let done = false;
      while (!done) {
        const { child, ended } = hub.sync();
        if (kills < KILLS) {
          await Promise.race([ended, sleep(300 + random() * whole)]);
          if (child.exitCode === null && child.kill('SIGKILL')) kills++;
        }
        const { code, stderr, stdout } = await ended;
        expect(`${stderr}${stdout}`).not.toMatch(/defect/);
        done = code === 0;
        if (code === 1) throw new Error(stderr);
      }
      const again = await hub.sync().ended;
      expect(JSON.parse(again.stdout)).toMatchObject({ status: 'complete', created: 0, updated: 0 });
      expect(shownIn(hub.served)).toEqual(wanted);
      expect([hub.served.salesforce.books.noops, hub.served.hubspot.books.noops]).toEqual([0, 0]);
      await hub.close();
    }
  }, 900_000);
}
