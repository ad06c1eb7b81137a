import type { Change } from '../../connectors/contract.ts';
import type { Values } from '../model/value.ts';
import type { Member } from './ports.ts';

/** The tool's times are per field; the hub's are per attribute: the newest of the fields that carry it. */
export function timesOf(
  { mapping }: Member,
  change: Change & { op: 'upsert' },
): Record<string, string> | undefined {
  if (!change.fieldTimes) return undefined;
  const times: Record<string, string> = {};
  for (const { attribute, fields } of mapping.writeAttributes)
    for (const field of fields) {
      const at = change.fieldTimes[field];
      if (at !== undefined && (times[attribute] === undefined || at > times[attribute]!))
        times[attribute] = at;
    }
  return times;
}

/** What the tool puts into a record whose creator says nothing of an attribute, as far as it tells. */
export async function defaultsOf({ mapping, stream }: Member): Promise<Values> {
  const fields = stream.fields.flatMap(({ name, default: value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return fields.length === 0 ? {} : (await mapping.in(Object.fromEntries(fields))).values;
}

/** Attributes of the fields that people wrote last, where the tool told. */
export function theirsOf({ mapping }: Member, change: Change & { op: 'upsert' }): Set<string> | undefined {
  if (!change.theirs) return undefined;
  const theirs = new Set(change.theirs);
  const read = Object.entries(mapping.sources ?? {});
  return new Set(read.flatMap(([name, fields]) => (fields.some((field) => theirs.has(field)) ? [name] : [])));
}
