import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { demoConfig } from '../../api/demo/config.ts';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { generateWorld, overlapping, seedSandboxes } from '../../api/demo/world/index.ts';
import { openPg } from '../../core/store/pg.ts';
import { nayose, tempFolder } from '../support/cli.ts';
import { startPostgres } from '../support/server.ts';
import { times } from './databases.ts';
import { type Measured, type Pair, percentile, pour } from './realtime/load.ts';

const PEOPLE = 2_000;
const STEADY = { perSecond: 50, seconds: 20, batch: 1 };
const FLOOD = { perSecond: 1_000, seconds: 30, batch: 10 };

/** HubSpot webhooks at a steady rate and in a flood, into the hub and into a bare Hono app that does next to nothing. */
export async function run(): Promise<void> {
  const postgres = await startPostgres();
  const served = await serveSandboxes();
  try {
    const world = generateWorld({ seed: 11, ...overlapping(PEOPLE, PEOPLE), companies: 200, messiness: 0 });
    seedSandboxes(world, served);
    const files = demoConfig(served);
    // A flood changes every record within the minute: that is what it is for. And whether a sync by the clock falls into the seconds
    // that are measured would be chance.
    files['hub.yaml'] = files['hub.yaml']!.replace('maxChanged: 20%', 'maxChanged: 100%').replace(
      /^ +schedule:.*\n/gm,
      '',
    );
    const folder = await tempFolder(files);
    const admin = openPg(`${postgres.url}/postgres`, { max: 1 });
    await admin.query('create database bare');
    await admin.query('create database ours');
    await admin.close();
    const env = { ...served.env, DATABASE_URL: `${postgres.url}/ours`, LOG_LEVEL: 'warn' };
    const first = await nayose(['sync', '--config', folder.dir], env).ended;
    if (first.code !== 0) throw new Error(first.stdout + first.stderr);
    const pairs = await pairsOf(`${postgres.url}/ours`);
    process.stdout.write(`${pairs.length} contacts whom both tools know\n`);

    const bare = await startBare(served, `${postgres.url}/bare`);
    const bareSteady = await steady('bare ', bare.url, served, pairs);
    const bareFlood = await flood('bare ', bare.url, served, pairs);
    await stop(bare.child);
    const { child } = nayose(['serve', '--port', '0', '--config', folder.dir], env);
    const url = await listening(child);
    const ours = await steady('nayose', url, served, pairs);
    const ourFlood = await flood('nayose', url, served, pairs);
    await stop(child);
    const ratio = (a: number[], b: number[], share: number) =>
      times(percentile(a, share), percentile(b, share));
    process.stdout.write(
      `2xx p50 ${ratio(ours.answers, bareSteady.answers, 0.5)} of the bare one (target: at most 3), in the flood ${ratio(ourFlood.answers, bareFlood.answers, 0.5)}; ` +
        `write-back p50 ${ratio(ours.writes, bareSteady.writes, 0.5)}\n`,
    );
    await folder.remove();
  } finally {
    await served.close();
    await postgres.stop();
  }
}

async function steady(name: string, url: string, served: Served, pairs: readonly Pair[]): Promise<Measured> {
  const warm = { url, served, pairs, events: 200, perSecond: 50, batch: 1 };
  await pour(warm);
  const { perSecond, seconds, batch } = STEADY;
  const measured = await pour({ url, served, pairs, events: perSecond * seconds, perSecond, batch });
  process.stdout.write(
    `${name} ${perSecond} events/s for ${seconds} s: 2xx ${shown(measured.answers)}; written back ${shown(measured.writes)}, ${measured.writes.length} of ${measured.sent}\n`,
  );
  return measured;
}

async function flood(name: string, url: string, served: Served, pairs: readonly Pair[]): Promise<Measured> {
  const { perSecond, seconds, batch } = FLOOD;
  const noops = served.salesforce.books.noops;
  const measured = await pour({ url, served, pairs, events: perSecond * seconds, perSecond, batch });
  // The last edits of a contact may be one write, which comes after the first one that was waited for.
  const differ = () => {
    const titles = new Map(served.hubspot.records('contacts').map(({ id, fields }) => [id, fields.jobtitle]));
    const there = new Map(served.salesforce.records('Contact').map(({ id, fields }) => [id, fields.Title]));
    return pairs.filter((pair) => titles.get(pair.hubspotId) !== there.get(pair.salesforceId)).length;
  };
  const began = performance.now();
  let wrong = differ();
  while (wrong > 0 && performance.now() - began < 60_000) {
    await new Promise((done) => setTimeout(done, 100));
    wrong = differ();
  }
  const behind = measured.seconds + (performance.now() - began) / 1000;
  process.stdout.write(
    `${name} ${perSecond} events/s for ${seconds} s, ${batch} a request: ${measured.acknowledged} of ${measured.sent} acknowledged, 2xx ${shown(measured.answers)}; ` +
      `all written after ${behind.toFixed(1)} s, contacts that differ ${wrong}, writes that changed nothing ${served.salesforce.books.noops - noops}\n`,
  );
  return measured;
}

const shown = (sample: readonly number[]) =>
  [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${percentile(sample, share).toFixed(1)}`).join(' ') +
  ' ms';

async function pairsOf(url: string): Promise<Pair[]> {
  const db = openPg(url, { max: 1 });
  try {
    return await db.query<{ hubspotId: string; salesforceId: string }>(
      `select min(m.ext_id) as "hubspotId", min(c.ext_id) as "salesforceId"
       from source_record c join source_record m on m.golden_id = c.golden_id
       where c.connection = 'crm' and c.object = 'Contact' and m.connection = 'ma' and m.object = 'contacts'
       group by c.golden_id having count(*) = 1 order by c.golden_id`,
    );
  } finally {
    await db.close();
  }
}

async function startBare(served: Served, database: string): Promise<{ url: string; child: ChildProcess }> {
  const script = fileURLToPath(new URL('./realtime/bare.ts', import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: {
      PATH: process.env.PATH,
      ...served.env,
      DATABASE_URL: database,
      SALESFORCE_URL: served.salesforceUrl,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { url: await listening(child), child };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer | string) => {
      text += chunk;
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (url) done(url);
    });
    child.once('exit', (code) => fail(new Error(`the server ended with ${code}: ${text}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
