import { refuse } from '../errors.ts';

export type Token =
  | { kind: 'word'; text: string }
  | { kind: 'string'; text: string }
  | { kind: 'literal'; text: string }
  | { kind: 'mark'; text: string };

const PATTERN =
  /\s+|'((?:[^'\\]|\\.)*)'|(\d{4}-\d{2}-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:?\d{2}))?|[-+]?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_.]*(?::\d+)?)|(<=|>=|!=|<>|[=<>(),])/gy;

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

export const malformed = (message: string) => refuse(400, 'MALFORMED_QUERY', message);

export function lex(soql: string): Token[] {
  const tokens: Token[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < soql.length) {
    const start = PATTERN.lastIndex;
    const match = PATTERN.exec(soql);
    if (match === null) {
      const found = soql[start] === "'" ? 'an unterminated string' : `'${soql.slice(start, start + 20)}'`;
      throw malformed(`unexpected token: ${found} at position ${start}`);
    }
    const [, string, literal, word, mark] = match;
    if (string !== undefined) tokens.push({ kind: 'string', text: readEscapes(string) });
    else if (literal !== undefined) tokens.push({ kind: 'literal', text: literal });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
  }
  return tokens;
}

function readEscapes(text: string): string {
  return text.replace(/\\(.)/gs, (whole, letter: string) => {
    if (letter in ESCAPES) return ESCAPES[letter]!;
    if ('\'"\\_%'.includes(letter)) return letter === '_' || letter === '%' ? whole : letter;
    throw malformed(`Illegal string literal: invalid escape \\${letter}`);
  });
}
