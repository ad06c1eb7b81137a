import type { Json } from '../connectors/contract.ts';
import { isEmpty } from '../core/model/value.ts';
import { checkCurrency } from './checkCurrency.ts';
import { dayOf, instantOf, parseWall } from './dates.ts';
import { isEmptyField, quote } from './fields.ts';
import type { Finding } from './finding.ts';
import { at, countOf, type Sampled, type Tally, tally, valueCounts } from './sampled.ts';

/** Of the values that a field shows: from this share on, unreadable ones are the mapping's fault and not a typist's. */
const MANY = 0.05;
const DAY_MS = 86_400_000;

/** What real records of a tool show of its own mapping: values that it cannot read, and values that it would change by itself. */
export async function checkRecords(sampled: Sampled): Promise<Finding[]> {
  if (sampled.records.length === 0) return [];
  return [...unread(sampled), ...(await unstable(sampled)), ...timesLost(sampled), ...checkCurrency(sampled)];
}

function unread(sampled: Sampled): Finding[] {
  const { records, spec } = sampled;
  const unknown = new Map<string, Tally>();
  const garbled = new Map<string, Tally>();
  for (const { id, problems } of records)
    for (const { attribute, found, message, misfit } of problems)
      if (misfit === 'not-in-values') {
        const { values } = tally(unknown, attribute, () => `${id}: ${found}`);
        values.set(found, (values.get(found) ?? 0) + 1);
      } else tally(garbled, attribute, () => `${id}: ${found} ${message}`);
  const shown = (attribute: string) => {
    const { field } = spec.fields[attribute]!;
    return field === undefined
      ? records.length
      : records.filter(({ fields }) => !isEmptyField(fields[field])).length;
  };
  return [
    ...[...unknown].map(([attribute, { count, values, example }]) =>
      at(sampled, attribute, {
        kind: 'option-unmapped',
        severity: 'warning',
        message: `values says nothing of ${valueCounts(values)}: ${attribute} of ${countOf(count, records.length, sampled)} is left out`,
        fix: 'add them, or "*" for every other value',
        count,
        of: records.length,
        example,
      }),
    ),
    ...[...garbled].map(([attribute, { count, example }]) => {
      const of = shown(attribute);
      return at(sampled, attribute, {
        kind: 'unreadable',
        severity: count >= of * MANY ? 'warning' : 'info',
        message: `${attribute} cannot be read from ${spec.fields[attribute]!.field ?? 'its expression'} in ${countOf(count, of, sampled)} that have one, and is left out there`,
        fix: 'add in with a transform that reads them, or correct them in the tool',
        count,
        of,
        example,
      });
    }),
  ];
}

/** Fields that writing a record back, with nothing else changed, would give another meaning: each sync would do so. */
async function unstable(sampled: Sampled): Promise<Finding[]> {
  const { mapping, records, spec, writes } = sampled;
  if (!writes) return [];
  const attributeOf = new Map(
    Object.entries(spec.fields).flatMap(([attribute, { field, direction }]) =>
      field !== undefined && direction === 'both' ? [[field, attribute] as const] : [],
    ),
  );
  const changed = new Map<string, Tally>();
  for (const { id, fields, values } of records) {
    const attributes = mapping.writeAttributes
      .map(({ attribute }) => attribute)
      .filter((name) => name in values);
    const back = await mapping.out(values, attributes, (_, key) =>
      decodeURIComponent(key.split('/')[2] ?? ''),
    );
    for (const [field, to] of Object.entries(back.fields)) {
      const attribute = attributeOf.get(field);
      const from: Json = fields[field] ?? null;
      // What is empty may be filled from elsewhere: that is what `default` and `firstOf` are for.
      if (attribute === undefined || isEmptyField(from) || mapping.sameField(field, from, to)) continue;
      tally(changed, attribute, () => `${id}: ${quote(from)} would become ${quote(to)}`);
    }
  }
  return [...changed].map(([attribute, { count, example }]) =>
    at(sampled, attribute, {
      kind: 'unstable',
      severity: 'warning',
      message: `in and out of ${attribute} do not undo each other: writing back what was read would change ${countOf(count, records.length, sampled)}`,
      fix: 'make out the inverse of in, or write direction: in',
      count,
      of: records.length,
      example,
    }),
  );
}

/** Times of day in a field that the hub keeps as days: a change from elsewhere sets them to midnight. */
function timesLost(sampled: Sampled): Finding[] {
  const { mapping, records, stream, spec, writes, timeZone } = sampled;
  return Object.entries(spec.fields).flatMap(([attribute, { field: name, direction }]) => {
    const field = stream.fields.find((one) => one.name === name);
    if (field?.type !== 'datetime' || mapping.entity.attributes[attribute]?.type !== 'date') return [];
    const timed = records.filter(
      ({ fields, values }) => !isEmpty(values[attribute] ?? null) && hasTime(fields[field.name], timeZone),
    );
    if (timed.length === 0) return [];
    const harmed = writes && field.writable && direction === 'both';
    return [
      at(sampled, attribute, {
        kind: 'lossy',
        severity: harmed ? 'warning' : 'info',
        message: `${attribute} is a date, and ${field.name} of ${countOf(timed.length, records.length, sampled)} has a time of day: ${harmed ? 'a change from elsewhere would set it to midnight' : 'it is not kept'}`,
        fix: 'make it an attribute of type datetime, or write direction: in',
        count: timed.length,
        of: records.length,
        example: `${timed[0]!.id}: ${quote(timed[0]!.fields[field.name])}`,
      }),
    ];
  });
}

/** Not midnight, neither here nor in UTC: tools keep days as one of the two. */
function hasTime(value: Json | undefined, timeZone: string): boolean {
  const time = typeof value === 'number' ? value : Date.parse(String(value));
  if (!Number.isFinite(time) || time % DAY_MS === 0) return false;
  const day = parseWall(dayOf(time, timeZone));
  return 'message' in day || instantOf(day, timeZone) !== time;
}
