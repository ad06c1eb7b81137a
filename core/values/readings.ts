import { readingKey } from './kana.ts';
import { KANJI_READINGS, NAME_READINGS } from './tables/kanji-readings.ts';

/** At most this many guesses for one name: the rest would only make strangers meet. */
const MAX_GUESSES = 8;
const VOICED: Record<string, string> = { k: 'g', s: 'z', t: 'd', h: 'b' };

function load(table: string): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const cell of table.trim().split(/\s+/u)) {
    const at = cell.indexOf(':');
    const kanji = cell.slice(0, at);
    const known = map.get(kanji) ?? [];
    for (const reading of cell.slice(at + 1).split(',')) if (!known.includes(reading)) known.push(reading);
    map.set(kanji, known);
  }
  return map;
}

function loadNames(table: string): Map<string, string[]> {
  const map = new Map<string, string[]>();
  const cells = table.trim().split(/\s+/u);
  for (let i = 0; i + 1 < cells.length; i += 2) map.set(cells[i]!, cells[i + 1]!.split(','));
  return map;
}

const KANJI = load(KANJI_READINGS);
const NAMES = loadNames(NAME_READINGS);

/** A reading inside a name may be voiced: yama + saki → yamazaki. */
function voiced(reading: string): string | undefined {
  if (reading.startsWith('chi')) return `ji${reading.slice(3)}`;
  if (reading.startsWith('shi')) return `ji${reading.slice(3)}`;
  if (reading.startsWith('tsu')) return `zu${reading.slice(3)}`;
  if (reading.startsWith('f')) return `b${reading.slice(1)}`;
  const v = VOICED[reading[0]!];
  return v === undefined ? undefined : v + reading.slice(1);
}

/**
 * The readings a name in kanji (and kana) may have, as reading keys, likeliest first: from the table of names, else
 * put together character by character. Empty when a character is not known.
 */
export function guessReadings(name: string): string[] {
  const known = NAMES.get(name);
  if (known !== undefined) return [...new Set(known.map(readingKey))];
  let heads = [''];
  let previous: string[] = [];
  let first = true;
  for (const c of name) {
    const kana = /[ぁ-ゖァ-ヺー]/u.test(c);
    const readings = c === '々' ? previous : kana ? [readingKey(c) || c] : KANJI.get(c);
    if (readings === undefined || readings.length === 0) return [];
    const options: string[] = [];
    for (const r of readings.slice(0, 4)) options.push(r);
    if (!first && !kana)
      for (const r of readings.slice(0, 2)) {
        const v = voiced(r);
        if (v !== undefined && !options.includes(v)) options.push(v);
      }
    if (kana && /[ャュョゃゅょ]/u.test(c)) heads = heads.map((h) => h.replace(/i$/u, ''));
    const next: string[] = [];
    for (const option of options) for (const head of heads) next.push(head + option);
    heads = next.slice(0, 24);
    previous = readings;
    first = false;
  }
  return [...new Set(heads.map(readingKey))].filter((r) => r !== '').slice(0, MAX_GUESSES);
}
