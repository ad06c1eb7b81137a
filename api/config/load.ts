import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigFiles, type ConfigResult, type ReadOptions, readConfig } from './read.ts';

/** Reads the files of a config folder: hub*.yaml, mappings/*.yaml, and the csv files of values beside them. A missing folder has no files. */
export async function readFolder(dir: string): Promise<ConfigFiles> {
  const files: ConfigFiles = {};
  for (const [folder, prefix] of [
    [dir, ''],
    [join(dir, 'mappings'), 'mappings/'],
  ] as const) {
    const names = await entries(folder);
    for (const name of names)
      if (prefix === '' ? /^hub(\.[\w-]+)?\.ya?ml$/.test(name) : /\.ya?ml$/.test(name))
        files[prefix + name] = await readFile(join(folder, name), 'utf8');
    // Only what a mapping names: other lists in the folder are nobody's configuration.
    const texts = prefix === '' ? [] : Object.values(files);
    for (const name of names)
      if (/\.csv$/i.test(name) && texts.some((text) => text.includes(name)))
        files[prefix + name] = await readFile(join(folder, name), 'utf8');
  }
  return files;
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return [];
    throw error;
  }
}

/** A config folder as one checked, frozen config, or everything that is wrong with it. */
export async function loadConfig(dir: string, options: ReadOptions): Promise<ConfigResult> {
  return readConfig(await readFolder(dir), { folder: dir, ...options });
}
