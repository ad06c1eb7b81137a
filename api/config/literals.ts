import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from 'yaml';
import { type ConfigProblem, SECRET_KEY } from '../../mappings/problem.ts';
import { parseYaml } from '../../mappings/source.ts';
import { SECRET_REFERENCE } from './env.ts';
import type { ConfigFiles } from './read.ts';

/** A secret that a file holds in clear. */
interface Literal {
  path: PropertyKey[];
  value: string;
  /** Where its text stands, and what the text is: an alias is written where its anchor is. */
  start: number;
  end: number;
  /** It is part of a reference (`${NAME:-secret}`), so that the whole cannot be sealed. */
  fallback: boolean;
}

const HUB_FILE = /^hub(?:\.([\w-]+))?\.ya?ml$/;
/** Parts of a connection that name a tool's fields: `token: text` there is no secret. */
const NAMES_ONLY = new Set(['streams', 'id']);
const LOGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s$]+@/i;
const REFERENCE = /\$?\$\{([^}]*)\}/g;

/** Literal secrets of the folder's hub files, as problems that say what to write instead. None: it may be stored as it is. */
export function literalSecrets(files: ConfigFiles): ConfigProblem[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const { source } = parseYaml(file, text);
    if (!source) return [];
    return literalsIn(file, text).map(({ path, fallback }): ConfigProblem => {
      const key = String(path.at(-1));
      const what = fallback ? 'stands in clear behind ":-"' : 'stands in clear';
      return {
        severity: 'error',
        place: source.place(path),
        message: `the secret of "${path.slice(1).join('.')}" ${what}`,
        expected: `${key}: "$\{NAME}"`,
        fix: fallback
          ? 'set that variable in the environment and leave the rest out'
          : 'put it into the environment (or .env) and name it here, or have the hub keep it sealed: nayose apply --seal',
      };
    });
  });
}

/** The same files with each literal secret replaced by `${secret:NAME}`, and what the names stand for. */
export function sealLiterals(files: ConfigFiles): { files: ConfigFiles; secrets: Record<string, string> } {
  const secrets: Record<string, string> = {};
  const sealed: ConfigFiles = {};
  for (const [file, text] of Object.entries(files)) {
    let clean = text;
    const found = literalsIn(file, text).filter(({ fallback }) => !fallback);
    // From the end, so that the positions before it stay right.
    for (const { path, value, start, end } of found.toSorted((a, b) => b.start - a.start)) {
      const name = freeName(file, path, value, secrets);
      secrets[name] = value;
      const newline = clean.slice(start, end).endsWith('\n') ? '\n' : '';
      clean = `${clean.slice(0, start)}"$\{secret:${name}}"${newline}${clean.slice(end)}`;
    }
    sealed[file] = clean;
  }
  return { files: sealed, secrets };
}

/** `crm.auth.clientSecret`; of hub.production.yaml, `production.crm.auth.clientSecret`. */
function freeName(file: string, path: PropertyKey[], value: string, taken: Record<string, string>): string {
  const overlay = HUB_FILE.exec(file)?.[1];
  const name = [...(overlay === undefined ? [] : [overlay]), ...path.slice(1)]
    .map((part) => String(part).replace(/[^\w.-]/g, '_'))
    .join('.');
  let free = name;
  for (let n = 2; Object.hasOwn(taken, free) && taken[free] !== value; n++) free = `${name}-${n}`;
  return free;
}

function literalsIn(file: string, text: string): Literal[] {
  if (!HUB_FILE.test(file)) return [];
  const document = parseDocument(text, { stringKeys: true, prettyErrors: false });
  if (document.errors.length > 0 || !isMap<ParsedNode, ParsedNode | null>(document.contents)) return [];
  const found = new Map<number, Literal>();
  const visit = (node: ParsedNode | null, path: PropertyKey[], secret: boolean, open: ParsedNode[]): void => {
    if (node === null || open.includes(node)) return;
    if (isAlias(node)) {
      visit((node.resolve(document) as ParsedNode | undefined) ?? null, path, secret, [...open, node]);
    } else if (isSeq<ParsedNode>(node)) {
      for (const [i, item] of node.items.entries()) visit(item, [...path, i], secret, [...open, node]);
    } else if (isMap<ParsedNode, ParsedNode | null>(node)) {
      for (const { key, value } of node.items) {
        const name = String(isScalar(key) ? key.value : key);
        if (path.length === 2 && NAMES_ONLY.has(name)) continue;
        // A connection's own name says nothing of what it holds.
        const sounds = path.length >= 2 && SECRET_KEY.test(name);
        visit(value, [...path, name], secret || sounds, [...open, node]);
      }
    } else if (typeof node.value === 'string') {
      const kind = kindOf(node.value, secret);
      const [start, end] = node.range;
      if (kind && !found.has(start))
        found.set(start, { path, value: node.value, start, end, fallback: kind === 'fallback' });
    }
  };
  for (const { key, value } of document.contents.items)
    if (isScalar(key) && key.value === 'connections') visit(value, ['connections'], false, []);
  return [...found.values()];
}

function kindOf(value: string, secret: boolean): 'literal' | 'fallback' | undefined {
  if (!secret) return LOGIN.test(value) ? 'literal' : undefined;
  if (value === '') return undefined;
  const references = [...value.matchAll(REFERENCE)].filter(([whole]) => !whole.startsWith('$$'));
  if (references.length === 0) return 'literal';
  const clear = references.some(([, inside = '']) => !SECRET_REFERENCE.test(inside) && /:-./.test(inside));
  return clear ? 'fallback' : undefined;
}
