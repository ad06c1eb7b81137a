import type { Base, Model } from './model.ts';
import type { Prepared, PreparedWord } from './prepared.ts';

/** Below this many records a list's own counts are mixed with what is known in general. */
export const ENOUGH = 1000;
/** The commonest values of a kind that a model keeps: beyond them every value is as good as rare. */
const KEPT = 20_000;

/** Kind → how many records bear a value of it, and each value's number of bearers. */
export type Counted = Map<string, { bearers: number; counts: Map<string, number> }>;

/** Every kind of value that comparisons weigh by frequency, with what this record bears of it. */
export function eachValue(
  base: Base,
  p: Prepared,
  put: (kind: string, values: readonly string[]) => void,
): void {
  const word = (kind: string, reading: string, w: PreparedWord | null) => {
    if (w === null) return;
    put(kind, [w.key]);
    // A guessed reading is counted once, by its likeliest form.
    if (w.readings.length > 0) put(reading, [w.readings[0]!]);
  };
  word('family', 'family-reading', p.name?.family ?? null);
  word('given', 'given-reading', p.name?.given ?? null);
  if (p.org !== null) put('org', [p.org.key]);
  if (p.org !== null && base === 'company') put('word', p.org.words);
  if (p.companyId !== null) put('companyId', [p.companyId]);
  put('domain', p.domains);
  put('email', textsOf(p.mails, mailKey));
  put('phone', textsOf(p.phones, numberOf));
  put('code', textsOf(p.codes, wholeCode));
  put('code-number', textsOf(p.codes, numberOf));
  if (p.birth !== null) put('birth', [p.birth]);
  if (p.place !== null && p.place.city !== '') put('city', [p.place.city]);
  if (p.place !== null && p.place.postal !== '') put('postal', [p.place.postal]);
  if (p.title !== null) put('title', [p.title]);
}

const NONE: readonly string[] = [];
const textsOf = <T>(items: readonly T[], text: (item: T) => string): readonly string[] =>
  items.length === 0 ? NONE : items.map(text);
const mailKey = ({ key }: { key: string }) => key;
const numberOf = ({ number }: { number: string }) => number;
const wholeCode = ({ department, number }: { department: string; number: string }) =>
  `${department}${number}`;

/** Counts, for every kind of value that comparisons weigh by frequency, how many records bear each value. */
export function countValues(base: Base, records: Iterable<Prepared>): Counted {
  const kinds: Counted = new Map();
  const put = (kind: string, values: readonly string[]) => {
    let entry = kinds.get(kind);
    if (entry === undefined) {
      entry = { bearers: 0, counts: new Map() };
      kinds.set(kind, entry);
    }
    for (const v of values) entry.counts.set(v, (entry.counts.get(v) ?? 0) + 1);
    if (values.length > 0) entry.bearers++;
  };
  for (const p of records) eachValue(base, p, put);
  return kinds;
}

/**
 * For companies, what a value is worth depends on how many companies share it, not on how many records one company
 * has: a name seen with a dozen domains is a common name, a domain seen with a dozen names is a group's. Identities
 * are told by what the records carry besides: numbers and domains for names, names for domains.
 */
function identities(records: Iterable<Prepared>): Counted {
  const names = new Map<string, { numbers: Set<string>; domains: Set<string> }>();
  const domains = new Map<string, Set<string>>();
  for (const p of records) {
    if (p.org !== null) {
      let seen = names.get(p.org.key);
      if (seen === undefined) {
        seen = { numbers: new Set(), domains: new Set() };
        names.set(p.org.key, seen);
      }
      for (const n of p.corporateNumbers) seen.numbers.add(n);
      for (const d of p.domains) seen.domains.add(d);
    }
    for (const d of p.domains) {
      const cores = domains.get(d) ?? new Set<string>();
      if (p.org !== null && !p.org.rendering) cores.add(p.org.key);
      domains.set(d, cores);
    }
  }
  const org = new Map<string, number>();
  for (const [key, { numbers, domains: d }] of names) org.set(key, Math.max(1, numbers.size, d.size));
  const domain = new Map<string, number>();
  for (const [d, cores] of domains) domain.set(d, Math.max(1, cores.size));
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((x, y) => x + y, 0);
  return new Map([
    ['org', { bearers: total(org), counts: org }],
    ['domain', { bearers: total(domain), counts: domain }],
  ]);
}

const isSpread = (base: Base, kind: string) => base === 'company' && (kind === 'org' || kind === 'domain');

/** The model with the frequencies of these records, and a prior for a list of their number. */
export function calibrate(model: Model, records: readonly Prepared[]): Model {
  return calibrated(model, records.length, countValues(model.base, records), records);
}

/**
 * The same from counts made before. Of a person's values those of one bearer count as rare and may be left out, and in lists of at
 * least `ENOUGH` records those of two. `records` is gone through for companies only.
 */
export function calibrated(model: Model, size: number, counts: Counted, records: Iterable<Prepared>): Model {
  // A value's other bearers, out of the others: a stranger's chance. Companies are counted themselves.
  const less = (kind: string, n: number) => (isSpread(model.base, kind) ? n : n - 1);
  const general = Math.max(0, ENOUGH - size);
  const frequencies: Model['frequencies'] = {};
  const counted = new Map(counts);
  if (model.base === 'company') for (const [kind, entry] of identities(records)) counted.set(kind, entry);
  for (const [kind, { bearers, counts }] of [...counted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = model.frequencies[kind];
    const total = bearers + general;
    const shares: Record<string, number> = {};
    // What a value of two bearers is worth is what a rare one is.
    const least = general === 0 && less(kind, 2) === 1 ? 3 : 2;
    const common = [...counts]
      .filter(([, n]) => n >= least)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    for (const [value, n] of common.slice(0, KEPT))
      shares[value] = (less(kind, n) + general * (known?.shares[value] ?? known?.rare ?? 0.0005)) / total;
    frequencies[kind] = { rare: 1 / total, shares };
  }
  const among = Math.max(size, ENOUGH);
  return { ...model, frequencies, among, prior: -Math.log2(among) };
}

/** Kind → value → probable matches among the pairs that agree on it. */
export type Agreed = Map<string, Map<string, number>>;

/**
 * The frequencies of a model without the part that duplicates have in them: a phone that three records of one company bear is no
 * stranger's, one that three companies bear is. `model` was calibrated on these records, which `counted` counts; `agreed` is what
 * training takes for matches.
 */
export function withoutMatches(model: Model, counted: Counted, agreed: Agreed): Model['frequencies'] {
  const frequencies: Model['frequencies'] = {};
  for (const [kind, { rare, shares }] of Object.entries(model.frequencies)) {
    const entry = counted.get(kind);
    const matches = agreed.get(kind);
    if (entry === undefined || matches === undefined) {
      frequencies[kind] = { rare, shares };
      continue;
    }
    const spread = isSpread(model.base, kind);
    const left: Record<string, number> = {};
    for (const [value, share] of Object.entries(shares)) {
      const n = entry.counts.get(value) ?? 1;
      // Of a bearer's fellows, how many are itself.
      const own = (2 * (matches.get(value) ?? 0)) / n;
      left[value] = Math.max(rare, spread ? (n - 1 - own) / entry.bearers : share - own * rare);
    }
    frequencies[kind] = { rare, shares: left };
  }
  return frequencies;
}
