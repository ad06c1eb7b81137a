import { plainKana, slugOf } from './kana.ts';
import { corporateNumber, type Issuer, issuer, newPhone } from './numbers.ts';
import { japaneseAddress, westernAddress } from './places.ts';
import {
  BRANDS,
  BUSINESSES,
  INDUSTRIES,
  LEGAL_FORMS,
  WESTERN_BRANDS,
  WESTERN_BUSINESSES,
  WESTERN_FORMS,
  type Word,
} from './pools/company-words.ts';
import { SURNAMES } from './pools/japanese-names.ts';
import { WESTERN, type WesternCountry } from './pools/western-names.ts';
import { type Random, ranked } from './random.ts';
import { capital, withoutAccents } from './text.ts';
import type { Phone, TruthCompany } from './types.ts';

const WESTERN_COUNTRIES: readonly (readonly [number, WesternCountry])[] = [
  [60, 'US'],
  [20, 'GB'],
  [11, 'DE'],
  [9, 'FR'],
];
const surnameOf = ranked(SURNAMES, 20);
const AFFIXES: Word[] = [
  { text: '販売', kana: 'ハンバイ', english: 'Sales' },
  { text: 'サービス', kana: 'サービス', english: 'Service' },
  { text: '東日本', kana: 'ヒガシニホン', english: 'East' },
  { text: 'ホールディングス', kana: 'ホールディングス', english: 'Holdings' },
];

/** What the companies of one world must not share by chance. */
interface Registry {
  cores: Issuer;
  domains: Issuer;
  numbers: Issuer;
  codes: Issuer;
  phones: Issuer;
}

/**
 * Companies whose names, domains, numbers and codes differ. With messiness, some are subsidiaries with nearly
 * the parent's name (and perhaps its domain), and some bear another company's very name.
 */
export function makeCompanies(
  rng: Random,
  count: number,
  options: { japanese: number; messiness: number; phones: Issuer },
): TruthCompany[] {
  const registry: Registry = {
    cores: issuer(),
    domains: issuer(),
    numbers: issuer(),
    codes: issuer(),
    phones: options.phones,
  };
  const companies: TruthCompany[] = [];
  for (let i = 0; i < count; i++) {
    const own = rng.fork(i);
    const id = `C${String(i + 1).padStart(5, '0')}`;
    const older = companies.length > 0 ? own.pick(companies) : undefined;
    const fate = own.next();
    if (older?.japanese && !older.hardCase && fate < 0.07 * options.messiness)
      companies.push(
        fate < 0.04 * options.messiness
          ? subsidiary(own, id, older, registry)
          : { ...japaneseCompany(own, id, older, registry), hardCase: 'same-name' },
      );
    else if (own.chance(options.japanese))
      companies.push(japaneseCompany(own, id, japaneseCore(own, registry), registry));
    else companies.push(westernCompany(own, id, registry));
  }
  return companies;
}

type Core = Pick<TruthCompany, 'core' | 'coreKana' | 'english'>;

function japaneseCore(rng: Random, { cores }: Registry): Core {
  let core: Core = { core: '', coreKana: '', english: '' };
  cores.issue((attempt) => {
    const family = surnameOf(rng);
    const brand: Word = rng.chance(0.35)
      ? { text: family.kanji, kana: plainKana(family.reading), english: capital(slugOf(family.reading)) }
      : rng.pick(BRANDS);
    const parts = [brand, ...(attempt > 3 ? [rng.pick(BRANDS)] : []), rng.pick(BUSINESSES)];
    if (parts[1] === parts[0]) parts.splice(1, 1);
    core = {
      core: parts.map((part) => part.text).join(''),
      coreKana: parts.map((part) => part.kana).join(''),
      english: parts.map((part) => part.english).join(' '),
    };
    return core.coreKana;
  });
  return core;
}

function japaneseCompany(rng: Random, id: string, core: Core, registry: Registry): TruthCompany {
  const legal = rng.weighted(LEGAL_FORMS);
  const { address, areaCode } = japaneseAddress(rng, false);
  const front = legal.place === 'front' || rng.chance(0.6);
  return {
    id,
    japanese: true,
    name: front ? `${legal.full}${core.core}` : `${core.core}${legal.full}`,
    core: core.core,
    coreKana: core.coreKana,
    english: core.english,
    legal: legal.full,
    address,
    phone: phoneOf(rng, registry, 'JP', areaCode),
    ...identity(rng, core.english, registry),
  };
}

function subsidiary(rng: Random, id: string, parent: TruthCompany, registry: Registry): TruthCompany {
  const affix = rng.pick(AFFIXES);
  const company = japaneseCompany(
    rng,
    id,
    {
      core: parent.core + affix.text,
      coreKana: parent.coreKana + affix.kana,
      english: `${parent.english} ${affix.english}`,
    },
    registry,
  );
  return {
    ...company,
    parent: parent.id,
    hardCase: 'subsidiary',
    ...(rng.chance(0.5) ? { domain: parent.domain } : {}),
  };
}

function westernCompany(rng: Random, id: string, registry: Registry): TruthCompany {
  const country = rng.weighted(WESTERN_COUNTRIES);
  let core = '';
  registry.cores.issue((attempt) => {
    const brand = rng.chance(0.4) ? rng.pick(WESTERN[country].family) : rng.pick(WESTERN_BRANDS);
    core = [brand, ...(attempt > 3 ? [rng.pick(WESTERN_BRANDS)] : []), rng.pick(WESTERN_BUSINESSES)].join(
      ' ',
    );
    return withoutAccents(core).toLowerCase();
  });
  const legal = rng.pick(WESTERN_FORMS[country]);
  return {
    id,
    japanese: false,
    name: `${core}${legal.endsWith('.') ? ', ' : ' '}${legal}`,
    core,
    coreKana: '',
    english: core,
    legal,
    address: westernAddress(rng, country),
    phone: phoneOf(rng, registry, country),
    ...identity(rng, withoutAccents(core), registry),
  };
}

function phoneOf(rng: Random, registry: Registry, country: 'JP' | WesternCountry, areaCode?: string): Phone {
  // The ranges kept for fiction can run dry in huge worlds; American numbers last longest.
  const phone =
    newPhone(rng, registry.phones, country, 'land', areaCode) ??
    newPhone(rng, registry.phones, 'US', 'land') ??
    newPhone(rng, registry.phones, 'JP', 'land', '03');
  if (!phone) throw new Error('no telephone number left: ask for fewer companies');
  return phone;
}

function identity(rng: Random, english: string, { domains, numbers, codes }: Registry) {
  const slug = english.toLowerCase().replace(/[^a-z0-9]/g, '');
  // `.example` can never be registered (RFC 2606): nothing sent there reaches anybody.
  const domain = domains.issue((n) => `${slug}${n === 0 ? '' : n < 4 ? n + 1 : rng.digits(5)}.example`);
  const number = numbers.issue(() => corporateNumber(`${rng.pick(['01', '02', '03'])}0001${rng.digits(6)}`));
  const code = codes.issue(() => rng.digits(6));
  if (!domain || !number || !code) throw new Error('no identity left: ask for fewer companies');
  return {
    domain,
    corporateNumber: number,
    customerCode: `${rng.pick(['E', 'W', 'K'])}-${code}`,
    industry: rng.pick(INDUSTRIES),
    employees: 3 + rng.int(rng.chance(0.1) ? 5000 : 300),
  };
}
