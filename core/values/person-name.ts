import { fold, foldKanji, type Script, scriptOf, stripAccents } from './fold.ts';
import { katakana, readingKey } from './kana.ts';
import { guessReadings } from './readings.ts';
import { NICKNAMES } from './tables/nicknames.ts';
import { SURNAME_CLASSES } from './tables/surnames.ts';

const HONORIFIC = /(?<=\S{2})\s*(様|さま|サマ|殿|さん|先生|氏|御中|ちゃん|くん)$/u;
const LATIN_TITLE =
  /^(mr|mrs|ms|miss|dr|prof|sir|madam)\.?\s+|,?\s+(jr|sr|ii|iii|iv|phd|md|esq|san|sama)\.?$/giu;
const BRACKETS = /[(（【［[](.*?)[)）】］\]]/gu;
const PLACEHOLDER =
  /^(ご?担当者?(様|さま|殿)?|不明|未(入力|定|登録|設定)|匿名|名無し?|なし|無し|テスト.*|てすと.*|test.*|dummy|ダミー|sample|サンプル|unknown|none|null|n\/?a|tbd|x+|-+|\.+|\?+|営業担当|[ぁあ]{2,}|[ァア]{2,})$/iu;
const ROLE =
  /^(ご?担当者?.*|.*(ご担当|担当者|御中|関係者各位|各位)|(総務|人事|経理|営業|購買|広報|採用|企画|開発|技術|情報システム|品質保証|管理|製造|海外事業|経営企画|マーケティング|第一営業|dx推進|代表|受付|事務局?|資材)(部|課|係|室|担当|グループ)?)$/iu;

/** What one name field says, for matching: never for display. */
export interface NamePart {
  /** Folded, variants and case evened out, no spaces, honorifics or brackets. */
  key: string;
  script: Script;
}

/** The matching key of a name: see the README of shared data for its canonical form. */
export function nameKey(text: string): string {
  let key = clean(text).replace(/[\s・]/gu, '');
  for (let before = ''; before !== key; ) {
    before = key;
    key = key.replace(HONORIFIC, '');
  }
  return key;
}

/** Folds and strips, keeping the spaces that part a name. Lower case, no accents. */
function clean(text: string): string {
  const bare = fold(text).replace(BRACKETS, ' ').trim();
  let s = foldKanji(bare).toLowerCase();
  for (let before = ''; before !== s; ) {
    before = s;
    s = s.replace(HONORIFIC, '').trim();
  }
  if (/[a-z]/u.test(s))
    s = stripAccents(s)
      .replace(LATIN_TITLE, '')
      .replace(/[.]/gu, ' ')
      .replace(/[’‘´`]/gu, "'");
  return s.replace(/^[\s,、-]+|[\s,、-]+$/gu, '');
}

/** Typed to fill the field, or the name of a function: no person's name. */
export function nameKind(text: string): 'person' | 'role' | 'placeholder' {
  const s = fold(text).replace(/\s/gu, '').toLowerCase();
  if (PLACEHOLDER.test(s)) return /担当/u.test(s) ? 'role' : 'placeholder';
  return ROLE.test(s) ? 'role' : 'person';
}

export function namePart(text: string): NamePart | null {
  const key = nameKey(text).replace(/[^\p{L}\p{M}\p{N}々〆ー']/gu, '');
  return key === '' ? null : { key, script: scriptOf(key) };
}

/** An earlier surname in brackets: 鈴木 花子（旧姓 佐藤）, Jane Doe (née Roe). */
export function maidenName(text: string): string | null {
  const match = /[(（]\s*(?:旧姓|née|nee|旧)[\s:：]*([^)）]+)[)）]/iu.exec(fold(text));
  return match === null ? null : nameKey(match[1]!);
}

const SURNAMES = new Set(SURNAME_CLASSES.flatMap((c) => c.names.split(' ')));

/** One field that holds a whole Japanese name without a space: 杉谷有美, 林亮; but 佐々木 is a surname. */
export function holdsWholeName(text: string): boolean {
  const key = nameKey(text);
  if (!/^[\p{Script=Han}々ぁ-ゖァ-ヺー]+$/u.test(key) || !/\p{Script=Han}/u.test(key) || SURNAMES.has(key))
    return false;
  const { length } = key;
  return (
    length > 3 ||
    (length === 3 && SURNAMES.has(key.slice(0, 2))) ||
    (length >= 2 && SURNAMES.has(key.slice(0, 1)))
  );
}

/** Where a Japanese name written without a space is most likely parted; undefined for one that cannot be. */
function splitJoined(name: string): [string, string] | undefined {
  const chars = [...name];
  if (chars.length < 2 || chars.length > 8) return undefined;
  for (const length of [3, 2, 1, 4]) {
    const head = chars.slice(0, length).join('');
    if (length < chars.length && SURNAMES.has(head)) return [head, chars.slice(length).join('')];
  }
  // Two and two is by far the commonest shape; of three, a given name of one character is rarer than a surname of two.
  const cut = chars.length <= 2 ? 1 : chars.length >= 6 ? 3 : 2;
  return [chars.slice(0, cut).join(''), chars.slice(cut).join('')];
}

export interface SplitName {
  family: string;
  given: string;
  /** The split is a guess: compare the whole too. */
  guessed: boolean;
}

/** Takes a full name apart: family first in Japanese script, 'Given Family' or 'Family, Given' or 'FAMILY Given' in Latin. */
export function splitFullName(text: string): SplitName | null {
  const raw = text.replace(BRACKETS, ' ').trim();
  // 鈴 木　太 郎: letter-spaced; the widest gap parts the name.
  const tokens = raw.split(/\s+/u);
  if (tokens.length > 2 && tokens.every((t) => [...t].length === 1 && scriptOf(fold(t)) !== 'latin')) {
    const gaps = raw.match(/\s+/gu)!;
    const width = (gap: string) => gap.length + (gap.includes('\u3000') ? 0.5 : 0);
    const widest = Math.max(...gaps.map(width));
    const at = gaps.findIndex((gap) => width(gap) === widest);
    const joined = nameKey(tokens.join(''));
    if (gaps.filter((gap) => width(gap) === widest).length === 1)
      return {
        family: nameKey(tokens.slice(0, at + 1).join('')),
        given: nameKey(tokens.slice(at + 1).join('')),
        guessed: false,
      };
    const split = splitJoined(joined);
    return split === undefined ? null : { family: split[0], given: split[1], guessed: true };
  }
  const cleaned = clean(raw);
  if (cleaned === '') return null;
  if (scriptOf(cleaned) === 'latin') return splitLatin(cleaned, fold(raw));
  const parts = cleaned.split(/[\s・,、]+/u).filter((p) => p !== '');
  if (parts.length === 0) return null;
  if (parts.length === 1) {
    const split = scriptOf(cleaned) === 'han' ? splitJoined(cleaned) : undefined;
    return split === undefined
      ? { family: cleaned, given: '', guessed: true }
      : { family: split[0], given: split[1], guessed: true };
  }
  return { family: parts[0]!, given: parts.slice(1).join(''), guessed: parts.length > 2 };
}

function splitLatin(cleaned: string, original: string): SplitName {
  const comma = cleaned.indexOf(',');
  if (comma > 0)
    return { family: cleaned.slice(0, comma).trim(), given: cleaned.slice(comma + 1).trim(), guessed: false };
  const parts = cleaned.split(/\s+/u);
  if (parts.length === 1) return { family: parts[0]!, given: '', guessed: true };
  const words = original
    .replace(/[^\p{L}\s'-]/gu, '')
    .split(/\s+/u)
    .filter((w) => w !== '');
  const upper = words.map((w) => w.length > 1 && w === w.toUpperCase());
  // 'SATO Taro' and 'Taro SATO': the capitals are the family name wherever they stand.
  if (words.length === parts.length && upper[0] && !upper.at(-1))
    return { family: parts[0]!, given: parts.slice(1).join(''), guessed: false };
  return { family: parts.at(-1)!, given: parts.slice(0, -1).join(''), guessed: true };
}

const NICKNAME_SETS = new Map<string, Set<number>>();
for (const [i, line] of NICKNAMES.trim().split('\n').entries())
  for (const name of line.split(' ')) {
    const sets = NICKNAME_SETS.get(name) ?? new Set<number>();
    sets.add(i);
    NICKNAME_SETS.set(name, sets);
  }

/** Bob and Robert. Both Latin keys. */
export function areNicknames(a: string, b: string): boolean {
  const left = NICKNAME_SETS.get(a);
  const right = NICKNAME_SETS.get(b);
  if (left === undefined || right === undefined) return false;
  for (const set of left) if (right.has(set)) return true;
  return false;
}

/** The readings of a name part: sure ones from kana and romaji, guesses from kanji. */
export function readingsOf(part: NamePart): string[] {
  if (part.script === 'han') return guessReadings(part.key);
  const key = readingKey(part.script === 'kana' ? katakana(part.key) : part.key);
  if (key === '') return [];
  // Kohichi: the h only makes the o long.
  return part.script === 'latin' && key.includes('ohi') ? [key, key.replace('ohi', 'oi')] : [key];
}

/** May these be one person's full name? Looser than a match: a candidate. Used by checks and tests. */
export function namesMayBeSame(left: string, right: string): boolean {
  const keys = (text: string) => {
    const split = splitFullName(text);
    if (split === null) return [];
    const of = (name: string) => {
      const part = namePart(name);
      return part === null ? [''] : [part.key, ...readingsOf(part)];
    };
    const out = new Set<string>();
    for (const f of of(split.family)) for (const g of of(split.given)) out.add([f, g].sort().join(' '));
    return [...out];
  };
  const right_ = new Set(keys(right));
  return keys(left).some((key) => right_.has(key));
}
