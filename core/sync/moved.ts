import { createHash } from 'node:crypto';
import type { Json } from '../../connectors/contract.ts';
import { newName, type PlannedWrite } from './planned.ts';
import type { Sync } from './ports.ts';

/** JSON whose keys are in order: jsonb, and people's editors, do not keep theirs. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

export const sha = (text: string, length = 24) =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** Everything in a sync's config that decides what it writes, as one digest: another one, and a plan made before is of another sync. */
export const shapeOf = (sync: Sync): string =>
  sha(
    canonical({
      entity: sync.entity,
      edits: sync.edits,
      members: sync.members.map(({ mapping, reads, writes, creates, deletes, mergeInTool, idField }) => ({
        mapping: mapping.name,
        says: mapping.revision,
        ...{ reads, writes, creates, deletes, mergeInTool, idField },
      })),
    }),
  );

/** What a write of a plan is to another plan of the same syncs: which record, and what is done to it. */
export const placeOf = ({ mapping, op, id, into, goldenId, records }: PlannedWrite): string =>
  [op, mapping, id ?? newName(mapping, records[0] ?? goldenId), into ?? ''].join(' ');

/** One difference between a plan and what would be written now. */
export interface Moved {
  /** `new`: it was not planned. `gone`: it would not be made any more. `changed`: other fields or values. */
  kind: 'new' | 'gone' | 'changed';
  /** As it would be made now; of one that is gone, as it was planned. */
  write: PlannedWrite;
  /** Of one that changed: what is not as planned. */
  fields: string[];
}

type Values = Map<string, { from: Json; to: Json }>;

/** Writes to one record count as one: the last value of each field is what it comes to. */
function byPlace(writes: readonly PlannedWrite[]): Map<string, { write: PlannedWrite; values: Values }> {
  const found = new Map<string, { write: PlannedWrite; values: Values }>();
  for (const write of writes) {
    const place = placeOf(write);
    const one = found.get(place) ?? { write, values: new Map() };
    for (const { field, from, to } of write.changes)
      one.values.set(field, { from: one.values.get(field)?.from ?? from, to });
    found.set(place, one);
  }
  return found;
}

/** Where what would be written now is not what a plan listed; empty: it is exactly that. */
export function movedSince(planned: readonly PlannedWrite[], now: readonly PlannedWrite[]): Moved[] {
  const before = byPlace(planned);
  const moved: Moved[] = [];
  for (const [place, { write, values }] of byPlace(now)) {
    const was = before.get(place);
    before.delete(place);
    if (!was) moved.push({ kind: 'new', write, fields: [] });
    else {
      const fields = [...new Set([...values.keys(), ...was.values.keys()])].filter(
        (field) => canonical(values.get(field)) !== canonical(was.values.get(field)),
      );
      if (fields.length > 0) moved.push({ kind: 'changed', write, fields });
    }
  }
  return [...moved, ...[...before.values()].map(({ write }): Moved => ({ kind: 'gone', write, fields: [] }))];
}

/** Some tools' ids are addresses of people, and what this says may be logged. */
const plain = (name: string) => (/^(?:for )?[\w/:.-]+$/.test(name) ? name : 'of a record');

const NAMED = 5;
const SAYS = { new: 'was not in the plan', gone: 'is not needed any more', changed: 'would write otherwise' };

/** For people: how many there are of each kind, and the first few by name. No values. */
export function sayMoved(moved: readonly Moved[]): string {
  const counts = [...Map.groupBy(moved, ({ kind }) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
  const lines = moved.slice(0, NAMED).map(({ kind, write, fields }) => {
    const which = plain(write.id ?? `for ${write.records[0] ?? write.goldenId}`);
    const what = fields.length > 0 ? `: ${fields.join(', ')}` : '';
    return `  ${write.op} ${write.connection} ${write.object} ${which} ${SAYS[kind]}${what}`;
  });
  if (moved.length > NAMED) lines.push(`  and ${moved.length - NAMED} more`);
  return `the writes have moved on since the plan (${counts.join(', ')})\n${lines.join('\n')}`;
}
