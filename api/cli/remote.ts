import { resolve } from 'node:path';
import { StoreError } from '../../core/store/db.ts';
import { holderOf } from '../../core/store/lock.ts';
import { FOLDER } from '../config/revisions.ts';
import type { Store } from '../runtime/store.ts';
import type { RunCommand, Said } from '../serve/commands.ts';
import type { Terminal } from './out.ts';
import type { Env } from './session.ts';

/** Commands that need no store, or open one of their own. */
const LOCAL = new Set(['serve', 'demo', 'init', 'cleanse', 'import', 'migrate-database']);

/**
 * An embedded folder is open in one process only. When that process serves, the command is run there and its words are
 * replayed here, after a word on what it works by; the exit code is its own. undefined: nobody serves the folder, so the command may open it.
 */
export async function runThere(
  argv: readonly string[],
  given: { env: Env; stdout: Terminal; stderr: Terminal; signal: AbortSignal },
): Promise<number | undefined> {
  if (given.env.DATABASE_URL || LOCAL.has(argv[0] ?? '')) return undefined;
  const holder = await holderOf(resolve(given.env.NAYOSE_DATA ?? '.nayose'));
  if (!holder?.url || !holder.key) return undefined;
  const { stdout } = given;
  given.stderr.write(
    `The hub at ${holder.url} runs this, with the config in ${given.env[FOLDER] ?? resolve('.')} and the variables that it was started with.\n`,
  );
  const answer = await ask(
    holder.url,
    holder.key,
    {
      argv: withAbsoluteConfig(argv),
      cwd: process.cwd(),
      isTTY: stdout.isTTY === true,
      ...(stdout.columns ? { columns: stdout.columns } : {}),
    },
    given.signal,
  );
  for await (const said of lines(answer)) {
    if ('out' in said) stdout.write(said.out);
    else if ('err' in said) given.stderr.write(said.err);
    else if ('exit' in said) return said.exit;
  }
  throw lost(holder.url);
}

const lost = (url: string, cause?: unknown) =>
  new StoreError(
    `the hub at ${url} holds this folder, and its answer broke off`,
    'Run the command again; what was committed is kept. If it stays so, look at the log of that process.',
    cause,
  );

async function ask(url: string, key: string, asked: object, signal: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`${url}/internal/command`, {
      method: 'POST',
      signal,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(asked),
    });
  } catch (error) {
    throw lost(url, error);
  }
  if (!answer.ok)
    throw new StoreError(
      `the hub at ${url} holds this folder, and refuses the command (${answer.status})`,
      'Stop that process, or update both to the same version.',
    );
  return answer;
}

async function* lines(answer: Response): AsyncGenerator<Said> {
  let rest = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    for (const line of parts) yield JSON.parse(line) as Said;
  }
}

/** The other process has another working directory. */
function withAbsoluteConfig(argv: readonly string[]): string[] {
  const words = [...argv];
  const at = words.findIndex((word) => word === '--config' || word.startsWith('--config='));
  if (at === -1) return [...words.slice(0, 1), '--config', resolve('.'), ...words.slice(1)];
  if (words[at] === '--config') {
    if (words[at + 1] !== undefined) words[at + 1] = resolve(words[at + 1]!);
  } else words[at] = `--config=${resolve(words[at]!.slice('--config='.length))}`;
  return words;
}

/** The other end: runs commands of others in this process, on the store it holds. */
export function runHere(env: Env, store: Store): RunCommand {
  return async ({ argv, cwd, isTTY, columns }, say, signal) => {
    // Loaded late: the command line's entry point loads the commands, and one of them is `serve`.
    const { run } = await import('./main.ts');
    const size = columns === undefined ? {} : { columns };
    return run(argv, {
      env,
      store,
      signal,
      ...(cwd === undefined ? {} : { cwd }),
      stdout: { write: (text) => say({ out: text }), isTTY, ...size },
      stderr: { write: (text) => say({ err: text }), isTTY, ...size },
    });
  };
}
