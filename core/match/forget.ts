import type { Model } from './model.ts';
import type { Prepared } from './prepared.ts';

/** Kinds whose values say who somebody is; those of the others are words that many share. */
const TELLING = new Set(['email', 'phone', 'code', 'code-number', 'birth', 'companyId']);

/**
 * The model without what its lists of frequent values hold of these records alone: every value that tells who they are, and of
 * names, places and titles those that hardly anybody else bears. A value that is not listed counts as rare. undefined: it holds none.
 */
export function forgetValues(model: Model, records: readonly Prepared[]): Model | undefined {
  const words = new Map<string, Set<string>>();
  const put = (kind: string, value: string | null | undefined) => {
    if (value) words.set(kind, (words.get(kind) ?? new Set()).add(value));
  };
  for (const p of records) {
    for (const part of ['family', 'given'] as const) {
      const word = p.name?.[part];
      put(part, word?.key);
      for (const reading of word?.readings ?? []) put(`${part}-reading`, reading);
    }
    put('org', p.org?.key);
    for (const word of p.org?.words ?? []) put('word', word);
    for (const { key } of p.mails) put('email', key);
    for (const { number } of p.phones) put('phone', number);
    for (const { department, number } of p.codes) {
      put('code', `${department}${number}`);
      put('code-number', number);
    }
    put('birth', p.birth);
    put('city', p.place?.city);
    put('postal', p.place?.postal);
    put('title', p.title);
    for (const domain of p.domains) put('domain', domain);
  }
  let found = false;
  const frequencies: Model['frequencies'] = {};
  for (const [kind, { rare, shares }] of Object.entries(model.frequencies)) {
    // So many bearers beside the first that a list of this length keeps the value for others' sake.
    const theirs = rare * records.length * 1.5;
    const forget = (value: string) =>
      words.get(kind)?.has(value) === true && (TELLING.has(kind) || shares[value]! <= theirs);
    const kept = Object.entries(shares).filter(([value]) => !forget(value));
    found ||= kept.length < Object.keys(shares).length;
    frequencies[kind] = { rare, shares: Object.fromEntries(kept) };
  }
  return found ? { ...model, frequencies } : undefined;
}
