import { COUNTRY_NAMES } from '../pools/places.ts';
import type { Random } from '../random.ts';
import { fullWidth, kanjiNumber, withoutAccents } from '../text.ts';
import type { Address } from '../types.ts';
import type { Habits } from './name.ts';

export interface SpeltAddress {
  postalCode: string;
  region: string;
  city: string;
  street: string;
  country: string;
}

export const NO_ADDRESS: SpeltAddress = { postalCode: '', region: '', city: '', street: '', country: '' };

/** The address as somebody writes it; `latin` where the rest of the record is in Latin letters. */
export function spellAddress(
  rng: Random,
  address: Address,
  habits: Habits,
  latin: boolean,
  tags: string[],
): SpeltAddress {
  if (address.country === 'JP') return japanese(rng, address, habits, latin, tags);
  const { number, town } = address;
  const street =
    address.country === 'DE'
      ? `${town} ${number}`
      : address.country === 'FR'
        ? `${number}, ${town}`
        : `${number} ${town}`;
  const strip = habits.kind === 'ma' && rng.chance(0.3) ? withoutAccents : (text: string) => text;
  return {
    postalCode: address.postalCode,
    region: address.region,
    city: strip(address.city),
    street: habits.kind === 'ma' && rng.chance(0.2) ? shorten(street) : strip(street),
    country: COUNTRY_NAMES[address.country],
  };
}

const shorten = (street: string) =>
  street
    .replace(/Street$/, 'St')
    .replace(/Avenue$/, 'Ave')
    .replace(/Road$/, 'Rd')
    .replace('straße', 'str.');

function japanese(
  rng: Random,
  address: Address,
  habits: Habits,
  latin: boolean,
  tags: string[],
): SpeltAddress {
  const m = habits.messiness;
  const country = rng.pick(['日本', 'Japan']);
  let postalCode = address.postalCode;
  if (rng.chance(habits.kind === 'crm' ? 0.15 : 0.5)) {
    const bare = postalCode.replace('-', '');
    postalCode = rng.pick([bare, fullWidth(postalCode), fullWidth(bare), `〒${postalCode}`]);
    tags.push('postal-format');
  }
  if (latin && address.romaji && rng.chance(0.5)) {
    tags.push('address-romaji');
    const { town, city, prefecture } = address.romaji;
    return {
      postalCode: address.postalCode,
      region: prefecture,
      city,
      street: `${address.number} ${town}`,
      country: 'Japan',
    };
  }
  let town = address.town;
  if (town.includes('ヶ') && rng.chance(0.5)) {
    town = town.replace('ヶ', rng.pick(['ケ', 'が']));
    tags.push('ke-ga');
  }
  let street = town + spellNumber(rng, address.number, habits, tags);
  if (address.building) {
    if (rng.chance(0.2 * m)) tags.push('building-omitted');
    else
      street += `${rng.pick(['　', ' '])}${rng.chance(0.2) ? fullWidth(address.building) : address.building}`;
  }
  let region = address.region;
  if (rng.chance(0.15 * m)) {
    region = '';
    tags.push('pref-omitted');
  } else if (rng.chance(0.03 * m) && region !== '北海道') {
    region = region.replace(/[都府県]$/, '');
    tags.push('pref-short');
  }
  if (rng.chance(0.04 * m)) {
    tags.push('address-one-field');
    return { postalCode, region: '', city: '', street: `${region}${address.city}${street}`, country };
  }
  return { postalCode, region, city: address.city, street, country };
}

function spellNumber(rng: Random, number: string, habits: Habits, tags: string[]): string {
  const [chome, banchi, go] = number.split('-') as [string, string, string];
  if (rng.chance(habits.kind === 'crm' ? 0.4 : 0.25)) return number;
  tags.push('address-number');
  return rng.pick([
    `${chome}丁目${banchi}番${go}号`,
    `${kanjiNumber(Number(chome))}丁目${banchi}番${go}号`,
    `${chome}丁目${banchi}-${go}`,
    fullWidth(number),
    `${fullWidth(chome)}丁目${fullWidth(`${banchi}-${go}`)}`,
    number.replaceAll('-', 'ー'),
  ]);
}
