import type { MatchInput } from '../../../core/match/types.ts';
import { type Chance, chance, slip } from './chance.ts';
import {
  AGENCIES,
  AGENCY_KINDS,
  MAIL_HOSTS,
  SITE_WORDS,
  STREET_KINDS,
  STREETS,
  WEST_CITIES,
  WEST_GIVEN,
  WEST_SURNAMES,
} from './tables.ts';

export interface List {
  inputs: MatchInput[];
  truth: Map<string, string>;
}

/** Collects records in an order that says nothing of whose they are. */
export function collector(c: Chance) {
  const rows: { values: MatchInput['values']; owner: string; source: string }[] = [];
  return {
    add: (owner: string, source: string, values: MatchInput['values']) =>
      rows.push({ owner, source, values }),
    list(): List {
      const order = rows.map((row) => ({ row, at: c.below(2 ** 30) })).sort((x, y) => x.at - y.at);
      const inputs = order.map(({ row }, i) => ({ id: `r${i}`, source: row.source, values: row.values }));
      return { inputs, truth: new Map(order.map(({ row }, i) => [`r${i}`, row.owner])) };
    },
  };
}

const day = (c: Chance) =>
  `${1940 + c.below(65)}-${String(1 + c.below(12)).padStart(2, '0')}-${String(1 + c.below(28)).padStart(2, '0')}`;

/** A day that was misread or mistyped. */
function otherDay(date: string, c: Chance): string {
  const [y, m, d] = date.split('-') as [string, string, string];
  if (c.of(0.4) && Number(d) <= 12) return `${y}-${d}-${m}`;
  if (c.of(0.5)) return `${y}-${m}-${String(1 + c.below(28)).padStart(2, '0')}`;
  return `${Number(y) + c.pick([-10, -1, 1, 10])}-${m}-${d}`;
}

/** A membership list: names, day of birth, city and mail, with what volunteers make of them. One to six records each. */
export function westernPeople(seed: number, people: number): List {
  const c = chance(seed);
  const { add, list } = collector(c);
  for (let i = 0; i < people; i++) {
    const [given, nick] = c.pick(WEST_GIVEN) as [string, string?];
    const family = c.pick(WEST_SURNAMES);
    const [born, city] = [day(c), c.pick(WEST_CITIES)];
    const mail = `${c.pick([given[0]!, given, nick ?? given])}${c.pick(['.', '', '_'])}${family}${c.below(90)}@${c.pick(MAIL_HOSTS)}`;
    for (let n = 1 + c.below(6); n > 0; n--) {
      let [first, last] = [nick !== undefined && c.of(0.2) ? nick : given, family];
      if (c.of(0.12)) first = slip(first, c);
      if (c.of(0.12)) last = slip(last, c);
      if (c.of(0.05)) [first, last] = [last, first];
      add(`p${i}`, 'list', {
        ...(c.of(0.93) ? { givenName: first } : {}),
        ...(c.of(0.93) ? { familyName: last } : {}),
        ...(c.of(0.95) ? { birthDate: c.of(0.15) ? otherDay(born, c) : born } : {}),
        ...(c.of(0.8) ? { city: c.of(0.1) ? slip(city, c) : city } : {}),
        ...(c.of(0.75) ? { email: c.of(0.12) ? slip(mail, c) : mail.toLowerCase() } : {}),
      });
    }
  }
  return list();
}

/**
 * Sites of agencies, as the lists of several authorities have them: a switchboard that all sites of an agency share, or a line of
 * its own; the agency's name before that of the site, or one of the two alone.
 */
export function westernSites(seed: number, agencies: number): List {
  const c = chance(seed);
  const { add, list } = collector(c);
  const number = () => `+44${c.pick(['20', '16', '13'])}${c.digits(8)}`;
  for (let i = 0; i < agencies; i++) {
    const agency = `${c.pick(AGENCIES)} ${c.pick(AGENCY_KINDS)}`;
    const switchboard = number();
    for (let site = c.pick([1, 1, 1, 2, 2, 3, 5]); site > 0; site--) {
      const name = `${c.pick(SITE_WORDS)} ${c.pick([c.pick(SITE_WORDS), 'House', 'Centre', ''])}`.trim();
      const [line, own] = [number(), c.of(0.7)];
      const [house, street, [kind, short]] = [1 + c.below(1999), c.pick(STREETS), c.pick(STREET_KINDS)];
      const zip = String(60600 + c.below(40));
      for (let n = 1 + c.below(5); n > 0; n--) {
        const called = c.pick([
          name,
          `${agency} - ${name}`,
          `${agency} ${name}`,
          `${agency} ${name}`.toUpperCase(),
        ]);
        const where = `${c.of(0.03) ? house + 10 : house} ${c.of(0.06) ? slip(street, c) : street} ${c.pick([kind, short, short, ''])}`;
        add(`s${i}-${site}`, `list ${1 + c.below(4)}`, {
          name: c.of(0.08) ? slip(called, c) : called,
          address: where.trim(),
          ...(c.of(0.65) ? { postalCode: zip } : {}),
          ...(c.of(0.93) ? { phone: own ? (c.of(0.06) ? number() : line) : switchboard } : {}),
        });
      }
    }
  }
  return list();
}
