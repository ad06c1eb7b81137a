import { keyText } from '../model/record.ts';
import { isEmpty } from '../model/value.ts';
import type { ReferenceRow } from '../store/records.ts';
import { referenceAttributes } from './inputs.ts';
import type { StoredRecord } from './observe.ts';
import type { Member, Sync } from './ports.ts';

/** A record of which nothing has been seen. */
export function blankRecord(sync: Sync, { mapping }: Member, extId: string): StoredRecord {
  const { connection, object } = mapping;
  return {
    key: keyText({ connection, object, id: extId }),
    connection,
    object,
    extId,
    entity: sync.entity.name,
    goldenId: null,
    opinions: {},
    seen: {},
    native: {},
    written: {},
    at: null,
    version: null,
    wroteAt: null,
    deleted: false,
    mergedInto: null,
    confirm: false,
  };
}

/**
 * May this change whom the record matches by more than its prepared form tells? A record that begins to speak, or to live again,
 * takes part in clustering from then on.
 */
export function matchesAnew(before: StoredRecord | undefined, after: StoredRecord): boolean {
  const speaks = ({ opinions }: StoredRecord) => Object.keys(opinions).length > 0;
  return (
    before === undefined ||
    speaks(before) !== speaks(after) ||
    before.deleted !== after.deleted ||
    before.mergedInto !== after.mergedInto
  );
}

/** Where the records point to, by attribute; null where they point nowhere. */
export function referencesOf(sync: Sync, records: readonly StoredRecord[]): ReferenceRow[] {
  const attributes = referenceAttributes(sync.entity);
  return records.flatMap((record) =>
    attributes.map((attribute) => {
      const target = record.opinions[attribute]?.value;
      return { record: record.key, attribute, target: isEmpty(target) ? null : String(target) };
    }),
  );
}
