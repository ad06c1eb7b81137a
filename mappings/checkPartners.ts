import { isEmpty, type Value } from '../core/model/value.ts';
import { quote } from './fields.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';
import { outgoing, ready } from './pipeline.ts';
import { at, nameOf, type Sampled, valueCounts } from './sampled.ts';

/**
 * Picklist values of one tool that have no partner in another: those of its list, whether or not a record has one yet, and
 * those that its records show. One finding an attribute, with the records of each value.
 */
export async function checkPartners(from: Sampled, to: Sampled): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [attribute, entry] of Object.entries(to.spec.fields)) {
    const field = to.stream.fields.find(({ name }) => name === entry.field);
    if (!field || entry.direction === 'in' || !field.writable) continue;
    if (!from.mapping.readAttributes.includes(attribute)) continue;
    if (
      to.mapping.entity.attributes[attribute]?.type === 'reference' ||
      ready(outgoing(entry)).reads.length > 0
    )
      continue;
    // Users are told by their e-mail: see checkOwners.
    if (field.owner) continue;
    if (entry.values === undefined && (field.options ?? []).length === 0) continue;
    const values = await valuesOf(from, attribute);
    const alone: [string, number][] = [];
    for (const [value, count] of values) {
      const { problems } = await to.mapping.out({ [attribute]: value }, [attribute], () => undefined);
      if (problems.some(({ misfit }) => misfit === 'not-an-option' || misfit === 'not-in-values'))
        alone.push([quote(value), count]);
    }
    if (alone.length === 0) continue;
    const count = alone.reduce((sum, [, each]) => sum + each, 0);
    findings.push(
      at(to, attribute, {
        kind: 'option-no-partner',
        severity: 'warning',
        message: `${field.name} has no partner for ${valueCounts(new Map(alone))} of ${attribute} in ${nameOf(from)}: ${count === 0 ? 'no record of the sample has one yet' : 'these are held back'}`,
        fix: `say in values which is which, as ${example(alone[0]![0], field.options ?? [])}, or add the option to ${field.name}`,
        count,
        of: from.records.length,
      }),
    );
  }
  return findings;
}

/** Canonical values that a tool can show of an attribute, with how many records of the sample do; of lists, each part. */
async function valuesOf(
  from: Sampled,
  attribute: string,
): Promise<Map<Exclude<Value, null | string[]>, number>> {
  const { mapping, spec, stream, records } = from;
  const counts = new Map<Exclude<Value, null | string[]>, number>();
  const add = (value: Value | undefined, count: number) => {
    for (const part of Array.isArray(value) ? value : [value])
      if (part !== undefined && part !== null && !isEmpty(part))
        counts.set(part, (counts.get(part) ?? 0) + count);
  };
  for (const { values } of records) add(values[attribute], 1);
  const entry = spec.fields[attribute]!;
  const field = stream.fields.find(({ name }) => name === entry.field);
  for (const { value } of field?.options ?? [])
    add((await mapping.in({ [field!.name]: value })).values[attribute], 0);
  return counts;
}

function example(value: string, options: readonly { value: string; label: string }[]): string {
  const near =
    options.find(({ label }) => label === value)?.value ??
    nearest(
      value,
      options.map((option) => option.value),
    ) ??
    options[0]?.value;
  return near === undefined ? `VALUE: ${value}` : `${near}: ${value}`;
}
