import { areNicknames } from '../values/person-name.ts';
import type { PreparedName, PreparedWord } from './prepared.ts';
import { agree, MISSING, type Scratch } from './scratch.ts';
import { intersects, jaroWinkler, withinOneEdit } from './similarity.ts';

export const FAMILY_LEVELS = ['exact', 'reading', 'similar', 'different'] as const;
export const GIVEN_LEVELS = ['exact', 'reading', 'nickname', 'initial', 'similar', 'different'] as const;

const EXACT = 0;
const READING = 1;
const NICKNAME = 2;
const INITIAL = 3;
const SIMILAR = 4;
const DIFFERENT = 5;
/** Levels of a family name, from the finer scale of a given name. An initial says next to nothing of a surname. */
const AS_FAMILY = [0, 1, 2, MISSING, 2, 3];

/** Shares of characters below which two kanji names have nothing in common. */
function sharesCharacter(a: string, b: string): boolean {
  for (const c of a) if (b.includes(c)) return true;
  return false;
}

function bestReading(a: readonly string[], b: readonly string[]): number {
  let best = 0;
  for (const x of a) for (const y of b) best = Math.max(best, jaroWinkler(x, y));
  return best;
}

function kanjiLevel(a: PreparedWord, b: PreparedWord): number {
  const shared = sharesCharacter(a.key, b.key);
  if (intersects(a.readings, b.readings)) return shared || (a.sure && b.sure) ? READING : SIMILAR;
  if (a.sure && b.sure) return DIFFERENT;
  // 真由/真由美 and one misread character of three; of two characters one is a different name.
  const longer = Math.max(a.key.length, b.key.length);
  if (longer >= 3 && withinOneEdit(a.key, b.key)) return SIMILAR;
  return DIFFERENT;
}

/** How two parts of names agree, on the scale of GIVEN_LEVELS, or MISSING when nobody can tell. */
export function wordLevel(a: PreparedWord, b: PreparedWord): number {
  if (a.key === b.key) return EXACT;
  if (a.script === 'han' && b.script === 'han') return kanjiLevel(a, b);
  if (a.script === 'latin' && b.script === 'latin') {
    if (a.key.length === 1 || b.key.length === 1) return a.key[0] === b.key[0] ? INITIAL : DIFFERENT;
    if (intersects(a.readings, b.readings)) return READING;
    if (areNicknames(a.key, b.key)) return NICKNAME;
    if (withinOneEdit(a.key, b.key) || jaroWinkler(a.key, b.key) >= 0.88) return SIMILAR;
    return DIFFERENT;
  }
  if (a.readings.length === 0 || b.readings.length === 0) return MISSING;
  if (intersects(a.readings, b.readings)) return READING;
  const [x, y] = [a.readings[0]!, b.readings[0]!];
  if (x.length === 1 || y.length === 1) return x[0] === y[0] ? INITIAL : DIFFERENT;
  const similarity = bestReading(a.readings, b.readings);
  if (a.sure && b.sure) return similarity >= 0.9 ? SIMILAR : DIFFERENT;
  // A guess may simply lack the right reading: only a plainly different one counts against.
  return similarity >= 0.93 ? SIMILAR : similarity >= 0.7 ? MISSING : DIFFERENT;
}

/** Two given names that no slip, nickname or unread kanji explains: two members of a household. */
function plainlyDifferent(a: PreparedWord, b: PreparedWord): boolean {
  if (a.key.length < 2 && a.script === 'latin') return false;
  if (b.key.length < 2 && b.script === 'latin') return false;
  if (a.readings.length === 0 || b.readings.length === 0) return false;
  if (a.script === b.script && (sharesKanji(a, b) || jaroWinkler(a.key, b.key) >= 0.6)) return false;
  return bestReading(a.readings, b.readings) < 0.62;
}

const sharesKanji = (a: PreparedWord, b: PreparedWord) => a.script === 'han' && sharesCharacter(a.key, b.key);
const agrees = (level: number) => level >= EXACT && level < INITIAL;

const NAMES = ['family', 'given'] as const;
const READINGS = ['family-reading', 'given-reading'] as const;

/** Fields are often swapped: a given name is a rare surname, but no rare name. The commoner of the two is what it is. */
function kindOf(
  s: Scratch,
  family: boolean,
  [asFamily, asGiven]: readonly [string, string],
  key: string,
): string {
  const [kind, other] = family ? [asFamily, asGiven] : [asGiven, asFamily];
  const [here, there] = [s.chance(kind, key), s.chance(other, key)];
  return here !== undefined && there !== undefined && there > here ? other : kind;
}

/** Is a word that two records bear commoner as a surname than as a given name? undefined: nobody has counted it. */
function isSurname(s: Scratch, a: PreparedWord, b: PreparedWord): boolean | undefined {
  for (const { key } of [a, b]) {
    const [family, given] = [s.chance('family', key), s.chance('given', key)];
    if (family !== undefined && given !== undefined && family !== given) return family > given;
  }
  return undefined;
}

function put(s: Scratch, at: number, family: boolean, level: number, a: PreparedWord, b: PreparedWord): void {
  const own = family ? (level === MISSING ? MISSING : AS_FAMILY[level]!) : level;
  if (level === EXACT) agree(s, at, own, kindOf(s, family, NAMES, a.key), a.key);
  else if (level === READING) {
    const reading = (a.sure ? a.readings[0] : b.readings[0]) ?? '';
    agree(s, at, own, kindOf(s, family, READINGS, reading), reading);
  } else s.level[at] = own;
}

/**
 * 裕子 and 祐子, 健一 and 謙一: one sound, other characters. A slip of whoever typed it, or two people: the sound alone
 * does not tell.
 */
export function homophones(a: PreparedName, b: PreparedName): boolean {
  const other = (x: PreparedWord | null, y: PreparedWord | null) =>
    x !== null && y !== null && x.script === 'han' && y.script === 'han' && x.key !== y.key;
  return (a.whole === '' || a.whole !== b.whole) && (other(a.given, b.given) || other(a.family, b.family));
}

/**
 * Compares two names into two comparisons, `family` and `given`. Fields are often swapped, and a full name without a
 * space is split by guess: the alignment that agrees best is the one that counts.
 * Returns true when given names under one surname are plainly different.
 */
export function compareNames(
  a: PreparedName,
  b: PreparedName,
  s: Scratch,
  family: number,
  given: number,
): boolean {
  if (a.family === null || b.family === null || a.given === null || b.given === null)
    return oneSided(a, b, s, family, given);
  if (a.whole !== '' && a.whole === b.whole) {
    put(s, family, true, EXACT, b.guessed ? a.family : b.family, b.family);
    put(s, given, false, EXACT, b.guessed ? a.given : b.given, b.given);
    return false;
  }
  const ff = wordLevel(a.family, b.family);
  const gg = wordLevel(a.given, b.given);
  if (!(agrees(ff) && agrees(gg))) {
    const fg = wordLevel(a.family, b.given);
    const gf = wordLevel(a.given, b.family);
    // Half an agreement across beats none at all: fields were swapped, and the other half is damaged.
    const straight = agrees(ff) || agrees(gg);
    if ((agrees(fg) && agrees(gf)) || (!straight && (agrees(fg) || agrees(gf)))) {
      // Which of the two has its fields the wrong way round, the agreed word tells: Smith is a surname in either.
      const [x, y] = agrees(gf) ? [a.given, b.family] : [a.family, b.given];
      const turned = agrees(gf) === isSurname(s, x, y);
      put(s, turned ? given : family, !turned, fg, a.family, b.given);
      put(s, turned ? family : given, turned, gf, a.given, b.family);
      return false;
    }
    if ((a.guessed || b.guessed) && resplit(a, b, s, family, given)) return false;
  }
  if (ff === DIFFERENT && (a.maiden === b.family.key || b.maiden === a.family.key))
    put(s, family, true, SIMILAR, a.family, b.family);
  else put(s, family, true, ff, a.family, b.family);
  put(s, given, false, gg, a.given, b.given);
  return agrees(ff) && gg === DIFFERENT && plainlyDifferent(a.given, b.given);
}

/** One side has only half a name; it may stand in either field. */
function oneSided(a: PreparedName, b: PreparedName, s: Scratch, family: number, given: number): boolean {
  if (a.family !== null && b.family !== null)
    put(s, family, true, wordLevel(a.family, b.family), a.family, b.family);
  if (a.given !== null && b.given !== null)
    put(s, given, false, wordLevel(a.given, b.given), a.given, b.given);
  // A lone name in the wrong field agrees better across.
  const [x, y] = [a.family ?? a.given, b.family ?? b.given];
  if (x === null || y === null) return false;
  const lone = a.family === null || a.given === null ? a : b;
  const other = lone === a ? b : a;
  const word = lone.family ?? lone.given!;
  const cross = lone.family === null ? other.family : other.given;
  if (cross === null) return false;
  const level = wordLevel(word, cross);
  if (!agrees(level)) return false;
  const straight = lone.family === null ? s.level[given]! : s.level[family]!;
  if (straight !== MISSING && straight <= READING) return false;
  s.level[family] = MISSING;
  s.level[given] = MISSING;
  put(s, lone.family === null ? family : given, lone.family === null, level, word, cross);
  return false;
}

/** The guessed split is wrong, but the other side tells where to cut: 長谷川|誠 against 長谷|川誠. */
function resplit(a: PreparedName, b: PreparedName, s: Scratch, family: number, given: number): boolean {
  const [guess, sure] = a.guessed ? [a, b] : [b, a];
  const joined = guess.family!.key + guess.given!.key;
  if (joined.startsWith(sure.family!.key)) {
    const rest = joined.slice(sure.family!.key.length);
    if (rest === guess.given!.key || !withinOneEdit(rest, sure.given!.key)) return false;
    agree(s, family, EXACT, 'family', sure.family!.key);
    s.level[given] = rest === sure.given!.key ? EXACT : SIMILAR;
    return true;
  }
  return false;
}
