import type { Field } from '../connectors/contract.ts';
import { isEmptyField } from './fields.ts';
import type { Finding } from './finding.ts';
import { at, countOf, nameOf, type Sampled, valueCounts } from './sampled.ts';

/** The field that says in which currency amounts are, where the mapping has amounts and leaves it out. */
export function unmappedCurrency({ spec, stream }: Pick<Sampled, 'spec' | 'stream'>): Field | undefined {
  const mapped = new Set(Object.values(spec.fields).map(({ field }) => field));
  const money = stream.fields.some((field) => field.money && mapped.has(field.name));
  return money ? stream.fields.find((field) => field.currency && !mapped.has(field.name)) : undefined;
}

/** Amounts of several currencies that would be taken for each other. */
export function checkCurrency(sampled: Sampled): Finding[] {
  const field = unmappedCurrency(sampled);
  if (!field) return [];
  const counts = currenciesOf(sampled, field);
  if (counts.size < 2) return [];
  const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
  return amounts(sampled).map((attribute) =>
    at(sampled, attribute, {
      kind: 'currency',
      severity: 'warning',
      message: `${attribute} of ${nameOf(sampled)} is in several currencies, ${valueCounts(counts)}, and no attribute keeps which`,
      fix: `map ${field.name}, to currency for example`,
      count,
      of: sampled.records.length,
    }),
  );
}

/** Two tools whose amounts are each in one currency, and not in the same. */
export function checkCurrencies(from: Sampled, to: Sampled): Finding[] {
  const [source, target] = [unmappedCurrency(from), unmappedCurrency(to)];
  if (!source || !target) return [];
  const [own, theirs] = [currenciesOf(from, source), currenciesOf(to, target)];
  const [mine] = own.keys();
  const [other] = theirs.keys();
  if (own.size !== 1 || theirs.size !== 1 || mine === other) return [];
  return amounts(to)
    .filter((attribute) => from.mapping.readAttributes.includes(attribute))
    .map((attribute) =>
      at(to, attribute, {
        kind: 'currency',
        severity: 'warning',
        message: `${attribute} is in ${other} in ${nameOf(to)}, and in ${mine} in ${countOf(own.get(mine!)!, from.records.length, from)}`,
        fix: `map ${source.name} and ${target.name}, to currency for example`,
      }),
    );
}

const amounts = ({ spec, stream }: Sampled): string[] =>
  Object.entries(spec.fields).flatMap(([attribute, { field }]) =>
    stream.fields.some((one) => one.money && one.name === field) ? [attribute] : [],
  );

function currenciesOf({ records }: Sampled, field: Field): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fields } of records) {
    const code = fields[field.name];
    if (!isEmptyField(code)) counts.set(String(code), (counts.get(String(code)) ?? 0) + 1);
  }
  return counts;
}
