import { fold, foldKanji, isPlainAscii, kanjiNumber } from './fold.ts';
import { CITY_PREFECTURE, PREFECTURES, TRICKY_MUNICIPALITIES } from './tables/places.ts';
import { isDigit, isLetter, lengthOf, unitAt } from './units.ts';

/** A Japanese address in its parts; '' for what is not there. */
export interface Address {
  prefecture: string;
  city: string;
  town: string;
  /** 1-2-3: block, lot and house, in Arabic numerals. */
  number: string;
  building: string;
}

const KANJI_DIGITS = '〇一二三四五六七八九十百千';
const KANJI_NUMERAL = new RegExp(`([${KANJI_DIGITS}]+)(?=(?:丁目|番地|番|号|階))`, 'gu');
const PREFECTURE = new Set(PREFECTURES);
const SHORT_PREFECTURE = new RegExp(
  `^(${PREFECTURES.filter((p) => p !== '北海道')
    .map((p) => p.slice(0, -1))
    .join('|')})(?=[^市区町村都道府県]{1,6}[市郡区])`,
  'u',
);
const TRICKY = new RegExp(
  `^(?:[^0-9市区町村]{1,5}郡)?(${[...TRICKY_MUNICIPALITIES].sort((a, b) => b.length - a.length).join('|')})`,
  'u',
);
const TRICKY_BEGINS = new Set([...TRICKY_MUNICIPALITIES].map((name) => name.slice(0, 1)));
const CITY =
  /^(?:([^0-9]{1,5}?郡[^0-9]{1,6}?[町村])|([^0-9]{1,7}?市[^0-9市町村]{1,4}?区)|([^0-9]{1,7}?市)|([^0-9]{1,5}?区)|([^0-9]{1,6}?[町村]))/u;
const NUMBER_TAIL = /^([0-9]+(?:-[0-9]+)*)/u;

/** What numerals can have beside digits and single dashes; most have nothing of it. */
const COUNTER = /[丁番号階]/u;
const JOINT = /[のノ]|-[\s-]/u;

/** 丁目, 番地, 号 and の between numbers become dashes. Kanji numbers are read where such a word follows, not in names. */
function numerals(text: string): string {
  let s = text;
  if (COUNTER.test(s))
    s = s
      .replace(KANJI_NUMERAL, (m) => String(kanjiNumber(m) ?? m))
      .replace(/([0-9]+)丁目/gu, '$1-')
      .replace(/([0-9]+)(?:番地|番)の?/gu, '$1-')
      .replace(/(?<=[-0-9])([0-9]+)号(?!室)/gu, '$1')
      .replace(/([0-9])号(?!室)/gu, '$1');
  if (JOINT.test(s))
    s = s
      .replace(/(?<=[0-9])(?:の|ノ|-)+(?=[0-9])/gu, '-')
      .replace(/-\s+(?=[0-9])/gu, '-')
      .replace(/-{2,}/gu, '-');
  return s;
}

const PARTICLE = /[ヶケがノの之]/u;

/** ヶ, ケ, が between kanji are one sound; so are ノ and の. */
export function evenOutParticles(text: string): string {
  if (!PARTICLE.test(text)) return text;
  return text
    .replace(/(?<=[\p{Script=Han}々])[ヶケが](?=\p{Script=Han})/gu, 'ヶ')
    .replace(/(?<=[\p{Script=Han}々])[ノの之](?=[\p{Script=Han}0-9])/gu, 'の');
}

function building(text: string): string {
  if (text === '') return '';
  return text
    .replace(/^[\s\-、,]+/u, '')
    .replace(/([0-9]+)\s*(?:階|f)(?![a-z])/giu, '$1F')
    .replace(/([0-9]+)号?室/gu, '$1')
    .replace(/\s/gu, '');
}

/** Kyoto's way of naming a crossing (室町通六角下る) in front of the real town. */
const KYOTO_STREET =
  /^[^0-9]*(?:通|筋|路)[^0-9]*?(?:上る|下る|上ル|下ル|東入る?|西入る?|東入ル|西入ル|上がる|下がる)/u;

/** The prefecture that a text begins with: all of them have three characters or four. */
function prefectureOf(text: string): string {
  const three = text.slice(0, 3);
  if (PREFECTURE.has(three)) return three;
  const four = text.slice(0, 4);
  return PREFECTURE.has(four) ? four : '';
}

/** Does it begin as one of the tricky names does, or with a district? The rule for them is a long one. */
function mayBeTricky(text: string): boolean {
  if (TRICKY_BEGINS.has(text.slice(0, 1))) return true;
  // Behind at most five characters, of up to two units each.
  const district = text.indexOf('郡', 1);
  return district > 0 && district <= 10;
}

/** Takes a Japanese address apart. Text in another script comes back whole as `town`. */
export function japaneseAddress(text: string): Address {
  let s = evenOutParticles(foldKanji(fold(text)));
  if (/^[日〒0-9]/u.test(s)) s = s.replace(/^(?:日本国?\s*)?〒?\s*[0-9]{3}-?[0-9]{4}\s*/u, '');
  if (s.includes('竜ヶ崎市')) s = s.replace('竜ヶ崎市', '龍ヶ崎市');
  s = s.trim();
  let prefecture = prefectureOf(s);
  s = s.slice(prefecture.length).trim();
  if (prefecture === '') {
    const short = SHORT_PREFECTURE.exec(s)?.[1];
    // 東京 and 神奈川 without their ending; but 千葉市, 福岡市 begin a city's name.
    if (short !== undefined && !/^市/u.test(s.slice(short.length))) {
      prefecture = PREFECTURES.find((p) => p.startsWith(short) && p.length === short.length + 1) ?? '';
      s = s.slice(short.length).trim();
    }
  }
  let city = (mayBeTricky(s) ? TRICKY.exec(s)?.[0] : undefined) ?? CITY.exec(s)?.[0] ?? '';
  if (city.endsWith('市')) {
    const ward = /^[^0-9市区町村]{1,4}区/u.exec(s.slice(city.length));
    if (ward !== null) city += ward[0];
  }
  s = s.slice(city.length).trim();
  if (city.includes(' ')) city = city.replace(/\s/gu, '');
  if (prefecture === '' && city !== '') {
    const bare = city.replace(/(?<=市).+区$/u, '');
    const full = [...CITY_PREFECTURE.keys()].find((c) => c === bare || c.endsWith(`郡${bare}`));
    if (full !== undefined) {
      prefecture = CITY_PREFECTURE.get(full)!;
      if (full.includes('郡')) city = full;
    }
  }
  if (s.includes('字'))
    s = s.replace(/^(?:大字|字)/u, '').replace(/大字|(?<=\p{Script=Han})字(?=\p{Script=Han})/u, '');
  if (city.includes('京都市')) s = s.replace(KYOTO_STREET, '');
  s = numerals(s);
  const at = s.search(/[0-9]/u);
  if (at === -1) return { prefecture, city, town: s.replace(/\s/gu, ''), number: '', building: '' };
  const town = s.slice(0, at).replace(/[\s\-、,]/gu, '');
  const rest = s.slice(at);
  const number = NUMBER_TAIL.exec(rest)![1]!;
  return { prefecture, city, town, number, building: building(rest.slice(number.length)) };
}

/** 都道府県|市区町村|町名|番号|建物 */
export function addressText(text: string): string {
  const a = japaneseAddress(text);
  return [a.prefecture, a.city, a.town, a.number, a.building].join('|');
}

/** A map: looking a word up in an object would first make it a name of properties, which costs ten times as much. */
const WORDS = new Map(
  `street:st road:rd avenue:ave av:ave boulevard:blvd drive:dr lane:ln court:ct place:pl terrace:ter square:sq highway:hwy parkway:pkwy circuit:cct crescent:cres
close:cl north:n south:s east:e west:w northeast:ne northwest:nw southeast:se southwest:sw apartment:apt suite:ste floor:fl building:bldg saint:st mount:mt
first:1st second:2nd third:3rd fourth:4th fifth:5th`
    .trim()
    .split(/\s+/u)
    .map((pair) => pair.split(':') as [string, string]),
);

/** The words of a Western address, folded, abbreviated and in order; numbers are words too. */
export function addressWords(text: string): string[] {
  const low = fold(text).toLowerCase();
  const words = isPlainAscii(low) ? asciiWords(low) : (low.match(/[\p{L}\p{N}]+/gu) ?? []);
  for (let i = 0; i < words.length; i++) words[i] = WORDS.get(words[i]!) ?? words[i]!;
  return words;
}

const SPACE = 0x20;

function asciiWords(low: string): string[] {
  const length = lengthOf(low);
  const words: string[] = [];
  let from = -1;
  for (let at = 0; at <= length; at++) {
    const unit = at < length ? unitAt(low, at) : SPACE;
    if (isLetter(unit) || isDigit(unit)) from = from < 0 ? at : from;
    else if (from >= 0) {
      words.push(low.slice(from, at));
      from = -1;
    }
  }
  return words;
}
