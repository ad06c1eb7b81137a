import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../api/cli/main.ts';
import { keepOutput } from './planted.ts';

const MAIN = resolve(dirname(fileURLToPath(import.meta.url)), '../../api/cli/main.ts');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** What `serve` and `sync` say is a log; what other commands print was asked for: see planted.ts. */
function keepUnattended(argv: readonly string[], stdout: string, stderr: string): void {
  if (argv[0] === 'serve' || argv[0] === 'sync') keepOutput(`nayose ${argv[0]}`, `${stdout}\n${stderr}`);
}

/** The command line as a process of its own, as a user starts it. */
export function nayose(argv: readonly string[], env: Record<string, string | undefined>): Running {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => {
      keepUnattended(argv, stdout, stderr);
      done({ code, signal, stdout, stderr });
    });
  });
  return { child, ended };
}

/** A folder of its own, with these files; removed by `remove`. */
export async function tempFolder(
  files: Record<string, string> = {},
): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'nayose-test-'));
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** The same command line inside this process: quicker to start, for tests that neither kill nor crowd it. */
export async function nayoseHere(
  argv: readonly string[],
  env: Record<string, string | undefined>,
): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> {
  let stdout = '';
  let stderr = '';
  const code = await run(argv, {
    env,
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  });
  keepUnattended(argv, stdout, stderr);
  return { code, stdout, stderr };
}
