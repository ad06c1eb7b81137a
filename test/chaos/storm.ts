/** A first sync of many records while a share of all calls fails and every tenth create stays unanswered, against a quiet one. */
import { deepStrictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, seedSandboxes, type World } from '../../api/demo/world/index.ts';
import { random } from '../../api/demo/world/random.ts';
import { nayoseHere, tempFolder } from '../support/cli.ts';
import { shownIn } from '../support/shown.ts';
import { trouble } from './faults.ts';
import { LawBroken } from './laws.ts';

export interface StormOptions {
  /** People and companies in both tools together, as near as the world's shares allow. */
  records: number;
  seed: number;
  /** The share of calls that fail. */
  share: number;
  /** Calls by those of quiet weather, at most; MOST_CALLS unless the sync is so small that one fault weighs much. */
  mostCalls?: number;
  /** A fresh database; undefined: the embedded one. */
  freshDatabase: (() => Promise<string>) | undefined;
}

export interface StormResult {
  records: number;
  quietCalls: number;
  stormCalls: number;
  /** `stormCalls` by `quietCalls`. */
  ratio: number;
  created: number;
  runs: string[];
  faults: Record<string, number>;
  quietSeconds: number;
  stormSeconds: number;
}

const LOSE_EVERY = 10;
const TRIES = 15;
/** Calls in the storm by those in quiet weather, at most. */
export const MOST_CALLS = 1.6;

interface Ended {
  calls: number;
  created: Record<string, number>[];
  shown: ReturnType<typeof shownIn>;
  runs: string[];
  seconds: number;
  faults: Record<string, number>;
}

/** Throws LawBroken where the storm left anything behind. */
export async function playStorm(options: StormOptions): Promise<StormResult> {
  // 70 % of the people are in one tool only, so that most records are made in the other one.
  const people = Math.round(options.records / 1.5);
  const world = generateWorld({
    seed: options.seed,
    people,
    companies: Math.round(people / 10),
    shared: 0.3,
  });
  const records = [world.crm.accounts, world.crm.contacts, world.ma.companies, world.ma.contacts].reduce(
    (sum, list) => sum + list.length,
    0,
  );
  const quiet = await sync(world, options, 0);
  const storm = await sync(world, options, options.share);
  try {
    deepStrictEqual(storm.created, quiet.created);
  } catch {
    throw new LawBroken('nothing created twice', 'other creations than in quiet weather', [
      { quiet: quiet.created, storm: storm.created },
    ]);
  }
  try {
    deepStrictEqual(storm.shown, quiet.shown);
  } catch (error) {
    throw new LawBroken('nothing lost', (error as Error).message.slice(0, 2000));
  }
  const ratio = storm.calls / quiet.calls;
  if (ratio > (options.mostCalls ?? MOST_CALLS))
    throw new LawBroken(
      'calls',
      `${storm.calls} calls, ${ratio.toFixed(2)} times the ${quiet.calls} of quiet weather`,
    );
  return {
    records,
    quietCalls: quiet.calls,
    stormCalls: storm.calls,
    ratio,
    created: storm.created.reduce((sum, book) => sum + Object.values(book).reduce((a, b) => a + b, 0), 0),
    runs: storm.runs,
    faults: storm.faults,
    quietSeconds: quiet.seconds,
    stormSeconds: storm.seconds,
  };
}

async function sync(world: World, { seed, freshDatabase }: StormOptions, share: number): Promise<Ended> {
  const served = await serveSandboxes();
  seedSandboxes(world, served);
  const folder = await tempFolder(demoConfig(served));
  const env = {
    ...served.env,
    NAYOSE_DATA: join(folder.dir, 'data'),
    ...(freshDatabase ? { DATABASE_URL: await freshDatabase() } : {}),
  };
  const dice = random(seed);
  const troubles = (['salesforce', 'hubspot'] as const).map((name) => {
    const state = trouble(served[name], dice.fork(name));
    return Object.assign(state, { share, loseEvery: share > 0 ? LOSE_EVERY : 0 });
  });
  const books = [served.salesforce.books, served.hubspot.books];
  const runs: string[] = [];
  const started = performance.now();
  try {
    while (runs.at(-1) !== 'complete') {
      if (runs.length === TRIES) throw new LawBroken('settles', `${TRIES} runs: ${runs.join(', ')}`);
      const { code, stdout, stderr } = await nayoseHere(['sync', '--json', '--config', folder.dir], env);
      if (/defect/.test(stderr)) throw new LawBroken('no defects', stderr);
      // A tool that did not answer at all: said, and tried again as a schedule would.
      runs.push(code === 1 ? 'error' : (JSON.parse(stdout) as { status: string }).status);
    }
    const calls = books.reduce((sum, book) => sum + book.calls, 0);
    const seconds = (performance.now() - started) / 1000;
    for (const state of troubles) Object.assign(state, { share: 0, loseEvery: 0 });
    const again = await nayoseHere(['sync', '--json', '--config', folder.dir], env);
    const last = JSON.parse(again.stdout) as { status: string; created: number; updated: number };
    if (last.status !== 'complete' || last.created + last.updated > 0)
      throw new LawBroken('second run silent', JSON.stringify(last));
    const idle = books.reduce((sum, book) => sum + book.noops, 0);
    if (idle > 0) throw new LawBroken('no no-op writes', `${idle} writes changed nothing`);
    const faults: Record<string, number> = {};
    for (const { counts } of troubles)
      for (const [kind, n] of Object.entries(counts)) faults[kind] = (faults[kind] ?? 0) + n;
    return {
      calls,
      created: books.map((book) => ({ ...book.created })),
      shown: shownIn(served),
      runs,
      seconds,
      faults,
    };
  } finally {
    await served.close();
    await folder.remove();
  }
}
