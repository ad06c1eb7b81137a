import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Cleanse, Cleansed, CleanseOrder } from '../v1/deps.ts';

const MAIN = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const MOST_AT_ONCE = 2;

/**
 * Lists are deduplicated by the command itself, in a process of its own: comparing them takes a processor for seconds, and
 * webhooks must not wait for that. `stop` ends those in hand.
 */
export function createCleanse(stop: AbortSignal): Cleanse {
  let running = 0;
  return async (order, signal) => {
    if (running >= MOST_AT_ONCE) return { busy: true };
    running++;
    const folder = await mkdtemp(join(tmpdir(), 'nayose-list-'));
    try {
      return await inFolder(folder, order, AbortSignal.any([stop, signal]));
    } finally {
      running--;
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function inFolder(folder: string, order: CleanseOrder, signal: AbortSignal): Promise<Cleansed> {
  const path = (name: string) => join(folder, name);
  await writeFile(path('list.csv'), order.csv);
  if (order.mapping !== undefined) await writeFile(path('mapping.yaml'), order.mapping);
  const words = ['cleanse', 'list.csv', '--out', 'clusters.csv', '--json'];
  if (order.mapping !== undefined) words.push('--mapping', 'mapping.yaml');
  for (const name of ['entity', 'encoding', 'region'] as const)
    if (order[name] !== undefined) words.push(`--${name}`, order[name]);
  if (order.train) words.push('--train');
  const { code, stdout } = await run(words, folder, signal);
  const said = JSON.parse(stdout) as { error?: { message: string } };
  if (code === 1) return { refused: said.error?.message ?? 'it cannot be read' };
  const rows = parse(await readFile(path('clusters.csv')), { columns: true }) as Record<string, string>[];
  return {
    report: said,
    clusters: rows.map(({ record_id, cluster_id, score }) => ({
      recordId: record_id!,
      clusterId: cluster_id!,
      score: score === '' ? null : Number(score),
    })),
  };
}

function run(
  words: string[],
  cwd: string,
  signal: AbortSignal,
): Promise<{ code: number | null; stdout: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd,
      signal,
      // Nothing of the hub's own environment: a list needs no secret.
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout }));
  });
}
