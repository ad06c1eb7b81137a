/** Ways in which the same text is typed differently. */

/** Full-width Latin letters, digits and signs. */
export const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).replaceAll(' ', '　');

export const withoutAccents = (text: string): string =>
  text
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');

/** ä → ae, as Germans do on foreign keyboards. */
export const umlautsSpelt = (text: string): string =>
  withoutAccents(text.normalize('NFC').replace(/[äöüÄÖÜ]/g, (c) => `${withoutAccents(c)}e`));

/** Old and variant kanji for the common ones; the first is the usual one. */
const VARIANTS: Record<string, string> = {
  高: '髙',
  崎: '﨑',
  辺: '邊邉',
  斎: '齋',
  斉: '齊',
  沢: '澤',
  広: '廣',
  浜: '濱濵',
  国: '國',
  恵: '惠',
  竜: '龍',
  横: '橫',
  黒: '黑',
};

/** The kanji that have old forms, for tests. */
export const VARIANT_PAIRS: readonly (readonly [string, string])[] = Object.entries(VARIANTS).flatMap(
  ([common, old]) => [...old].map((c) => [common, c] as const),
);

/** With its first variable kanji in an old form; `which` (0, 1, …) chooses among several. */
export function oldKanji(text: string, which: number): string {
  for (const c of text) {
    const old = VARIANTS[c];
    if (old) {
      const forms = [...old];
      return text.replace(c, forms[which % forms.length]!);
    }
  }
  return text;
}

const DIGITS = '〇一二三四五六七八九';
/** 27 → 二十七 (0 to 99). */
export function kanjiNumber(n: number): string {
  if (n < 10) return DIGITS[n]!;
  const tens = Math.floor(n / 10);
  return `${tens > 1 ? DIGITS[tens]! : ''}十${n % 10 > 0 ? DIGITS[n % 10]! : ''}`;
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const spacedLetters = (text: string): string => [...text].join(' ');
