import { slugOf } from './kana.ts';
import { type Issuer, issuer, newPhone } from './numbers.ts';
import { japaneseAddress, westernAddress } from './places.ts';
import { DEPARTMENTS, TITLES, WESTERN_DEPARTMENTS, WESTERN_TITLES } from './pools/company-words.ts';
import { GIVEN_FEMALE, GIVEN_MALE, SURNAMES } from './pools/japanese-names.ts';
import { WESTERN, type WesternCountry } from './pools/western-names.ts';
import { type Random, ranked } from './random.ts';
import { withoutAccents } from './text.ts';
import type { TruthCompany, TruthName, TruthPerson } from './types.ts';

const surnameOf = ranked(SURNAMES, 8);
const maleOf = ranked(GIVEN_MALE, 12);
const femaleOf = ranked(GIVEN_FEMALE, 12);
const western = Object.fromEntries(
  Object.entries(WESTERN).map(([country, pool]) => [
    country,
    { family: ranked(pool.family, 12), given: ranked(pool.given, 15) },
  ]),
) as Record<WesternCountry, { family: (rng: Random) => string; given: (rng: Random) => string }>;

const FREE_MAIL = ['mail.example', 'webmail.example', 'freemail.example', 'keitai.example', 'post.example'];

/** What two people of one world never share, unless a hard case wants it so. */
export interface Registry {
  emails: Issuer;
  phones: Issuer;
  /** Company and name as it sounds: nobody has a colleague whose name is read alike. */
  colleagues: Set<string>;
}

export const newRegistry = (phones: Issuer): Registry => ({
  emails: issuer(),
  phones,
  colleagues: new Set(),
});

export interface Draft {
  japanese: boolean;
  company?: TruthCompany | undefined;
  /** Given by a hard case; drawn otherwise. */
  name?: TruthName | undefined;
  /** A family name given by a hard case. */
  family?: { text: string; reading: string } | undefined;
}

/** A person with everything of their own. `tools` is filled in later. */
export function makePerson(rng: Random, id: string, draft: Draft, registry: Registry): TruthPerson {
  let company = draft.company;
  const country: WesternCountry =
    company && company.address.country !== 'JP'
      ? company.address.country
      : rng.pick(['US', 'US', 'GB', 'DE', 'FR']);
  let name = draft.name ?? drawName(rng, draft, country);
  if (!draft.name) {
    const key = () =>
      `${company?.id ?? ''}|${sound(name.family, name.familyReading)}|${sound(name.given, name.givenReading)}`;
    for (let attempt = 0; registry.colleagues.has(key()); attempt++) {
      if (attempt === 30) {
        company = undefined;
        break;
      }
      name = drawName(rng, draft, country);
    }
    registry.colleagues.add(key());
  }
  const home = draft.japanese
    ? japaneseAddress(rng, true)
    : { address: westernAddress(rng, country), areaCode: undefined };
  const areaCode = company?.japanese ? `0${company.phone.groups[0]}` : home.areaCode;
  const phoneCountry = draft.japanese ? 'JP' : country;
  const privateEmail = newEmail(rng, name, rng.pick(FREE_MAIL), registry, true);
  const phone = rng.chance(0.8) ? newPhone(rng, registry.phones, phoneCountry, 'land', areaCode) : undefined;
  const mobile =
    rng.chance(0.6) || !phone ? newPhone(rng, registry.phones, phoneCountry, 'mobile') : undefined;
  return {
    id,
    japanese: draft.japanese,
    name,
    email: company ? newEmail(rng, name, company.domain, registry, false) : privateEmail,
    privateEmail,
    ...(phone ? { phone } : {}),
    ...(mobile ? { mobile } : {}),
    companyId: company?.id ?? '',
    department: company ? rng.pick(draft.japanese ? DEPARTMENTS : WESTERN_DEPARTMENTS) : '',
    title: company ? rng.pick(draft.japanese ? TITLES : WESTERN_TITLES) : '',
    ...(company ? {} : { address: home.address }),
    lifecycle: rng.chance(0.35) ? 'customer' : 'lead',
    tools: [],
  };
}

function drawName(rng: Random, draft: Draft, country: WesternCountry): TruthName {
  if (!draft.japanese) {
    const pool = western[country];
    return {
      family: draft.family?.text ?? pool.family(rng),
      given: pool.given(rng),
      familyReading: '',
      givenReading: '',
    };
  }
  const surname = surnameOf(rng);
  const given = rng.chance(0.6) ? maleOf(rng) : femaleOf(rng);
  return {
    family: draft.family?.text ?? surname.kanji,
    familyReading: draft.family?.reading ?? surname.reading,
    given: given.kanji,
    givenReading: given.reading,
  };
}

/** How a name sounds, in Latin letters: 伊藤 and 伊東 are one. */
export const sound = (text: string, reading: string): string =>
  reading === ''
    ? withoutAccents(text)
        .toLowerCase()
        .replace(/[^a-z]/g, '')
    : slugOf(reading);

/** An address in the domain that nobody else has. */
export function newEmail(
  rng: Random,
  name: TruthName,
  domain: string,
  registry: Registry,
  free: boolean,
): string {
  const family = sound(name.family, name.familyReading);
  const given = sound(name.given, name.givenReading);
  const local = free
    ? rng.pick([`${family}.${given}`, `${given}_${family}`, `${given[0]}${family}`, `${family}${given}`])
    : rng.pick([
        family,
        `${given}.${family}`,
        `${family}.${given}`,
        `${given[0]}.${family}`,
        `${family}-${given[0]}`,
      ]);
  const email = registry.emails.issue((attempt) => {
    const tail = free
      ? rng.digits(attempt > 5 ? 5 : 3)
      : attempt === 0
        ? ''
        : rng.digits(attempt > 8 ? 5 : 2);
    return `${local}${tail}@${domain}`;
  });
  if (!email) throw new Error(`no address left in ${domain}: ask for fewer people`);
  return email;
}
