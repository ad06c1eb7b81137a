import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfigFiles, type ConfigResult, type ReadOptions, readConfig } from './read.ts';

/** Reads the YAML files of a config folder: hub*.yaml and mappings/*.yaml. A missing folder has no files. */
export async function readFolder(dir: string): Promise<ConfigFiles> {
  const files: ConfigFiles = {};
  for (const [folder, prefix] of [
    [dir, ''],
    [join(dir, 'mappings'), 'mappings/'],
  ] as const) {
    for (const name of await entries(folder))
      if (prefix === '' ? /^hub(\.[\w-]+)?\.ya?ml$/.test(name) : /\.ya?ml$/.test(name))
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
  return readConfig(await readFolder(dir), options);
}
