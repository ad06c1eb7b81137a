import type { Db } from '../../core/store/db.ts';
import {
  activeRevision,
  addRevision,
  holdRevisions,
  type Revision,
  revisionByNumber,
} from '../../core/store/revisions.ts';
import type { ConfigProblem } from '../../mappings/problem.ts';
import { noKey, SecretError } from '../secrets/key.ts';
import { createVault, type Keyring, keyringOf, type Vault } from '../secrets/vault.ts';
import type { ConnectorSchemas } from './connections.ts';
import { type Env, type Secrets, secretsNamedIn } from './env.ts';
import { literalSecrets, sealLiterals } from './literals.ts';
import { type ConfigFiles, type ConfigResult, type ReadOptions, readConfig } from './read.ts';

/** The files that make up a config folder; other names are not taken. */
export const CONFIG_PATH = /^(?:hub(?:\.[\w-]+)?\.ya?ml|mappings\/[^/\\\p{Cc}]+\.(?:ya?ml|csv))$/u;

export interface ActiveConfig {
  revision: Revision;
  result: ConfigResult;
}

/** The active revision, read and checked with this environment; undefined: nothing was ever applied. For Workers too. */
export async function readActiveConfig(
  db: Db,
  env: Env,
  connectors: ConnectorSchemas,
): Promise<ActiveConfig | undefined> {
  const revision = await activeRevision(db);
  return revision && { revision, result: await readStored(db, revision.files, env, connectors) };
}

/** Reads files whose `${secret:NAME}` are kept by this hub. A secret that does not open is a problem of its own. */
export async function readStored(
  db: Db,
  files: ConfigFiles,
  env: Env,
  connectors: ConnectorSchemas,
): Promise<ConfigResult> {
  try {
    const secrets = await openSecrets(db, files, env);
    return readConfig(files, { ...optionsOf(env, connectors), secrets });
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return { problems: [unopened(error)] };
  }
}

/** Set by the command line: the config folder of this process. No variable of an environment can be called so. */
export const FOLDER = 'config folder';

export const optionsOf = (env: Env, connectors: ConnectorSchemas): ReadOptions => ({
  env,
  connectors,
  ...(env.NAYOSE_ENV ? { overlay: env.NAYOSE_ENV } : {}),
  ...(env[FOLDER] ? { folder: env[FOLDER] } : {}),
});

/** What the files' `${secret:NAME}` stand for. Throws SecretError when one cannot be opened. */
export async function openSecrets(db: Db, files: ConfigFiles, env: Env): Promise<Secrets> {
  const names = secretsNamedIn(files);
  if (names.length === 0) return {};
  return createVault(db, await keyringOf(env), () => new Date(0)).all(names);
}

const unopened = ({ message, hint }: SecretError): ConfigProblem => ({
  severity: 'error',
  place: { file: 'hub.yaml', line: 1, column: 1, text: '' },
  message,
  fix: hint,
});

export interface Applying {
  files: ConfigFiles;
  env: Env;
  connectors: ConnectorSchemas;
  /** Of NAYOSE_KEY: opens what the files refer to, and seals. */
  keys: Keyring;
  note: string;
  /** Who applies it, as the history of revisions shows it. */
  by: string;
  now: Date;
  /** Literal secrets are stored sealed; without it they are problems. */
  seal?: boolean;
  /** The older revision whose files these are. */
  copyOf?: number;
  /** Refuses when another revision is active: 0 for none. */
  expected?: number | undefined;
}

export type Applied =
  | { status: 'applied'; revision: Revision; sealed: string[]; warnings: ConfigProblem[] }
  /** The active revision has these files already. */
  | { status: 'unchanged'; revision: Revision; warnings: ConfigProblem[] }
  | { status: 'refused'; problems: ConfigProblem[] }
  /** Another revision than `expected` is active; 0: none. */
  | { status: 'outdated'; active: number };

/** Checks files as `check` reads them, and makes them the active revision: all of it, or nothing. */
export async function applyConfig(db: Db, applying: Applying): Promise<Applied> {
  const { env, connectors, now } = applying;
  const { files, secrets } = applying.seal
    ? sealLiterals(applying.files)
    : { files: applying.files, secrets: {} };
  const clear = literalSecrets(files);
  if (clear.length > 0) return { status: 'refused', problems: clear };
  if (Object.keys(secrets).length > 0 && applying.keys.length === 0) throw noKey();
  return db.transaction(async (tx) => {
    await holdRevisions(tx);
    const active = await activeRevision(tx);
    if (applying.expected !== undefined && (active?.number ?? 0) !== applying.expected)
      return { status: 'outdated', active: active?.number ?? 0 };
    const vault = createVault(tx, applying.keys, () => now);
    const names = secretsNamedIn(files);
    let kept: Record<string, string>;
    try {
      kept = await vault.all(names.filter((name) => !Object.hasOwn(secrets, name)));
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      return { status: 'refused', problems: [unopened(error)] };
    }
    const result = readConfig(files, { ...optionsOf(env, connectors), secrets: { ...kept, ...secrets } });
    if ('problems' in result) return { status: 'refused', problems: result.problems };
    const { warnings } = result.config;
    const news = await changedSecrets(vault, secrets);
    const digest = await digestOf(files);
    if (active?.digest === digest && Object.keys(news).length === 0)
      return { status: 'unchanged', revision: active, warnings };
    await vault.put(news);
    const revision: Revision = {
      number: (active?.number ?? 0) + 1,
      files,
      digest,
      note: applying.note,
      by: applying.by,
      at: now.toISOString(),
      replaced: active?.number ?? null,
      copyOf: applying.copyOf ?? null,
    };
    await addRevision(tx, revision);
    return { status: 'applied', revision, sealed: Object.keys(news).sort(), warnings };
  });
}

/** What is wrong with these files, as `applyConfig` would see it; nothing is stored. */
export async function checkFiles(
  db: Db,
  files: ConfigFiles,
  env: Env,
  connectors: ConnectorSchemas,
): Promise<{ problems: ConfigProblem[]; warnings: ConfigProblem[] }> {
  const clear = literalSecrets(files);
  const result = await readStored(db, files, env, connectors);
  return 'problems' in result
    ? { problems: [...clear, ...result.problems], warnings: [] }
    : { problems: clear, warnings: result.config.warnings };
}

/** Secrets that are new or have another value; one that no longer opens is given anew. */
async function changedSecrets(
  vault: Vault,
  secrets: Record<string, string>,
): Promise<Record<string, string>> {
  const changed = await Promise.all(
    Object.entries(secrets).map(async ([name, value]) => {
      const before = await vault.get(name).catch((error: unknown) => {
        if (error instanceof SecretError) return undefined;
        throw error;
      });
      return before === value ? [] : [[name, value] as const];
    }),
  );
  return Object.fromEntries(changed.flat());
}

/** Makes the files of an older revision active again, as a new one. Sealed secrets stay as they are now. */
export async function activateRevision(
  db: Db,
  number: number,
  applying: Omit<Applying, 'files' | 'seal'>,
): Promise<Applied | { status: 'unknown' }> {
  const old = await revisionByNumber(db, number);
  if (!old) return { status: 'unknown' };
  return applyConfig(db, { ...applying, files: old.files, copyOf: number });
}

/** SHA-256 over paths and texts, in hex. */
export async function digestOf(files: ConfigFiles): Promise<string> {
  const ordered = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(ordered)));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
