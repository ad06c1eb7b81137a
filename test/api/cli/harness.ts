/** Drives the real command line against real sandboxes: a small world, a config folder and an embedded store per bench. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { run } from '../../../api/cli/main.ts';
import { demoConfig } from '../../../api/demo/config.ts';
import { type SandboxOptions, type Served, serveSandboxes } from '../../../api/demo/sandboxes.ts';
import { freshPostgres } from '../../support/databases.ts';

export interface Said {
  code: number;
  out: string;
  err: string;
}

class Captured {
  text = '';
  write(chunk: string): boolean {
    this.text += chunk;
    return true;
  }
}

const stream = (captured: Captured) => captured as unknown as NodeJS.WriteStream;

export interface Cli {
  dir: string;
  env: Record<string, string>;
  /** By how many milliseconds commands are ahead of the time. */
  clock: { ahead: number };
  nayose(...argv: string[]): Promise<Said>;
  /** With --json: the exit code and the one object on standard output. */
  json<T = Record<string, unknown>>(...argv: string[]): Promise<Said & { data: T }>;
  write(name: string, text: string): Promise<string>;
  read(name: string): Promise<string>;
  close(): Promise<void>;
}

/** A folder of its own, with the environment given, and nothing of this process's. */
export async function createCli(env: Record<string, string> = {}): Promise<Cli> {
  const dir = await mkdtemp(join(tmpdir(), 'nayose-cli-'));
  const own = { NAYOSE_DATA: join(dir, '.nayose'), LOG_LEVEL: 'silent', ...env };
  const clock = { ahead: 0 };
  const nayose = async (...argv: string[]): Promise<Said> => {
    const [out, err] = [new Captured(), new Captured()];
    const code = await run(argv.includes('--config') ? argv : [...argv, '--config', dir], {
      env: own,
      stdout: stream(out),
      stderr: stream(err),
      signal: new AbortController().signal,
      now: () => new Date(Date.now() + clock.ahead),
    });
    return { code, out: out.text, err: err.text };
  };
  return {
    dir,
    env: own,
    clock,
    nayose,
    async json<T>(...argv: string[]) {
      const said = await nayose(...argv, '--json');
      return { ...said, data: JSON.parse(said.out) as T };
    },
    async write(name, text) {
      const path = join(dir, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return path;
    },
    read: (name) => readFile(join(dir, name), 'utf8'),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

export interface Bench extends Cli {
  boxes: Served;
}

/**
 * Two sandboxes and the demo's config folder, without its guard: worlds of two people change by halves. The store is a fresh
 * database of the run's PostgreSQL, which opens faster than the embedded one; `embedded` asks for that.
 */
export async function createBench(options: SandboxOptions & { embedded?: boolean } = {}): Promise<Bench> {
  const boxes = await serveSandboxes(options);
  const database: Record<string, string> =
    options.embedded || !inject('postgres') ? {} : { DATABASE_URL: await freshPostgres() };
  const cli = await createCli({ ...boxes.env, ...database });
  for (const [name, text] of Object.entries(demoConfig(boxes)))
    await cli.write(name, text.replace('maxChanged: 20%', 'maxChanged: 1000'));
  return {
    ...cli,
    boxes,
    async close() {
      await boxes.close();
      await cli.close();
    },
  };
}
