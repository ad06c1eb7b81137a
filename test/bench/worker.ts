/** What Workers limit: the bundle's size, the CPU time of an invocation, and memory, measured in workerd over a first sync. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { demoConfig } from '../../api/demo/config.ts';
import { serveSandboxes } from '../../api/demo/sandboxes.ts';
import { makeWorld } from '../../api/demo/tourWorld.ts';
import { migrate } from '../../core/store/migrate.ts';
import { openPg } from '../../core/store/pg.ts';
import { apply, root, until, WRANGLER_TOML, workerdRuns } from '../runtime/support.ts';
import { benchPostgres } from './databases.ts';

const PEOPLE = 3000;
const MB = 1024 * 1024;

export async function run(): Promise<void> {
  const { bytes, packed } = await bundle();
  say('bundle', `${(bytes / MB).toFixed(2)} MiB, ${(packed / MB).toFixed(2)} MiB compressed`);
  if (!workerdRuns()) {
    say('workerd', 'does not run on this machine: no CPU time, no memory');
    return;
  }
  const postgres = await benchPostgres();
  const db = openPg(postgres.url, { max: 2 });
  const boxes = await serveSandboxes();
  await migrate(db);
  makeWorld({ people: PEOPLE, seed: 11 }, boxes, new Date());
  await apply(db, demoConfig(boxes), boxes.env);
  const { createTestHarness } = await import('wrangler');
  const server = createTestHarness({
    workers: [
      {
        configPath: WRANGLER_TOML,
        vars: { ...boxes.env, DATABASE_URL: postgres.url, NAYOSE_TOKEN: 'bench' },
      },
    ],
  });
  try {
    await server.listen();
    await (await server.fetch('/readyz')).text();
    const idle = new Map(workerds().map((pid) => [pid, cpuSeconds(pid)]));
    const began = performance.now();
    await server
      .getWorker()
      .scheduled({ cron: '* * * * *', scheduledTime: new Date('2026-07-01T00:05:00Z') });
    const runs = await until(async () => {
      const all = await db.query<{ sync: string; status: string }>(
        `select sync, status from run order by sync`,
      );
      return all.length === 2 && all.every(({ status }) => status !== 'running') ? all : undefined;
    }, 600_000);
    const seconds = (performance.now() - began) / 1000;
    const spent = workerds().map((pid) => ({ pid, cpu: cpuSeconds(pid) - (idle.get(pid) ?? 0) }));
    const [busiest] = spent.sort((one, other) => other.cpu - one.cpu);
    if (!busiest) throw new Error('workerd was not found under /proc');
    const { pid, cpu } = busiest;
    // Every invocation that takes work in hand signs once.
    await db.query(`select pg_stat_force_next_flush()`);
    const [signed] = await db.query<{ n: number }>(
      `select n_tup_ins as n from pg_stat_user_tables where relname = 'process'`,
    );
    say('runs', runs.map(({ sync, status }) => `${sync} ${status}`).join(', '));
    say(
      'first sync',
      `${boxes.salesforce.books.calls + boxes.hubspot.books.calls} calls, ${seconds.toFixed(0)} s`,
    );
    say(
      'CPU',
      `${cpu.toFixed(1)} s in ${signed!.n} invocations: ${((cpu / signed!.n) * 1000).toFixed(0)} ms each`,
    );
    say('memory', `${peakMegabytes(pid)} MB at most, all of workerd`);
  } finally {
    await server.close();
    await boxes.close();
    await db.close();
    await postgres.close();
  }
}

const say = (what: string, text: string) => process.stdout.write(`${what.padEnd(12)}${text}\n`);

async function bundle(): Promise<{ bytes: number; packed: number }> {
  const out = await mkdtemp(join(tmpdir(), 'nayose-bundle-'));
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const { status, stderr } = spawnSync(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', out], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const code = await readFile(join(out, 'worker.js'));
  await rm(out, { recursive: true });
  return { bytes: code.length, packed: gzipSync(code).length };
}

/** The runtimes that this process started: one of them runs the Worker, and works by far the most. */
const workerds = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.name === 'workerd' && stat.parent === process.pid;
    });

function statOf(pid: number): { name: string; parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    return { name, parent: Number(rest[1]), ticks: Number(rest[11]) + Number(rest[12]) };
  } catch {
    // It ended while the others were looked at.
    return undefined;
  }
}

/** The kernel counts hundredths of seconds. */
const cpuSeconds = (pid: number) => statOf(pid)!.ticks / 100;

const peakMegabytes = (pid: number) =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);
