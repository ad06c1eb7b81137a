import { unitAt } from '../values/units.ts';
import { orgLevel } from './compare-contact.ts';
import type { PreparedOrg } from './prepared.ts';
import { agree, type Scratch } from './scratch.ts';
import { jaroWinkler, withinOneEdit } from './similarity.ts';

export const NAME_LEVELS = [
  'exact',
  'core',
  'form',
  'similar',
  'part',
  'word',
  'unread',
  'different',
] as const;

const SIMILAR = NAME_LEVELS.indexOf('similar');
const PART = NAME_LEVELS.indexOf('part');
const WORD = NAME_LEVELS.indexOf('word');
const UNREAD = NAME_LEVELS.indexOf('unread');
const DIFFERENT = NAME_LEVELS.indexOf('different');

/** Shares of the words' information from which two names are alike, or one is part of the other. */
const ALIKE = 0.6;
const CONTAINED = 0.85;
/** Bits of words in common below which they say nothing: center, services. */
const TELLING = 5;

/** A stranger's chance to have a word in its name, where no list has been counted. */
const UNKNOWN = 0.001;

const VOWEL = /[aeiou]/u;

/** ctr for center, svcs for services, dev for development: the beginning, or consonants in their order up to the last. */
function abbreviates(short: string, long: string): boolean {
  if (short.length < 3 || long.length < short.length + 2) return false;
  if (long.startsWith(short)) return true;
  if (unitAt(short, short.length - 1) !== unitAt(long, long.length - 1)) return false;
  let at = 0;
  for (let i = 0; i < long.length && at < short.length; i++) if (unitAt(long, i) === unitAt(short, at)) at++;
  return at === short.length && !VOWEL.test(short.slice(1));
}

/** The first letter is hardly ever mistyped or left out, and tells most words apart. */
function sameWord(a: string, b: string): boolean {
  if (unitAt(a, 0) !== unitAt(b, 0)) return false;
  if (a.length > 4 && b.length > 4 && withinOneEdit(a, b)) return true;
  return a.length < b.length ? abbreviates(a, b) : abbreviates(b, a);
}

/**
 * Two names by their words, each worth the bits that its rarity gives (Cohen, Ravikumar and Fienberg 2003): "center" in common says
 * nothing, "Rauner" much. The rarest word in common is what the weight goes by.
 */
function compareWords(a: PreparedOrg, b: PreparedOrg, s: Scratch, at: number): void {
  const bits = (word: string) => -Math.log2(s.chance('word', word) ?? UNKNOWN);
  let [left, right, shared, rarest] = [0, 0, 0, 0];
  let key = '';
  for (const w of b.words) right += bits(w);
  for (const w of a.words) {
    const worth = bits(w);
    left += worth;
    const found = b.words.includes(w) ? w : b.words.find((v) => sameWord(w, v));
    if (found === undefined) continue;
    const common = Math.min(worth, bits(found));
    shared += common;
    if (common > rarest) [rarest, key] = [common, worth <= bits(found) ? w : found];
  }
  const level =
    shared / (left + right - shared) >= ALIKE || jaroWinkler(a.core, b.core) >= 0.93
      ? SIMILAR
      : shared / Math.min(left, right) >= CONTAINED
        ? PART
        : shared >= TELLING
          ? WORD
          : DIFFERENT;
  if (level === DIFFERENT || key === '') s.level[at] = level;
  else agree(s, at, level, 'word', key);
}

/** How two companies' names agree, on the scale of NAME_LEVELS. */
export function compareOrgs(a: PreparedOrg, b: PreparedOrg, s: Scratch, at: number): void {
  const level = orgLevel(a, b);
  if (level === 0) {
    const own = a.form === b.form ? 0 : a.form === '' || b.form === '' ? 1 : 2;
    if (own <= 1) agree(s, at, own, 'org', a.key);
    else s.level[at] = own;
  } else if (a.script === 'latin' && b.script === 'latin' && a.words.length > 0 && b.words.length > 0)
    compareWords(a, b, s, at);
  else if (level === 1) s.level[at] = SIMILAR;
  else if (level === 2) s.level[at] = UNREAD;
  else
    s.level[at] =
      a.key.length > 1 && b.key.length > 1 && (a.key.includes(b.key) || b.key.includes(a.key))
        ? PART
        : DIFFERENT;
}
