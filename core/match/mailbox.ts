import { readingKey } from '../values/kana.ts';
import type { PreparedName, PreparedWord } from './prepared.ts';

/** What the local part of an address spells of its record's own name: bits of `PreparedMail.spells`. */
export const SPELLS_FAMILY = 1;
export const SPELLS_GIVEN = 2;

/** -1: the token is no way of writing this name. Else the parts it writes in full; 0 for a bare initial. */
function tokenSpells(token: string, own: readonly string[], other: readonly string[], bit: number): number {
  let best = -1;
  for (const name of own) {
    if (name.length < 2) continue;
    if (token === name) best = Math.max(best, bit);
    else if (token.length === 1 && name.startsWith(token)) best = Math.max(best, 0);
    else {
      const rest = token.startsWith(name)
        ? token.slice(name.length)
        : token.endsWith(name)
          ? token.slice(0, -name.length)
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
  let i = 0;
  while (i < text.length && isLetter(text, i)) i++;
  // Most are letters throughout, or have digits behind them.
  const { length } = text;
  let rest = i;
  while (rest < length && !isLetter(text, rest)) rest++;
  return rest === length ? text.slice(0, i) : text.replace(/[^a-z]/gu, '');
}

/** taro, sato of taro.sato12 */
function letterRuns(text: string): string[] {
  const runs: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const from = at;
    while (at < text.length && isLetter(text, at)) at++;
    if (at > from) runs.push(text.slice(from, at));
  }
  return runs;
}

function isLetter(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c >= 0x61 && c <= 0x7a;
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
