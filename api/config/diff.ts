import { isDeepStrictEqual } from 'node:util';
import { maskLine } from '../../mappings/problem.ts';
import { parseYaml } from '../../mappings/source.ts';
import type { ConfigFiles } from './read.ts';

/** What differs between two states of a config folder. Literal secrets in the lines are masked. */
export interface ConfigDiff {
  files: FileDiff[];
  /** What it means: `{ kind: 'sync', name: 'people', change: 'changed' }`. */
  parts: PartDiff[];
}

export interface FileDiff {
  path: string;
  change: 'added' | 'changed' | 'removed';
  /** `+` and `-` lines with three lines around them; `@` stands where lines are left out. */
  lines: string[];
}

export interface PartDiff {
  kind: 'hub' | 'connection' | 'entity' | 'sync' | 'alert' | 'mapping' | 'webhook' | 'setting';
  name: string;
  change: FileDiff['change'];
}

/** From `before` to `after`. */
export function diffConfigs(before: ConfigFiles, after: ConfigFiles): ConfigDiff {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const files = paths.flatMap((path): FileDiff[] => {
    const [old, now] = [before[path], after[path]];
    if (old === now) return [];
    return [{ path, change: changeOf(old, now), lines: diffLines(old ?? '', now ?? '') }];
  });
  return { files, parts: files.flatMap(({ path }) => partsOf(path, before[path], after[path])) };
}

const changeOf = (old: unknown, now: unknown) =>
  old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';

const SECTIONS: Record<string, PartDiff['kind']> = {
  connections: 'connection',
  entities: 'entity',
  syncs: 'sync',
  alerts: 'alert',
};

function partsOf(path: string, old: string | undefined, now: string | undefined): PartDiff[] {
  const mapping = /^mappings\/(.+?)(?:\.ya?ml)?$/.exec(path)?.[1];
  const [was, is] = [dataOf(path, old), dataOf(path, now)];
  if (mapping !== undefined)
    return isDeepStrictEqual(was, is) ? [] : [{ kind: 'mapping', name: mapping, change: changeOf(old, now) }];
  const overlay = /^hub\.([\w-]+)\.ya?ml$/.exec(path)?.[1];
  const named = (name: string) => (overlay === undefined ? name : `${name} (in ${overlay})`);
  return keysOf(was, is).flatMap((section): PartDiff[] => {
    const kind = SECTIONS[section];
    const [a, b] = [mapOf(was)[section], mapOf(is)[section]];
    if (kind === undefined)
      return isDeepStrictEqual(a, b)
        ? []
        : [{ kind: 'setting', name: named(section), change: changeOf(a, b) }];
    return keysOf(a, b)
      .filter((name) => !isDeepStrictEqual(mapOf(a)[name], mapOf(b)[name]))
      .map((name) => ({ kind, name: named(name), change: changeOf(mapOf(a)[name], mapOf(b)[name]) }));
  });
}

const dataOf = (path: string, text: string | undefined) =>
  text === undefined || /\.csv$/i.test(path) ? text : parseYaml(path, text).source?.data;

const mapOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

const keysOf = (a: unknown, b: unknown) => [...new Set([...Object.keys(mapOf(a)), ...Object.keys(mapOf(b))])];

const AROUND = 3;
/** Tables of more cells than this are not worth the wait: the file is then shown as replaced. */
const MOST_CELLS = 1_000_000;

/** The longest common subsequence of lines, as a patch shows it. */
export function diffLines(before: string, after: string): string[] {
  const split = (text: string) => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/));
  const [old, now] = [split(before), split(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail++;
  const all = [
    ...old.slice(0, head).map((line) => ` ${line}`),
    ...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...old.slice(old.length - tail).map((line) => ` ${line}`),
  ];
  return around(all).map((line) => (line === '@' ? line : line[0] + maskLine(line.slice(1))));
}

function middle(old: string[], now: string[]): string[] {
  const replaced = [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
  if (old.length * now.length > MOST_CELLS) return replaced;
  // length[i][j]: of the longest common subsequence of old from i on and now from j on.
  const length = Array.from({ length: old.length + 1 }, () => new Int32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      length[i]![j] =
        old[i] === now[j] ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(` ${old[i]}`);
      i++;
      j++;
    } else if (i < old.length && (j === now.length || length[i + 1]![j]! >= length[i]![j + 1]!))
      lines.push(`-${old[i++]}`);
    else lines.push(`+${now[j++]}`);
  }
  return lines;
}

function around(lines: string[]): string[] {
  const shown = new Set<number>();
  for (const [i, line] of lines.entries())
    if (line[0] !== ' ') for (let k = i - AROUND; k <= i + AROUND; k++) shown.add(k);
  return lines.flatMap((line, i) => (shown.has(i) ? [line] : i > 0 && shown.has(i - 1) ? ['@'] : []));
}
