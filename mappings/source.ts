import { isAlias, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { type ConfigProblem, maskLine, type Place } from './problem.ts';
import { syntaxProblem } from './syntax.ts';

export type Path = readonly PropertyKey[];

/** A YAML file as plain data that still knows where each part was written. */
export interface Source {
  file: string;
  data: unknown;
  /** Where the value at `path` (or the nearest part of it that exists) stands. `key`: its key instead. */
  place(path: Path, at?: 'key' | 'value'): Place;
  /** Must the value there be kept out of messages? */
  hidden?(path: Path): boolean;
}

/** Aliases can repeat a node without end; a config file never has this many. */
const MOST_NODES = 100_000;

const pathText = (path: Path) => path.map((part) => String(part)).join('\u0000');

/** Reads YAML 1.2. Only the first syntax error is told: the rest follow from it. */
export function parseYaml(file: string, text: string): { source?: Source; problems: ConfigProblem[] } {
  const counter = new LineCounter();
  const lines = text.split(/\r?\n/);
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(Math.min(offset, text.length));
    return { file, line, column: col, text: maskLine(lines[line - 1] ?? '') };
  };
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, stringKeys: true });
  const first = document.errors[0];
  if (first) return { problems: [syntaxProblem(first, text, placeAt)] };

  const places = new Map<string, { key: number; value: number }>();
  const problems: ConfigProblem[] = [];
  let nodes = 0;
  const fail = (offset: number, message: string, fix: string) =>
    problems.push({ severity: 'error', place: placeAt(offset), message, fix });

  const plain = (node: ParsedNode | null, path: PropertyKey[], key: number, open: ParsedNode[]): unknown => {
    if (problems.length > 0) return null;
    const start = node === null ? key : node.range[0];
    places.set(pathText(path), { key, value: start });
    if (++nodes > MOST_NODES) {
      fail(start, 'aliases make this file too large', 'write the values out instead of nesting aliases');
      return null;
    }
    if (node === null) return null;
    if (isAlias(node)) {
      const target = node.resolve(document) as ParsedNode | undefined;
      if (target === undefined || open.includes(target)) {
        fail(start, `the alias *${node.source} ${target ? 'contains itself' : 'has no anchor'}`, 'remove it');
        return null;
      }
      return plain(target, path, start, [...open, target]);
    }
    if (isSeq<ParsedNode>(node))
      return node.items.map((item, i) => plain(item, [...path, i], item.range[0], [...open, node]));
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const data: Record<string, unknown> = {};
      for (const pair of node.items) {
        const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
        if (name === '__proto__') {
          fail(pair.key.range[0], 'a key cannot be called __proto__', 'choose another name');
          continue;
        }
        data[name] = plain(pair.value, [...path, name], pair.key.range[0], [...open, node]);
      }
      return data;
    }
    if (typeof node.value === 'number' && !Number.isFinite(node.value)) {
      fail(start, `${node.source} is not a number that can be used`, 'write a finite number');
      return null;
    }
    return node.value;
  };

  const data = plain(document.contents, [], 0, []);
  if (problems.length > 0) return { problems };
  return {
    problems,
    source: {
      file,
      data,
      place(path, at = 'value') {
        for (let length = path.length; length >= 0; length--) {
          const found = places.get(pathText(path.slice(0, length)));
          if (found) return placeAt(length < path.length || at === 'key' ? found.key : found.value);
        }
        return placeAt(0);
      },
    },
  };
}
