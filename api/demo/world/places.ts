import {
  BUILDINGS,
  HOMES,
  JAPANESE_PLACES,
  type JapanesePlace,
  STREETS,
  WESTERN_PLACES,
} from './pools/places.ts';
import type { WesternCountry } from './pools/western-names.ts';
import { type Random, ranked } from './random.ts';
import type { Address } from './types.ts';

/** The capital's wards stand first, and draw most: as companies do. */
const placeOf = ranked(JAPANESE_PLACES, 6);

export function japaneseAddress(rng: Random, home: boolean): { address: Address; areaCode: string } {
  const place: JapanesePlace = placeOf(rng);
  const parts = [1 + rng.int(7), 1 + rng.int(38), 1 + rng.int(40)];
  const address: Address = {
    country: 'JP',
    postalCode: place.postalCode,
    region: place.prefecture,
    city: place.city,
    town: place.town,
    number: parts.join('-'),
    romaji: place.romaji,
  };
  if (rng.chance(home ? 0.5 : 0.6))
    address.building = home
      ? `${rng.pick(HOMES)}${1 + rng.int(9)}0${1 + rng.int(9)}`
      : `${rng.pick(BUILDINGS)}${1 + rng.int(20)}F`;
  return { address, areaCode: place.areaCode };
}

export function westernAddress(rng: Random, country?: WesternCountry): Address {
  const places = country ? WESTERN_PLACES.filter((place) => place.country === country) : WESTERN_PLACES;
  const place = rng.pick(places);
  return {
    country: place.country,
    postalCode: place.postalCode,
    region: place.state,
    city: place.city,
    town: rng.pick(STREETS[place.country]),
    number: String(1 + rng.int(990)),
  };
}
