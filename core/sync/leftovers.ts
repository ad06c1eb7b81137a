import type { Entity } from '../model/entity.ts';
import type { Provenance } from '../model/record.ts';
import { isEmpty, type Value } from '../model/value.ts';
import type { GoldenRow } from '../store/goldens.ts';
import type { StoredRecord } from './observe.ts';

/** A person's act that parts records, as provenance names it. */
export interface PartedBy {
  by: string;
  at: string;
}

/**
 * Values that no record's people speak for, and that must be settled all the same, because the hub itself put them into a tool:
 *   pin ended    a pinned value whose pin is over: cleared
 *   given back   came from a record that has been parted from these: cleared, so that each shows its own again
 *   kept         these are copies of the hub's making, with nothing else of their own: they stay what they show
 * Each holds until somebody says something of the attribute. Called after survivorship, with what it left open.
 */
export function leftovers(
  entity: Entity,
  before: Pick<GoldenRow, 'values' | 'provenance'> | undefined,
  spoken: Readonly<Record<string, Value>>,
  parted: { records: readonly StoredRecord[]; act: PartedBy } | undefined,
): Record<string, { value: Value; provenance: Provenance }> {
  const found: Record<string, { value: Value; provenance: Provenance }> = {};
  const put = (attribute: string, value: Value, rule: string, source: string, at: string) => {
    found[attribute] = { value, provenance: { source, at, rule, losers: [] } };
  };
  const copies = parted?.records.every(madeByHub) ?? false;
  for (const [attribute, { type }] of Object.entries(entity.attributes)) {
    if (attribute in spoken) continue;
    const was = before?.provenance[attribute];
    if (was && ['pin ended', 'given back', 'kept'].includes(was.rule))
      put(attribute, before!.values[attribute] ?? null, was.rule, was.source, was.at);
    else if (was?.rule === 'pin' && !isEmpty(before!.values[attribute]))
      put(attribute, null, 'pin ended', was.source, was.at);
    else {
      const shown = parted?.records.find(
        (record) => !record.deleted && attribute in record.written && !isEmpty(record.seen[attribute]),
      );
      if (!shown) continue;
      if (!copies) put(attribute, null, 'given back', parted!.act.by, parted!.act.at);
      // A reference stays as the tool has it: the copy says nothing of it.
      else if (type !== 'reference')
        put(attribute, shown.seen[attribute]!, 'kept', shown.key, parted!.act.at);
    }
  }
  return found;
}

/** A record the hub made says nothing of its own until somebody edits it. */
export const madeByHub = (record: Pick<StoredRecord, 'written' | 'opinions'>) =>
  Object.keys(record.written).length > 0 && Object.values(record.opinions).every((opinion) => opinion.edit);
