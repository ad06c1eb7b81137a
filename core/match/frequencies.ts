import type { Model } from './model.ts';
import type { Prepared, PreparedWord } from './prepared.ts';

/** Below this many records a list's own counts are mixed with what is known in general. */
const ENOUGH = 1000;
/** The commonest values of a kind that a model keeps: beyond them every value is as good as rare. */
const KEPT = 20_000;

/** Counts, for every kind of value that comparisons weigh by frequency, how many records bear each value. */
function count(records: readonly Prepared[]): Map<string, { bearers: number; counts: Map<string, number> }> {
  const kinds = new Map<string, { bearers: number; counts: Map<string, number> }>();
  const put = (kind: string, values: Iterable<string>) => {
    let entry = kinds.get(kind);
    if (entry === undefined) kinds.set(kind, (entry = { bearers: 0, counts: new Map() }));
    let any = false;
    for (const v of values) {
      any = true;
      entry.counts.set(v, (entry.counts.get(v) ?? 0) + 1);
    }
    if (any) entry.bearers++;
  };
  const word = (kind: string, w: PreparedWord | null) => {
    if (w === null) return;
    put(kind, [w.key]);
    // A guessed reading is counted once, by its likeliest form.
    if (w.readings.length > 0) put(`${kind}-reading`, [w.readings[0]!]);
  };
  for (const p of records) {
    word('family', p.name?.family ?? null);
    word('given', p.name?.given ?? null);
    if (p.org !== null) put('org', [p.org.key]);
    if (p.companyId !== null) put('companyId', [p.companyId]);
    put('domain', p.domains);
    put(
      'email',
      p.mails.map((m) => m.key),
    );
    put(
      'phone',
      p.phones.map((n) => n.number),
    );
    put(
      'code',
      p.codes.map((c) => `${c.department}${c.number}`),
    );
    put(
      'code-number',
      p.codes.map((c) => c.number),
    );
    if (p.birth !== null) put('birth', [p.birth]);
    if (p.place !== null && p.place.city !== '') put('city', [p.place.city]);
    if (p.place !== null && p.place.postal !== '') put('postal', [p.place.postal]);
    if (p.title !== null) put('title', [p.title]);
  }
  return kinds;
}

/** The model with the frequencies of these records, and a prior for a list of their number. */
export function calibrate(model: Model, records: readonly Prepared[]): Model {
  const general = Math.max(0, ENOUGH - records.length);
  const frequencies: Model['frequencies'] = {};
  for (const [kind, { bearers, counts }] of [...count(records)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = model.frequencies[kind];
    const total = bearers + general;
    const shares: Record<string, number> = {};
    const common = [...counts].filter(([, n]) => n > 1).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    for (const [value, n] of common.slice(0, KEPT))
      shares[value] = (n - 1 + general * (known?.shares[value] ?? known?.rare ?? 0.0005)) / total;
    frequencies[kind] = { rare: 1 / total, shares };
  }
  return { ...model, frequencies, prior: -Math.log2(Math.max(records.length, ENOUGH)) };
}
