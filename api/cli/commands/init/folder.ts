import { constants } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../../config/error.ts';

/** Throws ConfigError where one of these files is there. A .gitignore of one's own is no obstacle. */
export async function nothingInTheWay(dir: string, names: readonly string[]): Promise<void> {
  const there: string[] = [];
  for (const name of [...names].sort())
    if (name !== '.gitignore' && (await exists(join(dir, name)))) there.push(name);
  if (there.length > 0)
    throw new ConfigError(
      `${dir} already has ${there.join(', ')}, and nothing is overwritten\nName another folder with --config DIR, or move these away.`,
    );
}

/** Writes the files that are not there, and returns their names. */
export async function writeNew(dir: string, files: Record<string, string>): Promise<string[]> {
  const written: string[] = [];
  for (const name of Object.keys(files).sort()) if (!(await exists(join(dir, name)))) written.push(name);
  for (const name of written) {
    const path = join(dir, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, files[name]!, { flag: 'wx' });
    } catch (error) {
      throw new ConfigError(
        `${path} cannot be written (${(error as NodeJS.ErrnoException).code})\nName another folder with --config DIR.`,
      );
    }
  }
  return written;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
