import { CONNECTORS } from '../../../../connectors/registry.ts';
import { formatProblem } from '../../../../mappings/problem.ts';
import { ConfigError } from '../../../config/error.ts';
import { readFolder } from '../../../config/load.ts';
import { applyConfig, readActiveConfig } from '../../../config/revisions.ts';
import type { HubConfig } from '../../../config/types.ts';
import type { Store } from '../../../runtime/store.ts';
import { keyringOf, missingKeys } from '../../../secrets/vault.ts';
import { hasHub, readConfigFolder, type Session } from '../../session.ts';
import { circumstances } from '../apply.ts';

/** What a server starts with. `revision` is absent where the config could not be recorded. */
export interface ServedConfig {
  config: HubConfig;
  revision?: number;
}

/** The folder's config, when there is one to serve: checked before the store is opened. */
export async function folderConfig(session: Session, fromHub: boolean): Promise<HubConfig | undefined> {
  if (fromHub || !hasHub(await readFolder(session.dir))) return undefined;
  return readConfigFolder(session);
}

/** Records the folder's config as a revision if the hub has another one; without a folder, the hub's active revision. */
export async function configToServe(
  session: Session,
  store: Store,
  folder: HubConfig | undefined,
): Promise<ServedConfig> {
  const keys = await keyringOf(session.env);
  for (const { keyId, secrets } of await missingKeys(store.db, keys))
    session.out.warn(
      `${secrets} ${secrets === 1 ? 'secret is' : 'secrets are'} sealed with the key ${keyId}, which is not at hand: set NAYOSE_KEY (or NAYOSE_KEY_OLD) to it`,
    );
  if (folder) return { config: folder, ...(await record(session, store, keys.length > 0)) };
  const active = await readActiveConfig(store.db, session.env, CONNECTORS);
  if (!active)
    throw new ConfigError(
      `there is no hub.yaml in ${session.dir}, and nothing was ever applied to the hub\nRun 'nayose init' to make a config folder, name one with --config DIR, or bring one to the hub with 'nayose apply'.`,
    );
  const { revision, result } = active;
  if ('problems' in result)
    throw new ConfigError(
      `revision ${revision.number} of the hub's config does not check:\n\n${result.problems.map(formatProblem).join('\n\n')}`,
    );
  for (const warning of result.config.warnings) session.out.warn(formatProblem(warning));
  session.out.warn(`serving revision ${revision.number} of the hub's config`);
  return { config: result.config, revision: revision.number };
}

async function record(session: Session, store: Store, seal: boolean): Promise<{ revision?: number }> {
  const applied = await applyConfig(store.db, {
    ...(await circumstances(session)),
    files: await readFolder(session.dir),
    note: 'served from its folder',
    seal,
  });
  if (applied.status === 'unchanged') return { revision: applied.revision.number };
  if (applied.status === 'applied') {
    const { number, replaced } = applied.revision;
    session.out.warn(
      replaced === null
        ? `the config folder is kept as revision ${number}`
        : `the config folder differs from revision ${replaced}, and is in its place as revision ${number} ('nayose apply --undo' brings the other back, --from-hub serves it)`,
    );
    return { revision: number };
  }
  session.out.warn(
    'the config folder is served, but not kept as a revision: a secret stands in clear in it. See: nayose apply',
  );
  return {};
}
