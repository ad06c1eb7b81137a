/**
 * The embedded database with the hub's schema in it, made once a machine: making one takes seconds, and tests need many. As a
 * dump for those in memory, as a folder for those on disk.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrate } from '../../core/store/migrate.ts';
import { MIGRATIONS } from '../../core/store/migrations.ts';
import { openEmbedded } from '../../core/store/pglite.ts';

const PGLITE = join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json');

/** Makes it, where no test run before has; returns its place. */
export async function makeImage(): Promise<string> {
  const { version } = JSON.parse(await readFile(PGLITE, 'utf8')) as { version: string };
  const content = createHash('sha256')
    .update(`${version} ${JSON.stringify(MIGRATIONS)}`)
    .digest('hex');
  const place = join(tmpdir(), `nayose-image-${process.getuid?.() ?? ''}-${content.slice(0, 16)}`);
  if (existsSync(place)) return place;
  const making = await mkdtemp(`${place}-`);
  const made = await openEmbedded(making, new Date());
  await migrate(made);
  await made.close();
  const lite = await PGlite.create({ dataDir: join(making, 'db') });
  await writeFile(join(making, 'dump.tar'), await lite.dumpDataDir('none').then((blob) => blob.bytes()));
  await lite.close();
  // Another run may have made it meanwhile: theirs is as good.
  await rename(making, place).catch(() => rm(making, { recursive: true }));
  return place;
}

export const dumpIn = async (image: string) => new Blob([await readFile(join(image, 'dump.tar'))]);

/** `folder`, which need not exist, holds the database then, as NAYOSE_DATA wants it. */
export const copyImage = (image: string, folder: string) =>
  cp(join(image, 'db'), join(folder, 'db'), { recursive: true });
