import { PREFECTURES as NAMES } from '../core/values/tables/places.ts';
import { clean, foldWidth } from './text.ts';

const ROMAJI =
  `Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba Tokyo Kanagawa Niigata Toyama Ishikawa
Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga Kyoto Osaka Hyogo Nara Wakayama Tottori Shimane Okayama Hiroshima Yamaguchi
Tokushima Kagawa Ehime Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima Okinawa`.split(/\s+/);

export interface Prefecture {
  name: string;
  short: string;
  romaji: string;
  code: string;
  iso: string;
}

/** In the order of JIS X 0401, whose codes are their numbers. */
export const PREFECTURES: readonly Prefecture[] = NAMES.map((name, i) => {
  const code = String(i + 1).padStart(2, '0');
  // 北海道's ending is part of its name.
  const short = i === 0 ? name : name.slice(0, -1);
  return { name, short, romaji: ROMAJI[i]!, code, iso: `JP-${code}` };
});

/** Which prefecture a text names, as an index; undefined for none. */
export function readPrefecture(text: string): number | undefined {
  const word = clean(foldWidth(text));
  const latin = word
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s-]*(to|fu|ken|prefecture|pref\.?)$/, (ending) => (/^[\s-]|pref/.test(ending) ? '' : ending));
  const code = /^(?:jp-?)?(\d{1,2})$/.exec(latin)?.[1]?.padStart(2, '0');
  const found = PREFECTURES.findIndex(
    (one) =>
      one.name === word || one.short === word || one.romaji.toLowerCase() === latin || one.code === code,
  );
  return found < 0 ? undefined : found;
}
