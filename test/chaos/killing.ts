/** Law 1 and 2 under kill -9: whatever moment a process dies at, the next one ends where an undisturbed run would have. */
import { deepStrictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoConfig } from '../../api/demo/config.ts';
import { type SandboxOptions, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, seedSandboxes } from '../../api/demo/world/index.ts';
import { type Random, random } from '../../api/demo/world/random.ts';
import type { Fault, SandboxCall } from '../../connectors/sandbox.ts';
import { nayose, tempFolder } from '../support/cli.ts';
import { shownIn } from '../support/shown.ts';
import { LawBroken } from './laws.ts';

export interface KillsOptions {
  times: number;
  seed: number;
  sandboxes?: SandboxOptions;
  /** Where a fresh database is; undefined: the embedded one. */
  freshDatabase: (() => Promise<string>) | undefined;
  /** Makes the embedded database in a folder, quicker than a hub makes it. */
  fill?(folder: string): Promise<void>;
  told?(line: string): void;
}

export interface KillsResult {
  kills: number;
  /** First syncs that the kills were spread over. */
  worlds: number;
  created: number;
  seconds: number;
}

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

async function open(options: KillsOptions, filled: boolean) {
  const served = await serveSandboxes(options.sandboxes ?? {});
  seedSandboxes(world, served);
  const folder = await tempFolder(demoConfig(served));
  const database = options.freshDatabase ? { DATABASE_URL: await options.freshDatabase() } : {};
  const env = { ...served.env, NAYOSE_DATA: join(folder.dir, 'data'), ...database };
  if (filled && !options.freshDatabase) await options.fill?.(env.NAYOSE_DATA);
  const books = [served.salesforce.books, served.hubspot.books];
  return {
    served,
    sync: () => nayose(['sync', '--json', '--config', folder.dir], env),
    noops: () => books.reduce((sum, book) => sum + book.noops, 0),
    created: () =>
      books.reduce((sum, book) => sum + Object.values(book.created).reduce((a, b) => a + b, 0), 0),
    async close() {
      await served.close();
      await folder.remove();
    },
  };
}

/** Throws LawBroken where a world ends otherwise than an undisturbed one. */
export async function playKills(options: KillsOptions): Promise<KillsResult> {
  const started = performance.now();
  const quiet = await open(options, true);
  const begun = performance.now();
  const { code, stderr } = await quiet.sync().ended;
  if (code !== 0) throw new Error(`the undisturbed sync ended with ${code}: ${stderr}`);
  const pace = { whole: performance.now() - begun };
  const [wanted, wantedCreated] = [shownIn(quiet.served), quiet.created()];
  await quiet.close();

  const rng = random(options.seed);
  const result: KillsResult = { kills: 0, worlds: 0, created: 0, seconds: 0 };
  while (result.kills < options.times) {
    // The first begins with nothing: a kill may fall into the making of its database.
    const hub = await open(options, result.worlds > 0);
    try {
      await disturb(hub, options.times, result, rng, pace);
      judge(hub, wanted, wantedCreated);
    } finally {
      await hub.close();
    }
    result.worlds++;
    result.created += hub.created();
    options.told?.(`${result.kills} kills in ${result.worlds} worlds: 0 lost, 0 doubled`);
  }
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

type Hub = Awaited<ReturnType<typeof open>>;

/**
 * `pace.whole`: milliseconds that an undisturbed run takes here and now; the kills are spread over them.
 * Kills one sync after the other until one comes to its end; and one more, which must have nothing to do.
 */
async function disturb(
  hub: Hub,
  times: number,
  result: KillsResult,
  rng: Random,
  pace: { whole: number },
): Promise<void> {
  hub.served.salesforce.fault = loseTenths();
  hub.served.hubspot.fault = loseTenths();
  for (let done = false; !done; ) {
    const begun = performance.now();
    const { child, ended } = hub.sync();
    if (result.kills < times) {
      await Promise.race([ended, sleep((0.15 + rng.next() * 0.85) * pace.whole)]);
      if (child.exitCode === null && child.kill('SIGKILL')) result.kills++;
    }
    const { code, stderr, stdout } = await ended;
    if (code !== null) pace.whole = (pace.whole + performance.now() - begun) / 2;
    if (/defect/.test(`${stderr}${stdout}`)) throw new LawBroken('no defects', stderr);
    if (code === 1) throw new LawBroken('settles', stderr);
    done = code === 0;
  }
  const again = await hub.sync().ended;
  const last = JSON.parse(again.stdout) as { status: string; created: number; updated: number };
  if (last.status !== 'complete' || last.created + last.updated > 0)
    throw new LawBroken('second run silent', JSON.stringify(last));
}

function judge(hub: Hub, wanted: ReturnType<typeof shownIn>, wantedCreated: number): void {
  if (hub.created() !== wantedCreated)
    throw new LawBroken('nothing created twice', `${hub.created()} creations; ${wantedCreated} were needed`);
  try {
    deepStrictEqual(shownIn(hub.served), wanted);
  } catch (error) {
    throw new LawBroken('nothing lost', (error as Error).message.slice(0, 2000));
  }
  if (hub.noops() > 0) throw new LawBroken('no no-op writes', `${hub.noops()} writes changed nothing`);
}
