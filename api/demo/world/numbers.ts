import { GB_FICTION, US_AREA_CODES } from './pools/places.ts';
import type { Random } from './random.ts';
import type { Address, Phone } from './types.ts';

/** Hands out values once: two owners never get the same by chance. */
export interface Issuer {
  /** The first of `make`'s suggestions that nobody has; undefined when twenty were taken. */
  issue(make: (attempt: number) => string): string | undefined;
  taken(value: string): boolean;
}

export function issuer(): Issuer {
  const seen = new Set<string>();
  return {
    issue: (make) => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const value = make(attempt);
        if (seen.has(value)) continue;
        seen.add(value);
        return value;
      }
      return undefined;
    },
    taken: (value) => seen.has(value),
  };
}

/** The digits that make two numbers one. */
export const phoneDigits = (phone: Phone): string => phone.country + phone.groups.join('');

/**
 * A number nobody else in the world has. American, British, French and German ones come from the ranges kept
 * for fiction, which run dry in worlds of tens of thousands (then undefined); Japan has no such range, so those
 * are invented and must never be called.
 */
export function newPhone(
  rng: Random,
  issued: Issuer,
  country: Address['country'],
  kind: 'land' | 'mobile',
  areaCode?: string,
): Phone | undefined {
  let phone: Phone | undefined;
  const found = issued.issue(() => {
    phone = suggest(rng, country, kind, areaCode);
    return phoneDigits(phone);
  });
  return found === undefined ? undefined : phone;
}

function suggest(
  rng: Random,
  country: Address['country'],
  kind: 'land' | 'mobile',
  areaCode?: string,
): Phone {
  if (country === 'JP') {
    if (kind === 'mobile')
      return {
        country: '81',
        trunk: '0',
        groups: [`${rng.pick(['9', '8', '7'])}0`, four(rng), rng.digits(4)],
      };
    const area = (areaCode ?? '03').slice(1);
    const exchange = String(2 + rng.int(8)) + rng.digits(4 - area.length);
    return { country: '81', trunk: '0', groups: [area, exchange, rng.digits(4)] };
  }
  if (country === 'US')
    return { country: '1', trunk: '', groups: [rng.pick(US_AREA_CODES), '555', `01${rng.digits(2)}`] };
  if (country === 'GB') {
    const head = rng.pick(GB_FICTION[kind]);
    return {
      country: '44',
      trunk: '0',
      groups: [head.slice(0, 4), head.slice(4), rng.digits(3)].filter(Boolean),
    };
  }
  if (country === 'FR')
    return { country: '33', trunk: '0', groups: ['1', '99', '00', rng.digits(2), rng.digits(2)] };
  return { country: '49', trunk: '0', groups: ['30', '23125', rng.digits(3)] };
}

const four = (rng: Random): string => String(1 + rng.int(9)) + rng.digits(3);

/** 13 digits: the check digit (9 − Σ PnQn mod 9, National Tax Agency) in front of the 12 of the register. */
export function corporateNumber(twelve: string): string {
  let sum = 0;
  for (let n = 1; n <= 12; n++) sum += Number(twelve[12 - n]) * (n % 2 === 1 ? 1 : 2);
  return String(9 - (sum % 9)) + twelve;
}
