import { fold, isPlainAscii, stripAccents } from './fold.ts';
import { unitAt } from './units.ts';

/** ひらがな → カタカナ; everything else stays. */
export function katakana(text: string): string {
  return text.replace(/[ぁ-ゖゝゞ]/gu, (c) => String.fromCodePoint(c.codePointAt(0)! + 0x60));
}

/** The display form of a reading: full-width katakana, one space between its parts. */
export function kanaDisplay(text: string): string {
  return katakana(fold(text))
    .replace(/[・･,，、]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

const ROWS = `
ア a イ i ウ u エ e オ o カ ka キ ki ク ku ケ ke コ ko サ sa シ shi ス su セ se ソ so タ ta チ chi ツ tsu テ te ト to
ナ na ニ ni ヌ nu ネ ne ノ no ハ ha ヒ hi フ fu ヘ he ホ ho マ ma ミ mi ム mu メ me モ mo ヤ ya ユ yu ヨ yo
ラ ra リ ri ル ru レ re ロ ro ワ wa ヰ i ヱ e ヲ o ン n ガ ga ギ gi グ gu ゲ ge ゴ go ザ za ジ ji ズ zu ゼ ze ゾ zo
ダ da ヂ ji ヅ zu デ de ド do バ ba ビ bi ブ bu ベ be ボ bo パ pa ピ pi プ pu ペ pe ポ po ヴ bu
ァ a ィ i ゥ u ェ e ォ o ャ ya ュ yu ョ yo ヮ wa ッ * ー -`;
const SYLLABLE = new Map<string, string>();
{
  const cells = ROWS.trim().split(/\s+/u);
  for (let i = 0; i + 1 < cells.length; i += 2) SYLLABLE.set(cells[i]!, cells[i + 1]!);
}
const SMALL_Y = new Set(['ャ', 'ュ', 'ョ']);
const SMALL_VOWEL = new Set(['ァ', 'ィ', 'ゥ', 'ェ', 'ォ']);

/** Katakana → plain Hepburn with long vowels spelt as in kana (サトウ → satou). Other characters are kept. */
export function kanaToRomaji(kana: string): string {
  let out = '';
  for (const c of kana) {
    const s = SYLLABLE.get(c);
    if (s === undefined) out += c;
    else if (s === '*' || s === '-') continue;
    else if (SMALL_Y.has(c) && /i$/u.test(out))
      out = out.slice(0, -1) + (/(sh|ch|j)i$/u.test(out) ? s.slice(1) : s);
    else if (SMALL_VOWEL.has(c) && /[aiueo]$/u.test(out)) {
      out = out.slice(0, -1) + s;
    } else out += s;
  }
  return out;
}

/**
 * One key for every way of writing a Japanese reading: kana of any size and width, and romaji of any style
 * (Satō, Satou, Satoh, SATO; Sintaro, Shintaro). Long vowels, doubled consonants and the size of small kana are
 * given up, because writers do not agree on them. Not for display.
 */
export function readingKey(text: string): string {
  let s = fold(text);
  if (!isPlainAscii(s)) s = stripAccents(kanaToRomaji(katakana(s)));
  s = s.toLowerCase().replace(/[^a-z]/gu, '');
  // In this order, as each rule goes on with what the ones before have made. Looking for a rule's letters first is cheaper than the rule.
  if (s.includes('tch')) s = s.replace(/tch/gu, 'ch');
  if (s.includes('y'))
    s = s
      .replace(/sy(?=[auo])/gu, 'sh')
      .replace(/ty(?=[auo])/gu, 'ch')
      .replace(/[zjd]y(?=[auo])/gu, 'j');
  if (s.includes('si')) s = s.replace(/si/gu, 'shi');
  if (s.includes('ti')) s = s.replace(/ti/gu, 'chi');
  if (s.includes('tu')) s = s.replace(/tu/gu, 'tsu');
  if (s.includes('zi') || s.includes('di')) s = s.replace(/zi|di/gu, 'ji');
  if (s.includes('d')) s = s.replace(/du|dzu/gu, 'zu');
  if (s.includes('hu'))
    s = s.replace(/hu/gu, (m, at: number, all: string) => (/[sc]/u.test(all[at - 1] ?? '') ? m : 'fu'));
  if (s.includes('wo')) s = s.replace(/wo/gu, 'o');
  if (s.includes('v')) s = s.replace(/v/gu, 'b');
  if (s.includes('l')) s = s.replace(/l/gu, 'r');
  if (s.includes('iy'))
    s = s.replace(/(sh|ch|j)iy(?=[auo])/gu, '$1').replace(/([kgnhbpmr])iy(?=[auo])/gu, '$1y');
  if (s.includes('m')) s = s.replace(/m(?=[bpm])/gu, 'n');
  if (s.includes('oh')) s = s.replace(/oh(?![aiueo])/gu, 'o');
  if (s.includes('uh')) s = s.replace(/uh(?![aiueo])/gu, 'u');
  if (s.includes('ou') || s.includes('oo')) s = s.replace(/o[uo]+/gu, 'o');
  return undoubled(s);
}

/** aa → a, tt → t. Of o and u only uu: every other one beside them is gone before. */
function undoubled(s: string): string {
  for (let i = 1; i < s.length; i++)
    if (unitAt(s, i) === unitAt(s, i - 1))
      return s
        .replace(/u{2,}/gu, 'u')
        .replace(/([^aiueo])\1+/gu, '$1')
        .replace(/([aie])\1+/gu, '$1');
  return s;
}
