import type { MatchInput } from '../../../core/match/types.ts';
import { type Chance, chance, slip, wide } from './chance.ts';
import { FIRM_HEADS, FIRM_TAILS, GIVEN, MAIL_HOSTS, SURNAMES, TOWNS, VARIANTS } from './tables.ts';
import { collector, type List } from './west.ts';

type Values = MatchInput['values'];

const KANJI_DIGITS = [...'〇一二三四五六七八九'];

interface Firm {
  id: string;
  /** kanji, kana, romaji */
  name: [string, string, string];
  form: string;
  domain: string;
  phone: string;
  number: string;
  address: Address;
}

interface Address {
  pref: string;
  city: string;
  town: string;
  postal: string;
  lot: [number, number, number];
  building: string;
}

function address(c: Chance): Address {
  const [pref, city, town, postal] = c.pick(TOWNS);
  const lot: [number, number, number] = [1 + c.below(5), 1 + c.below(30), 1 + c.below(20)];
  return {
    pref,
    city,
    town,
    postal,
    lot,
    building: c.of(0.3)
      ? `第${1 + c.below(9)}${c.pick(['山手', '中央', '青木'])}ビル${2 + c.below(8)}階`
      : '',
  };
}

/** 1-2-3, 一丁目2番3号, １－２－３ … */
function lot([chome, ban, go]: [number, number, number], c: Chance): string {
  return c.pick([
    `${chome}-${ban}-${go}`,
    `${KANJI_DIGITS[chome]}丁目${ban}-${go}`,
    `${chome}丁目${ban}番${go}号`,
    wide(`${chome}-${ban}-${go}`),
  ]);
}

const phone = (c: Chance) => `0${c.pick(['3', '6'])}-${c.digits(4)}-${c.digits(4)}`;
const mobile = (c: Chance) => `0${c.pick(['8', '9'])}0-${c.digits(4)}-${c.digits(4)}`;
const spell = (number: string, c: Chance) =>
  c.pick([number, number.replaceAll('-', ''), wide(number), `+81 ${number.slice(1).replaceAll('-', ' ')}`]);

/** A valid 法人番号: nine less the weighted sum of the digits, in front. */
function corporateNumber(c: Chance): string {
  const base = c.digits(12);
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += Number(base[11 - i]) * (i % 2 === 0 ? 1 : 2);
  return `${9 - (sum % 9)}${base}`;
}

function firms(c: Chance, count: number): Firm[] {
  const found: Firm[] = [];
  for (let i = 0; i < count; i++) {
    const [head, tail] = [c.pick(FIRM_HEADS), c.pick(FIRM_TAILS)];
    const place = c.of(0.3) ? c.pick(['東', '西', '新', '北']) : '';
    const kana = { 東: 'ヒガシ', 西: 'ニシ', 新: 'シン', 北: 'キタ', '': '' }[place]!;
    found.push({
      id: `f${i}`,
      name: [`${place}${head[0]}${tail[0]}`, `${kana}${head[1]}${tail[1]}`, `${head[2]} ${tail[2]}`],
      form: c.pick(['株式会社', '株式会社', '株式会社', '有限会社', '合同会社']),
      domain: `${head[2]}-${tail[2]}${i}.example`.toLowerCase(),
      phone: phone(c),
      number: corporateNumber(c),
      address: address(c),
    });
  }
  return found;
}

function firmName(firm: Firm, c: Chance): string {
  const [kanji, kana] = firm.name;
  const short = { 株式会社: ['㈱', '(株)'], 有限会社: ['㈲', '(有)'], 合同会社: ['(同)', '(同)'] }[
    firm.form
  ]!;
  if (c.of(0.04)) return `カ)${kana}`;
  if (c.of(0.03)) return kanji;
  const name = c.pick([
    `${firm.form}${kanji}`,
    `${firm.form} ${kanji}`,
    `${kanji}${c.pick(short)}`,
    `${c.pick(short)}${kanji}`,
  ]);
  return c.of(0.08) ? `${name} ${c.pick(['大阪支店', '営業部', '本社', '総務部'])}` : name;
}

function place(a: Address, c: Chance): Values {
  const street = `${a.town}${lot(a.lot, c)}`;
  if (c.of(0.35)) return { address: `${c.of(0.7) ? a.pref : ''}${a.city}${street}${a.building}` };
  return {
    ...(c.of(0.85)
      ? { postalCode: c.of(0.5) ? a.postal : `${a.postal.slice(0, 3)}-${a.postal.slice(3)}` }
      : {}),
    ...(c.of(0.8) ? { region: a.pref } : {}),
    city: a.city,
    street: `${street}${c.of(0.5) ? ` ${a.building}` : ''}`.trim(),
  };
}

/** Companies as sales, marketing and accounts enter them. */
export function japaneseCompanies(seed: number, count: number): List {
  const c = chance(seed);
  const { add, list } = collector(c);
  for (const firm of firms(c, count))
    for (let n = 1 + c.below(5); n > 0; n--)
      add(firm.id, c.pick(['crm', 'ma', 'accounts']), {
        name: firmName(firm, c),
        ...(c.of(0.3) ? { corporateNumber: c.of(0.5) ? firm.number : `T${firm.number}` } : {}),
        ...(c.of(0.5) ? { website: c.pick([`https://www.${firm.domain}/`, firm.domain]) } : {}),
        ...(c.of(0.5) ? { email: `${c.pick(['info', 'sales', 'tanaka', 'y.kato'])}@${firm.domain}` } : {}),
        ...(c.of(0.7) ? { phone: spell(c.of(0.1) ? phone(c) : firm.phone, c) } : {}),
        ...(c.of(0.75) ? place(firm.address, c) : {}),
      });
  return list();
}

const variant = (kanji: string, c: Chance) => {
  const known = VARIANTS.find(([plain]) => kanji.includes(plain));
  return known !== undefined && c.of(0.3) ? kanji.replace(known[0], known[1]) : kanji;
};

function personName(family: (typeof SURNAMES)[number], given: (typeof GIVEN)[number], c: Chance): Values {
  const [f, g] = [variant(family[0], c), given[0]];
  const kana: Values = c.of(0.4) ? { familyNameKana: family[1], givenNameKana: given[1] } : {};
  if (c.of(0.07)) return { familyName: family[1], givenName: given[1] };
  if (c.of(0.07)) return { familyName: family[2], givenName: given[2] };
  if (c.of(0.05)) return { familyName: g, givenName: f };
  if (c.of(0.2)) return { fullName: `${f}${c.pick([' ', '　', ''])}${g}${c.of(0.2) ? ' 様' : ''}`, ...kana };
  return { familyName: f, givenName: g, ...kana };
}

/** People at companies and at home, as a CRM, web forms and a pile of cards have them; colleagues share nearly everything. */
export function japanesePeople(seed: number, count: number): List {
  const c = chance(seed);
  const { add, list } = collector(c);
  const employers = firms(c, Math.ceil(count / 5));
  for (let i = 0; i < count; i++) {
    const [family, given] = [c.pick(SURNAMES), c.pick(GIVEN)];
    const firm = c.of(0.85) ? c.pick(employers) : undefined;
    const home = address(c);
    const own = mobile(c);
    const local = `${given[2][0]}${c.pick(['.', '-', ''])}${family[2]}`.toLowerCase();
    const work = firm === undefined ? undefined : `${local}${c.of(0.05) ? c.below(90) : ''}@${firm.domain}`;
    const free =
      `${family[2]}${c.pick(['', '.', '_'])}${given[2]}${c.below(2000)}@${c.pick(MAIL_HOSTS)}`.toLowerCase();
    for (let n = c.pick([1, 1, 2, 2, 3]); n > 0; n--) {
      const mail =
        c.of(0.12) && firm !== undefined ? `info@${firm.domain}` : c.of(0.8) ? (work ?? free) : free;
      add(`p${i}`, c.pick(['crm', 'forms', 'cards']), {
        ...personName(family, given, c),
        ...(c.of(0.8) ? { email: c.of(0.06) ? slip(mail, c) : c.of(0.1) ? wide(mail) : mail } : {}),
        ...(firm !== undefined && c.of(0.9) ? { companyName: firmName(firm, c) } : {}),
        ...(c.of(0.6) ? { phone: spell(firm?.phone ?? phone(c), c) } : {}),
        ...(c.of(0.45) ? { mobile: spell(own, c) } : {}),
        ...(c.of(0.6) ? place(firm?.address ?? home, c) : {}),
      });
    }
  }
  return list();
}
