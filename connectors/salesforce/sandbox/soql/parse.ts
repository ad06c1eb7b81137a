/** The part of SOQL that syncs use. Anything else is MALFORMED_QUERY, as it would be for a typing error. */
import { lex, malformed, type Token } from './lex.ts';

export type Operand =
  | string
  | number
  | boolean
  | null
  | { date: string }
  | { datetime: string }
  | { relative: string };
export type Condition =
  | { and: Condition[] }
  | { or: Condition[] }
  | { not: Condition }
  | { field: string; op: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE'; value: Operand }
  | { field: string; op: 'IN' | 'NOT IN'; values: Operand[] };

export interface Query {
  text: string;
  /** Dotted for relationships; empty for COUNT(). */
  fields: string[];
  count: boolean;
  object: string;
  where: Condition | undefined;
  orderBy: { field: string; descending: boolean; nullsLast: boolean }[];
  limit: number | undefined;
  offset: number;
}

const RELATIVE = /^(TODAY|YESTERDAY|TOMORROW|LAST_N_DAYS:\d+|NEXT_N_DAYS:\d+)$/i;

export function parse(soql: string): Query {
  const tokens = lex(soql);
  let at = 0;
  const peek = (offset = 0): Token | undefined => tokens[at + offset];
  const isWord = (word: string, offset = 0) => {
    const token = peek(offset);
    return token?.kind === 'word' && token.text.toUpperCase() === word;
  };
  const isMark = (mark: string) => peek()?.kind === 'mark' && peek()?.text === mark;
  const unexpected = () => malformed(`unexpected token: ${peek()?.text ?? '<EOF>'}`);
  const take = (): Token => {
    const token = peek();
    if (token === undefined) throw unexpected();
    at += 1;
    return token;
  };
  const accept = (...words: string[]) => {
    const all = words.every((word, i) => isWord(word, i));
    if (all) at += words.length;
    return all;
  };
  const acceptMark = (mark: string) => {
    const found = isMark(mark);
    if (found) at += 1;
    return found;
  };
  const expectMark = (mark: string) => {
    if (!acceptMark(mark)) throw unexpected();
  };
  const name = (): string => {
    const token = peek();
    if (token?.kind !== 'word') throw unexpected();
    at += 1;
    return token.text;
  };
  const whole = (): number => {
    const token = take();
    if (token.kind !== 'literal' || !/^\d+$/.test(token.text)) throw malformed(`not a number: ${token.text}`);
    return Number(token.text);
  };

  const operand = (): Operand => {
    const token = take();
    if (token.kind === 'string') return token.text;
    if (token.kind === 'literal') {
      if (token.text.includes('T')) return { datetime: token.text };
      return /^\d{4}-/.test(token.text) ? { date: token.text } : Number(token.text);
    }
    const word = token.text.toLowerCase();
    if (token.kind === 'word' && word === 'null') return null;
    if (token.kind === 'word' && (word === 'true' || word === 'false')) return word === 'true';
    if (token.kind === 'word' && RELATIVE.test(word)) return { relative: token.text.toUpperCase() };
    at -= 1;
    throw unexpected();
  };
  const list = (): Operand[] => {
    expectMark('(');
    const values = [operand()];
    while (acceptMark(',')) values.push(operand());
    expectMark(')');
    return values;
  };
  const comparison = (): Condition => {
    if (acceptMark('(')) {
      const inner = disjunction();
      expectMark(')');
      return inner;
    }
    if (accept('NOT')) return { not: comparison() };
    const field = name();
    if (accept('NOT', 'IN')) return { field, op: 'NOT IN', values: list() };
    if (accept('IN')) return { field, op: 'IN', values: list() };
    if (accept('LIKE')) return { field, op: 'LIKE', value: operand() };
    const mark = take();
    const op = mark.text === '<>' ? '!=' : mark.text;
    if (mark.kind !== 'mark' || !['=', '!=', '<', '<=', '>', '>='].includes(op)) {
      at -= 1;
      throw unexpected();
    }
    return { field, op: op as '=', value: operand() };
  };
  // SOQL refuses AND beside OR without parentheses, rather than ranking them.
  const disjunction = (): Condition => {
    const parts = [comparison()];
    const word = isWord('AND') ? 'AND' : 'OR';
    while (accept(word)) parts.push(comparison());
    if (isWord('AND') || isWord('OR')) throw unexpected();
    if (parts.length === 1) return parts[0]!;
    return word === 'AND' ? { and: parts } : { or: parts };
  };

  if (!accept('SELECT')) throw unexpected();
  const fields: string[] = [];
  let count = false;
  if (isWord('COUNT') && peek(1)?.text === '(' && peek(2)?.text === ')') {
    at += 3;
    count = true;
  } else {
    do fields.push(name());
    while (acceptMark(','));
  }
  if (!accept('FROM')) throw unexpected();
  const query: Query = {
    text: soql,
    fields,
    count,
    object: name(),
    where: undefined,
    orderBy: [],
    limit: undefined,
    offset: 0,
  };
  if (accept('WHERE')) query.where = disjunction();
  if (accept('ORDER', 'BY'))
    do {
      const field = name();
      const descending = accept('DESC') || (accept('ASC') && false);
      const nullsLast = accept('NULLS', 'LAST') || (accept('NULLS', 'FIRST') && false);
      query.orderBy.push({ field, descending, nullsLast });
    } while (acceptMark(','));
  if (accept('LIMIT')) query.limit = whole();
  if (accept('OFFSET')) query.offset = whole();
  if (at < tokens.length) throw unexpected();
  return query;
}
