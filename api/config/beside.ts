import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Neighbours } from '../../mappings/valueFile.ts';

/** The csv files beside a mapping that stands alone. */
export function csvBeside(file: string): Neighbours {
  const folder = dirname(file);
  const names = readdirSync(folder).filter((name) => /\.csv$/i.test(name));
  return {
    names,
    read: (name) => (names.includes(name) ? readFileSync(join(folder, name), 'utf8') : undefined),
  };
}
