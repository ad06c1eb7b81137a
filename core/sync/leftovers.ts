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
 * Each holds until somebody says something of the attribute. Called after survivorship, with what it left open. `before`: the
 * golden records that these records were part of until now, their own first. `members`: source keys.
 */
export function leftovers(
  entity: Entity,
  before: readonly Pick<GoldenRow, 'values' | 'provenance'>[],
  members: readonly string[],
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
    const said = before.flatMap(({ values, provenance }) => {
      const from = provenance[attribute];
      return from ? [{ ...from, value: values[attribute] ?? null }] : [];
    });
    const cleared = said.find(({ rule }) => ['pin', 'pin ended', 'given back'].includes(rule));
    const kept = said.find(({ rule, source }) => rule === 'kept' && members.includes(source));
    if (cleared)
      put(attribute, null, cleared.rule === 'pin' ? 'pin ended' : cleared.rule, cleared.source, cleared.at);
    else if (kept) put(attribute, kept.value, 'kept', kept.source, kept.at);
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
