/**
 * Katakana to Latin letters in the styles people use, and to the other kana. Readings mark with `/` where two
 * vowels meet without joining (イノ/ウエ), which no converter can know.
 */
export const ROMAJI_STYLES = ['hepburn', 'wapuro', 'oh', 'macron', 'kunrei'] as const;
export type RomajiStyle = (typeof ROMAJI_STYLES)[number];

const HEPBURN: Record<string, string> = {};
const KUNREI: Record<string, string> = {};

function row(kana: string, hepburn: string, kunrei = hepburn): void {
  const h = hepburn.split(' ');
  const k = kunrei.split(' ');
  kana.split(' ').forEach((mora, i) => {
    HEPBURN[mora] = h[i]!;
    KUNREI[mora] = k[i]!;
  });
}
row('ア イ ウ エ オ ン ヴ', 'a i u e o n vu');
row('カ キ ク ケ コ ガ ギ グ ゲ ゴ', 'ka ki ku ke ko ga gi gu ge go');
row('サ シ ス セ ソ ザ ジ ズ ゼ ゾ', 'sa shi su se so za ji zu ze zo', 'sa si su se so za zi zu ze zo');
row('タ チ ツ テ ト ダ ヂ ヅ デ ド', 'ta chi tsu te to da ji zu de do', 'ta ti tu te to da zi zu de do');
row('ナ ニ ヌ ネ ノ マ ミ ム メ モ', 'na ni nu ne no ma mi mu me mo');
row('ハ ヒ フ ヘ ホ バ ビ ブ ベ ボ', 'ha hi fu he ho ba bi bu be bo', 'ha hi hu he ho ba bi bu be bo');
row('パ ピ プ ペ ポ ラ リ ル レ ロ', 'pa pi pu pe po ra ri ru re ro');
row('ヤ ユ ヨ ワ ヲ', 'ya yu yo wa o');
row('キャ キュ キョ ギャ ギュ ギョ ニャ ニュ ニョ', 'kya kyu kyo gya gyu gyo nya nyu nyo');
row('ヒャ ヒュ ヒョ ビャ ビュ ビョ ピャ ピュ ピョ', 'hya hyu hyo bya byu byo pya pyu pyo');
row('ミャ ミュ ミョ リャ リュ リョ', 'mya myu myo rya ryu ryo');
row(
  'シャ シュ ショ ジャ ジュ ジョ チャ チュ チョ',
  'sha shu sho ja ju jo cha chu cho',
  'sya syu syo zya zyu zyo tya tyu tyo',
);
row('ヴィ ヴェ ファ フィ フェ フォ ティ ディ ジェ チェ シェ', 'vi ve fa fi fe fo ti di je che she');

const MACRON: Record<string, string> = { a: 'ā', i: 'ī', u: 'ū', e: 'ē', o: 'ō' };

/** Lower case. `reading` is katakana with `/` marks. */
export function romaji(reading: string, style: RomajiStyle): string {
  const table = style === 'kunrei' ? KUNREI : HEPBURN;
  let out = '';
  let double = false;
  let joined = false;
  for (let i = 0; i < reading.length; ) {
    const two = reading.slice(i, i + 2);
    const mora = table[two] !== undefined ? two : reading[i]!;
    i += mora.length;
    if (mora === '/') {
      joined = false;
      continue;
    }
    if (mora === 'ッ') {
      double = true;
      continue;
    }
    const vowel = out.at(-1) ?? '';
    const long =
      mora === 'ー' ||
      (joined && ((mora === 'ウ' && /[ou]/.test(vowel)) || (mora === 'オ' && vowel === 'o')));
    if (long) {
      if (style === 'wapuro') out += mora === 'オ' ? 'o' : mora === 'ウ' ? 'u' : '';
      else if (style === 'oh' && vowel === 'o') out += 'h';
      else if (style === 'macron') out = out.slice(0, -1) + (MACRON[vowel] ?? vowel);
      joined = false;
      continue;
    }
    let sound = table[mora];
    if (sound === undefined) throw new Error(`no romaji for ${mora} in ${reading}`);
    if (double) sound = (sound.startsWith('ch') ? 't' : sound[0]!) + sound;
    double = false;
    if (
      out.endsWith('n') &&
      /^[aiueoy]/.test(sound) &&
      style !== 'kunrei' &&
      isMoraicN(reading, i - mora.length)
    )
      out += style === 'wapuro' ? 'n' : "'";
    out += sound;
    joined = true;
  }
  return out;
}

const isMoraicN = (reading: string, at: number) => reading[at - 1] === 'ン';

/** A mail address's spelling: no apostrophes, no long vowels. */
export const slugOf = (reading: string): string => romaji(reading, 'hepburn').replaceAll("'", '');

export const plainKana = (reading: string): string => reading.replaceAll('/', '');

const shift = (text: string, from: RegExp, by: number) =>
  text.replace(from, (c) => String.fromCharCode(c.charCodeAt(0) + by));

export const hiragana = (katakana: string): string => shift(katakana, /[ァ-ヶ]/g, -0x60);

const HALF_FROM =
  'ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン';
const HALF = new Map([...HALF_FROM].map((c, i) => [c, String.fromCharCode(0xff66 + i)]));
HALF.set('　', ' ');

/** Half-width katakana; the sound marks become characters of their own. */
export function halfKana(katakana: string): string {
  let out = '';
  for (const c of katakana.normalize('NFD'))
    out += c === '\u3099' ? '\uff9e' : c === '\u309a' ? '\uff9f' : (HALF.get(c) ?? c);
  return out;
}

/** Small kana written large, as old systems did: シヨウコ. */
export const bigKana = (katakana: string): string =>
  katakana.replace(/[ャュョッ]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 1));
