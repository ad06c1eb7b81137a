import { keyText, parseKey } from '../../../../core/model/record.ts';
import type { Value } from '../../../../core/model/value.ts';
import { webhooksAside } from '../../../../core/store/aside.ts';
import type { Db } from '../../../../core/store/db.ts';
import {
  refusedValues,
  type StuckWrite,
  stuckWrites,
  unreadableValues,
} from '../../../../core/store/failures.ts';
import { frozenFields } from '../../../../core/store/flips.ts';
import type { Hub } from '../../../runtime/hub.ts';
import { ASIDE, type Cause, causeOf, flipping, UNREADABLE } from './causes.ts';

/** A webhook that cannot be stored may name very many records, or have endless names for them. */
const KEYS_SHOWN = 5;
const LONGEST_KEY = 200;

export interface FailureItem {
  /** '' for a record that is not matched yet. */
  golden: string;
  record: string;
  message: string;
  /** What was refused, or could not be read. */
  value?: Value;
  /** Of a field that flips: what the hub wrote, and what it became in the tool. */
  rounds?: { at: string; wrote: Value; became: Value }[];
}

export interface FailureGroup extends Cause {
  connection: string;
  object: string;
  /** '' where it is about the whole record. */
  field: string;
  count: number;
  items: FailureItem[];
}

/** Everything that was not delivered or not read, grouped by what mends it; the largest group first. */
export async function failureGroups(db: Db, hub: Pick<Hub, 'config' | 'engine'>): Promise<FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  const add = (
    place: { connection: string; object: string },
    field: string,
    cause: Cause,
    item: FailureItem,
  ) => {
    const id = JSON.stringify([cause.cause, cause.fix, place.connection, place.object, field]);
    const group = groups.get(id) ?? { ...cause, ...place, field, count: 0, items: [] };
    group.count++;
    group.items.push(item);
    groups.set(id, group);
  };
  const placeOf = (mapping: string) => {
    const spec = hub.config.mappings[mapping];
    return { connection: spec?.connection ?? mapping, object: spec?.object ?? '' };
  };
  for (const write of await stuckWrites(db)) {
    if (write.state === 'waiting' && !worthWaiting(hub, write)) continue;
    const place = placeOf(write.mapping);
    const field = write.error?.fields?.join(', ') ?? '';
    const message =
      write.error?.message ?? (write.state === 'waiting' ? 'the record it points to is not there yet' : '');
    const cause = causeOf({ ...kindOf(write), message, field, ...place });
    add(place, field, cause, {
      golden: write.golden,
      record: write.record,
      message: message || 'sent, and no answer came',
    });
  }
  for (const { golden, mapping, record, attribute, field, value, message } of await refusedValues(db)) {
    const place = placeOf(mapping);
    const name = field ?? attribute;
    add(place, name, causeOf({ message, field: name, ...place }), { golden, record, message, value });
  }
  for (const { record, golden, attribute, rounds } of await frozenFields(db)) {
    const { connection, object } = parseKey(record);
    const message = `overwritten ${rounds.length} times after the hub wrote it`;
    const shown = rounds.map(({ at, wrote, became }) => ({ at, wrote, became }));
    const item = { golden, record, message, value: rounds.at(-1)?.wrote ?? null, rounds: shown };
    add({ connection, object }, attribute, flipping(connection, attribute), item);
  }
  for (const { record, golden, attribute, field, found, message } of await unreadableValues(db)) {
    const { connection, object } = parseKey(record);
    const item = { golden: golden ?? '', record, message, value: found };
    add({ connection, object }, field ?? attribute, UNREADABLE, item);
  }
  for (const { connection, changes, reason } of await webhooksAside(db)) {
    const streams = [...new Set(changes.map(({ stream }) => stream))];
    for (const object of streams.length > 0 ? streams : [''])
      add({ connection, object }, '', ASIDE, {
        golden: '',
        record: changes
          .filter(({ stream }) => stream === object)
          .map(({ id }) => keyText({ connection, object, id }).slice(0, LONGEST_KEY))
          .slice(0, KEYS_SHOWN)
          .join(' '),
        message: reason,
      });
  }
  return [...groups.values()].sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
}

function kindOf({ state, error }: StuckWrite): { kind?: string } {
  if (state === 'unknown' || state === 'sending') return { kind: 'unknown' };
  if (state === 'waiting') return { kind: 'waiting' };
  return error ? { kind: error.kind } : {};
}

/** Only where the hub creates what is waited for; elsewhere the reference is left out for good, and nobody need act. */
function worthWaiting({ config, engine }: Pick<Hub, 'config' | 'engine'>, { mapping }: StuckWrite): boolean {
  const spec = config.mappings[mapping];
  const attributes = Object.values(config.entities[spec?.entity ?? '']?.attributes ?? {});
  return attributes.some(
    ({ type, entity }) => type === 'reference' && spec && engine.creates(spec.connection, entity ?? ''),
  );
}
