import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConnectorError } from '../../connectors/contract.ts';
import { StoreError } from '../../core/store/db.ts';
import { DecisionError } from '../../core/sync/decisionError.ts';
import { AlreadyRunning } from '../../core/sync/run.ts';
import { nearest } from '../../mappings/nearest.ts';
import { ConfigError } from '../config/error.ts';
import { FOLDER } from '../config/revisions.ts';
import { keepHeapSmall } from '../runtime/heap.ts';
import type { Store } from '../runtime/store.ts';
import { SecretError } from '../secrets/key.ts';
import { readArgs, UsageError } from './args.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { createOut, type Out, type Terminal, table } from './out.ts';
import { runThere } from './remote.ts';
import { type Env, type Session, withEnvFile } from './session.ts';

function help(): string {
  return [
    'nayose: one golden record of every customer, in every tool',
    '',
    table(
      ['command', 'does'],
      COMMANDS.map(({ usage, summary }) => [usage, summary]),
    ),
    '',
    'Every command takes --config DIR (default .), --json and --help. nayose --version names the version.',
    'Exit: 0 done, 1 error, 2 ended incomplete or halted by a guard.',
  ].join('\n');
}

/** Of the package that this file belongs to. */
async function ownVersion(): Promise<string> {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

const commandHelp = ({ usage, summary, details }: Command) =>
  [`nayose ${usage}`, '', `  ${summary}`, ...(details ? ['', details] : [])].join('\n');

/** Runs one command line to its end and returns the exit code. Nothing is thrown: errors are said. */
export async function run(
  argv: readonly string[],
  given: {
    env: Env;
    stdout: Terminal;
    stderr: Terminal;
    signal: AbortSignal;
    store?: Store;
    cwd?: string;
    now?: () => Date;
  },
): Promise<number> {
  const now = given.now ?? (() => new Date());
  const json = argv.includes('--json');
  const out = createOut({ json, stdout: given.stdout, stderr: given.stderr, now: () => performance.now() });
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    given.stdout.write(`${help()}\n`);
    return name === undefined ? 1 : 0;
  }
  if (name === '--version' || name === 'version') {
    given.stdout.write(`${await ownVersion()}\n`);
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    const meant = nearest(
      name,
      COMMANDS.map((one) => one.name),
    );
    out.warn(
      meant === undefined
        ? `nayose: there is no command '${name}'\n\n${help()}`
        : `nayose: there is no command '${name}'; did you mean '${meant}'?\n  'nayose help' lists them all.`,
    );
    return 1;
  }
  try {
    const args = readArgs(rest, command.options, command.words);
    if (args.values.help) {
      given.stdout.write(`${commandHelp(command)}\n`);
      return 0;
    }
    const folder = resolve(given.cwd ?? process.cwd(), String(args.values.config));
    const env: Env = { ...(await withEnvFile(given.env, String(args.values.config))), [FOLDER]: folder };
    checkLogLevel(env.LOG_LEVEL);
    const there = given.store ? undefined : await runThere(argv, { ...given, env });
    if (there !== undefined) return there;
    const session: Session = {
      env,
      out,
      dir: String(args.values.config),
      cwd: given.cwd ?? process.cwd(),
      signal: given.signal,
      kill: graceful(given.signal),
      now,
      ...(given.store ? { store: given.store } : {}),
    };
    return await command.run(session, args);
  } catch (error) {
    return say(out, command, error);
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function checkLogLevel(level: string | undefined): void {
  if (level !== undefined && !LOG_LEVELS.includes(level))
    throw new ConfigError(`LOG_LEVEL is '${level}'; it may be ${LOG_LEVELS.join(', ')}`);
}

/** A call in flight gets this long to end after a stop was asked for. */
const GRACE_MS = 20_000;

function graceful(signal: AbortSignal): AbortSignal {
  const kill = new AbortController();
  const soon = () => void setTimeout(() => kill.abort(), GRACE_MS).unref();
  if (signal.aborted) soon();
  else signal.addEventListener('abort', soon, { once: true });
  return kill.signal;
}

/** Errors that a user can mend are said in their words; a defect of ours shows its stack. */
function say(out: Out, command: Command, error: unknown): number {
  const expected = (kind: string, message: string, hint?: string) => {
    if (out.json) out.result({ status: 'error', error: { kind, message, ...(hint ? { hint } : {}) } }, '');
    out.warn(`nayose: ${message}${hint ? `\n  ${hint}` : ''}`);
    return 1;
  };
  if (error instanceof UsageError) return expected('usage', error.message, `usage: nayose ${command.usage}`);
  if (error instanceof ConfigError) return expected('config', error.message);
  if (error instanceof StoreError) return expected('store', error.message, error.hint);
  if (error instanceof DecisionError) return expected(error.kind, error.message, error.hint);
  if (error instanceof SecretError) return expected('secret', error.message, error.hint);
  if (error instanceof AlreadyRunning)
    return expected('running', error.message, 'Wait for it, or stop that process.');
  if (error instanceof ConnectorError) return expected(error.kind, error.message, error.hint);
  return expected(
    'defect',
    (error as Error).stack ?? String(error),
    'This is a defect of Nayose: please report it.',
  );
}

/** This process's own command line. Not awaited: `serve` imports this module again for the commands of others. */
export function start(): void {
  if (process.argv[2] === 'sync') keepHeapSmall();
  const stop = new AbortController();
  let asked = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (++asked > 1) process.exit(130);
      stop.abort();
    });
  void run(process.argv.slice(2), {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stop.signal,
  }).then((code) => {
    process.exitCode = code;
  });
}

if (import.meta.main) start();
