import { fold, foldKanji } from './fold.ts';
import { katakana } from './kana.ts';
import { BANK_FORMS, BRANCH_ENDINGS, DEPARTMENT_ENDINGS, LEGAL_FORMS } from './tables/legal-forms.ts';
import { MAJOR_PLACES } from './tables/places.ts';

export interface CompanyName {
  /** Folded, lower case, without spaces, middle dots, legal form, branch and department. '' when nothing is left. */
  core: string;
  /** The legal form's canonical kanji, or ''. */
  form: string;
  /** Branch and department, as written. */
  branch: string;
  /** How the legal form was written: a name whose form is in kana or Latin letters is likely a rendering. */
  style: 'kanji' | 'kana' | 'latin' | '';
}

const escapeRe = (s: string) => s.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
const byLength = (a: string, b: string) => b.length - a.length;
function index(pick: (f: (typeof LEGAL_FORMS)[number]) => string[]): {
  map: Map<string, string>;
  pattern: string;
} {
  const map = new Map<string, string>();
  for (const f of LEGAL_FORMS) for (const s of pick(f)) map.set(s, f.form);
  return { map, pattern: [...map.keys()].sort(byLength).map(escapeRe).join('|') };
}
const KANJI = index((f) => f.kanji);
const SHORT = index((f) => f.short);
const KANA = index((f) => f.kana);
const LATIN = index((f) => f.latin);
const BANK = new Map(BANK_FORMS);
const BANK_PATTERN = BANK_FORMS.map(([kana]) => kana)
  .sort(byLength)
  .join('|');

const RE = {
  short: new RegExp(`^[(]\\s*(${SHORT.pattern})\\s*[)]|[(]\\s*(${SHORT.pattern})\\s*[)]$`, 'u'),
  kanji: new RegExp(`^(${KANJI.pattern})|(${KANJI.pattern})$`, 'u'),
  kana: new RegExp(`^(${KANA.pattern})|(${KANA.pattern})$`, 'u'),
  bank: new RegExp(`^[(]?(${BANK_PATTERN})[)]|[(](${BANK_PATTERN})[)]?$`, 'u'),
  honorific: /(御中|様|殿)$/u,
};
const DEPARTMENT = new RegExp(
  `(?:第?[一二三四五六七八九十0-9]+)?(?:営業|総務|人事|経理|財務|開発|技術|製造|購買|資材|品質保証|品質管理|企画|経営企画|商品企画|マーケティング|情報システム|海外事業|法務|広報|生産|生産管理|物流|調達|設計|研究|研究開発|事業|推進|dx推進|営業企画|管理|システム|カスタマーサポート|工務|業務|設備|電算|購入|営業推進)(?:本部|統括部|事業部|${DEPARTMENT_ENDINGS})(?:第?[一二三四五六七八九十0-9]+)?(?:[^ ]{0,6}(?:部|課|係|室))?$`,
  'u',
);
const BRANCH = new RegExp(
  `(?:${MAJOR_PLACES}|第[一二三四五六七八九十]|東日本|西日本)(?:第?[一二三四五0-9]+)?(?:${BRANCH_ENDINGS})$`,
  'u',
);
const SPACED_BRANCH = new RegExp(
  ` [^ ]{0,10}(?:${BRANCH_ENDINGS}|${DEPARTMENT_ENDINGS}|事業部|本部)(?: .*)?$`,
  'u',
);

/** Latin legal form at the end: 'co., ltd.', 'k.k.', 'inc'. Words are tried from the end, one, two, then three. */
function latinForm(text: string): { rest: string; form: string } | undefined {
  const words = text.split(/[ ,]+/u).filter((w) => w !== '');
  for (const count of [3, 2, 1]) {
    if (words.length <= count) continue;
    const tail = words.slice(-count).join('').replace(/[.,]/gu, '');
    const form = LATIN.map.get(tail);
    if (form !== undefined) return { rest: words.slice(0, -count).join(' '), form };
  }
  return undefined;
}

function strip(
  text: string,
  pattern: RegExp,
  map: ReadonlyMap<string, string>,
): [string, string] | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const rest = (text.slice(0, match.index) + text.slice(match.index + match[0].length)).trim();
  return rest === '' ? undefined : [rest, map.get(match[1] ?? match[2]!)!];
}

function takeForm(text: string): [string, string, 'kanji' | 'kana'] | undefined {
  const kanji = strip(text, RE.short, SHORT.map) ?? strip(text, RE.kanji, KANJI.map);
  if (kanji !== undefined) return [...kanji, 'kanji'];
  const kana = strip(text, RE.kana, KANA.map) ?? strip(text, RE.bank, BANK);
  return kana === undefined ? undefined : [...kana, 'kana'];
}

/** Takes a company's name apart. A legal form in the middle (日本株式会社研究所) is part of the name. */
export function companyName(text: string): CompanyName {
  let s = foldKanji(fold(text)).toLowerCase().replace(RE.honorific, '').trim();
  s = s.replace(/(?<=[ァ-ヺ])一(?=[ァ-ヺ])/gu, 'ー').replace(/杜\)/gu, '社)');
  let form = '';
  let branch = '';
  let style: CompanyName['style'] = '';
  for (let turn = 0; turn < 3; turn++) {
    const found = takeForm(s);
    if (found !== undefined) {
      [s, form, style] = [found[0], form || found[1], style || found[2]];
      continue;
    }
    const latin = form === '' ? latinForm(s) : undefined;
    if (latin !== undefined) {
      s = latin.rest;
      form = latin.form;
      style = 'latin';
    }
    const behind = SPACED_BRANCH.exec(s) ?? BRANCH.exec(s) ?? DEPARTMENT.exec(s);
    if (behind === null || behind.index === 0) break;
    branch = `${s.slice(behind.index).trim()}${branch === '' ? '' : ` ${branch}`}`;
    s = s.slice(0, behind.index).trim();
  }
  return { core: s.replace(/[\s・･.,'"’`´「」『』]/gu, ''), form, branch, style };
}

const LETTER_NAMES =
  `エイチ h エイ a エー a ビー b シー c ディー d デー d イー e エフ f ジー g アイ i ジェイ j ジェー j ケイ k ケー k エル l エム m エヌ n オー o ピー p キュー q
アール r エス s ティー t テー t ユー u ブイ v ダブリュー w ダブル w エックス x ワイ y ゼット z ズィー z アンド &`.split(
    /\s+/u,
  );
const LETTERS = LETTER_NAMES.flatMap((cell, i): [string, string][] =>
  i % 2 === 0 ? [[cell, LETTER_NAMES[i + 1]!]] : [],
).sort((a, b) => b[0].length - a[0].length);

/** エヌティーケイ → ntk; undefined when any part is no letter's name. At least two letters, or it is a word. */
function lettersOf(kana: string): string | undefined {
  let rest = kana;
  let out = '';
  while (rest !== '') {
    const hit = LETTERS.find(([name]) => rest.startsWith(name));
    if (hit === undefined) return undefined;
    out += hit[1];
    rest = rest.slice(hit[0].length);
  }
  return out.length >= 2 ? out : undefined;
}

/** Kana and kanji that look alike, in the middle of kana: ニ/二, ロ/口, カ/力, エ/工, ー/一, ト/卜, タ/夕, ハ/八. */
const LOOK_ALIKE: Record<string, string> = {
  ニ: '二',
  ロ: '口',
  カ: '力',
  エ: '工',
  ト: '卜',
  タ: '夕',
  ハ: '八',
  ミ: '三',
};

/** Small kana large, then ヴ by the vowel behind it: ヴィ, ヴイ and ビ are one. */
function evenKana(text: string): string {
  return katakana(text)
    .replace(/[ァィゥェォャュョッヮ]/gu, (c) => String.fromCodePoint(c.codePointAt(0)! + 1))
    .replace(/ヴア/gu, 'バ')
    .replace(/ヴイ/gu, 'ビ')
    .replace(/ヴエ/gu, 'ベ')
    .replace(/ヴオ/gu, 'ボ')
    .replace(/ヴ/gu, 'ブ');
}

/**
 * The key under which two spellings of one company's name meet: long-vowel marks, small kana, ヴ/ブ, letters spelt in
 * kana and look-alike characters are evened out. Coarser than `core`; never shown.
 */
export function companyKey(core: string): string {
  let s = evenKana(core);
  const run = /^[ァ-ヺー]{4,}/u.exec(core);
  if (run !== null) {
    // The longest head that reads as letters: エヌティーケイ電子 → ntk電子.
    for (let end = run[0].length; end >= 4; end--) {
      const letters = lettersOf(run[0].slice(0, end));
      if (letters !== undefined && (end === core.length || end === run[0].length)) {
        s = letters + evenKana(core.slice(end));
        break;
      }
    }
  }
  s = s.replace(/[ー-]/gu, '');
  let out = '';
  for (const c of s) out += LOOK_ALIKE[c] ?? c;
  return out.replace(/&|＆|and(?=[a-z])/gu, '&');
}

/** May these be one legal entity, going by the name alone? */
export function companiesMayBeSame(left: string, right: string): boolean {
  const a = companyName(left);
  const b = companyName(right);
  return a.core !== '' && (a.core === b.core || companyKey(a.core) === companyKey(b.core));
}
