/**
 * Two config folders that are used from one directory share one database without anybody having said so: its default is a folder of the
 * current directory. So a database remembers whose records it holds.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Db } from '../../core/store/db.ts';
import { type Home, homesOf, saveHomes } from '../../core/store/homes.ts';
import type { HubConfig } from '../config/types.ts';

/** Keys of connections that say where the tool is. */
const PLACES = ['path', 'loginUrl', 'baseUrl', 'url'];

function homesIn({ connections }: Pick<HubConfig, 'connections'>, folder: string): Home[] {
  return Object.values(connections).map(({ name, type, config }) => {
    const said = config as Record<string, unknown>;
    const places = PLACES.flatMap((key) => (typeof said[key] === 'string' ? [said[key]] : []));
    return { connection: name, leadsTo: [type, ...places].join(' '), folder };
  });
}

const isThere = (folder: string) =>
  stat(folder).then(
    () => true,
    () => false,
  );

/**
 * The other config folder that the records of this database are of, if it is another hub's: none of its connections is this one's, or one
 * of the same name leads elsewhere. A folder that was moved, or whose config was changed, is the same; so is one that is gone.
 */
async function otherHome(db: Db, mine: readonly Home[], folder: string): Promise<string | undefined> {
  const known = (await homesOf(db)).filter((home) => home.folder !== folder);
  const [first] = known;
  if (!first || mine.length === 0) return undefined;
  const shared = known.flatMap((home) => {
    const own = mine.find(({ connection }) => connection === home.connection);
    return own ? [{ home, same: own.leadsTo === home.leadsTo }] : [];
  });
  const other = shared.length === 0 ? first : shared.find(({ same }) => !same)?.home;
  return other && (await isThere(other.folder)) ? other.folder : undefined;
}

/**
 * A warning where the database is another config folder's; otherwise it is remembered as this one's, unless nothing is to be written
 * (`look`).
 */
export async function tellHome(
  config: Pick<HubConfig, 'connections'>,
  store: { db: Db; place: string },
  at: { dir: string; env: Record<string, string | undefined>; now: Date; look?: boolean },
): Promise<string | undefined> {
  const folder = resolve(at.dir);
  const mine = homesIn(config, folder);
  const other = await otherHome(store.db, mine, folder);
  if (other === undefined) {
    if (!at.look) await saveHomes(store.db, mine, at.now.toISOString());
    return undefined;
  }
  const from =
    at.env.DATABASE_URL !== undefined
      ? 'DATABASE_URL'
      : at.env.NAYOSE_DATA !== undefined
        ? 'NAYOSE_DATA'
        : 'NAYOSE_DATA is not set, so it is .nayose in the current directory';
  return `the database ${store.place} (${from}) holds the records of another config folder, ${other}: those of ${folder} would be matched with them, and written to its tools. Give each its own: NAYOSE_DATA=${resolve(folder, '.nayose')}, in the environment or in ${resolve(folder, '.env')}`;
}
