import { readingKey } from '../values/kana.ts';
import { isDigit, isLetter, lengthOf, unitAt } from '../values/units.ts';
import type { PreparedName, PreparedWord } from './prepared.ts';

/** What the local part of an address spells of its record's own name: bits of `PreparedMail.spells`. */
export const SPELLS_FAMILY = 1;
export const SPELLS_GIVEN = 2;

/** -1: the token is no way of writing this name. Else the parts it writes in full; 0 for a bare initial. */
function tokenSpells(token: string, own: readonly string[], other: readonly string[], bit: number): number {
  let best = -1;
  const length = lengthOf(token);
  if (length === 0) return -1;
  const [head, tail] = [unitAt(token, 0), unitAt(token, length - 1)];
  for (const name of own) {
    const long = lengthOf(name);
    if (long < 2) continue;
    // Most names begin and end otherwise: that is seen at a glance.
    const begins = unitAt(name, 0) === head;
    if (!begins && (unitAt(name, long - 1) !== tail || long >= length)) continue;
    if (token === name) best = Math.max(best, bit);
    else if (length === 1) best = Math.max(best, 0);
    else {
      const rest =
        begins && token.startsWith(name)
          ? token.slice(long)
          : token.endsWith(name)
            ? token.slice(0, length - long)
            : '';
      // takahashi + y, k + sato, sato + kenichi: the rest is the other name or its beginning.
      if (rest !== '')
        for (const o of other)
          if (o === rest) best = SPELLS_FAMILY | SPELLS_GIVEN;
          else if (o.startsWith(rest)) best = Math.max(best, bit);
    }
  }
  return best;
}

function allSpell(tokens: readonly string[], family: readonly string[], given: readonly string[]): number {
  let bits = 0;
  for (const token of tokens) {
    const found = Math.max(
      tokenSpells(token, family, given, SPELLS_FAMILY),
      tokenSpells(token, given, family, SPELLS_GIVEN),
    );
    if (found === -1) return 0;
    bits |= found;
  }
  return bits;
}

/** The letters a to z of a text. */
export function lettersOf(text: string): string {
  const length = lengthOf(text);
  let i = 0;
  while (i < length && isLetter(unitAt(text, i))) i++;
  // Most are letters throughout, or have digits behind them.
  let rest = i;
  while (rest < length && !isLetter(unitAt(text, rest))) rest++;
  return rest === length ? text.slice(0, i) : text.replace(/[^a-z]/gu, '');
}

const [DOT, DASH, UNDERSCORE] = [0x2e, 0x2d, 0x5f];
const isSign = (unit: number) => unit === DOT || unit === DASH || unit === UNDERSCORE;

/** The letters of its parts that are no more than a letter, or have but digits behind it (k of tanaka-k, of k2.tanaka). */
export function initialsIn(local: string): string {
  const length = lengthOf(local);
  let found = '';
  let [from, initial] = [0, true];
  for (let at = 0; at <= length; at++) {
    const unit = at < length ? unitAt(local, at) : DOT;
    if (!isSign(unit)) initial &&= at === from ? isLetter(unit) : isDigit(unit);
    else {
      if (initial && at > from) found += local[from];
      [from, initial] = [at + 1, true];
    }
  }
  return found;
}

const MIXED_UP = [
  ['1', 'l'],
  ['i', 'l'],
  ['|', 'l'],
  ['0', 'o'],
  ['rn', 'm'],
  ['vv', 'w'],
] as const;

/** What scanners and readers mix up (0/o, 1/l, rn/m) evened out. */
export function scanned(local: string): string {
  let seen = local;
  for (const [written, read] of MIXED_UP) if (seen.includes(written)) seen = seen.replaceAll(written, read);
  return seen;
}

/** taro, sato of taro.sato12 */
function letterRuns(text: string): string[] {
  const runs: string[] = [];
  const length = lengthOf(text);
  for (let at = 0; at < length; at++) {
    const from = at;
    while (at < length && isLetter(unitAt(text, at))) at++;
    if (at > from) runs.push(text.slice(from, at));
  }
  return runs;
}

const forms = (word: PreparedWord | null): string[] =>
  word === null ? [] : word.script === 'latin' ? [lettersOf(word.key), ...word.readings] : word.readings;

/**
 * Which parts of the name a mailbox spells out, where the name explains all of it but digits (victoria.harrison,
 * k-sato, takahashiy2); 0 where anything else is in it. Such a mailbox was made from the name: it proves the
 * spelling, and a second one of the same make is no slip of the first.
 */
export function spelledBy(local: string, name: PreparedName | null): number {
  if (name === null || name.kind === 'role') return 0;
  const tokens = letterRuns(local);
  if (tokens.length === 0 || tokens.length > 4) return 0;
  const [family, given] = [forms(name.family), forms(name.given)];
  const plain = allSpell(tokens, family, given);
  return plain > 0 ? plain : allSpell(tokens.map(readingKey), family, given);
}

/** sr, jr, ii…: what tells father and son of one name apart; '' where nothing does. */
export function generationOf(text: string): string {
  const found = /[\s,](jr|sr|junior|senior|ii|iii|iv)\.?\s*$/iu.exec(text)?.[1]?.toLowerCase();
  return found === 'junior' ? 'jr' : found === 'senior' ? 'sr' : (found ?? '');
}
