import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.tsx?$/.test(name) && statSync(join(root, name)).isFile());
}

/** Project files that a file imports, relative to the root. */
function imports(file: string): { target: string }[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: { target: string }[] = [];
  const pattern = /\b(import|export)(\s+type)?\b[^'";]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const name = match[3] ?? match[4]!;
    const target = name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name;
    found.push({ target });
  }
  return found;
}

const PROJECT = ['api', 'mappings', 'core', 'connectors'];
const top = (path: string) => path.split('/')[0]!;

describe('imports run one way: api → mappings → core → connectors/contract', () => {
  for (const folder of PROJECT) {
    test(folder, () => {
      const wrong: string[] = [];
      for (const file of sources(folder))
        for (const { target } of imports(file)) {
          if (!PROJECT.includes(top(target)) && !target.startsWith('test')) continue;
          const allowed =
            folder === 'api'
              ? PROJECT.includes(top(target))
              : folder === 'mappings'
                ? ['mappings', 'core'].includes(top(target)) || target === 'connectors/contract.ts'
                : folder === 'core'
                  ? top(target) === 'core' || target === 'connectors/contract.ts'
                  : connectorMay(file, target);
          if (!allowed) wrong.push(`${file} imports ${target}`);
        }
      expect(wrong).toEqual([]);
    });
  }
});

/** A connector imports its own folder and connectors/*.ts; only the registry imports connectors. */
function connectorMay(file: string, target: string): boolean {
  if (top(target) !== 'connectors') return false;
  const [, own, ...deeper] = file.split('/');
  const [, theirs, ...rest] = target.split('/');
  if (rest.length === 0) return true;
  if (deeper.length === 0) return own === 'registry.ts' && rest.length === 1 && rest[0] === 'index.ts';
  return own === theirs;
}

describe('core/{model,values,match,merge,plan} are pure', () => {
  const impure: [RegExp, string][] = [
    [/\bfrom\s*'node:(?!assert)/, 'imports a Node module'],
    [/\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/, 'reads a clock'],
    [/\bMath\.random\(|\bcrypto\.(randomUUID|getRandomValues)\(/, 'rolls dice'],
    [/\bfetch\(|\bprocess\.(env|std|cwd|argv)|\bconsole\./, 'does I/O'],
    [/\bset(Timeout|Interval|Immediate)\(/, 'waits'],
  ];
  for (const folder of ['model', 'values', 'match', 'merge', 'plan'])
    test(folder, () => {
      const wrong: string[] = [];
      for (const file of sources(`core/${folder}`)) {
        const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        for (const [pattern, what] of impure) if (pattern.test(code)) wrong.push(`${file} ${what}`);
        for (const { target } of imports(file))
          if (/^core\/(store|sync|jobs)\//.test(target)) wrong.push(`${file} imports ${target}`);
      }
      expect(wrong).toEqual([]);
    });
});
