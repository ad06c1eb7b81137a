import { sameValue, type Value } from '../model/value.ts';
import type { FieldChange, Intent } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import type { ActRow, Decision } from '../store/decisions.ts';
import { displayName } from '../store/explain.ts';
import { recordsByKey, recordsOfGolden } from '../store/records.ts';
import { intentsOf } from './intents.ts';
import { madeByHub } from './leftovers.ts';
import type { StoredRecord } from './observe.ts';
import type { Engine, Sync } from './ports.ts';

/** A write that follows from a decision, and that the next sync makes. */
export interface ComingWrite {
  golden: string;
  connection: string;
  object: string;
  op: 'create' | 'update' | 'delete';
  /** The tool's id of the record; null for one to create. */
  id: string | null;
  changes: FieldChange[];
}

/** What a tool will go on showing, although the golden record says otherwise. */
export interface NotReturned {
  record: string;
  attribute: string | null;
  why: string;
}

export interface Outcome {
  /** What was decided; undefined where it had been decided already (`already`). */
  act: ActRow | undefined;
  already: Decision[];
  /** Earlier decisions that this one ended. */
  overruled: Decision[];
  /** Earlier decisions that are in force again, because what overruled them was undone. */
  revived: Decision[];
  /** Undone, and yet the records are one golden record: the links in force in it. */
  still: Decision[];
  /** The golden records that the records concerned belong to now. */
  golden: {
    id: string;
    entity: string;
    name: string;
    version: number;
    values: Record<string, Value>;
    records: string[];
  }[];
  writes: ComingWrite[];
  notReturned: NotReturned[];
}

/** Looks at the golden records of these records as they are now. Reads only. */
export async function outcomeOf(
  tx: Db,
  engine: Engine,
  sync: Sync,
  given: {
    keys: readonly string[];
    overruled: Decision[];
    act?: ActRow;
    already?: Decision[];
    revived?: Decision[];
    still?: Decision[];
  },
): Promise<Outcome> {
  const named = await recordsByKey(tx, given.keys);
  const ids = [...new Set([...named.values()].flatMap(({ goldenId }) => goldenId ?? []))].sort();
  const writers = sync.members.filter(({ writes }) => writes);
  const records = await recordsOfGolden(tx, ids);
  const { intents, goldens } = await intentsOf(tx, engine, sync, ids, writers);
  const place = new Map(sync.members.map(({ mapping }) => [mapping.name, mapping]));
  return {
    act: given.act,
    already: given.already ?? [],
    overruled: given.overruled,
    revived: given.revived ?? [],
    still: given.still ?? [],
    golden: [...goldens.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, entity, values, version }) => ({
        id,
        entity,
        name: displayName(values),
        version,
        values,
        records: records.filter(({ goldenId }) => goldenId === id).map(({ key }) => key),
      })),
    writes: intents
      .filter(({ fields, awaits }) => Object.keys(fields).length + awaits.length > 0)
      .map(({ goldenId, mapping, op, extId, changes }) => ({
        golden: goldenId,
        connection: place.get(mapping)!.connection,
        object: place.get(mapping)!.object,
        op,
        id: extId,
        changes,
      })),
    notReturned: [
      ...records.flatMap((record) =>
        notReturned(sync, record, goldens.get(record.goldenId!)!.values, intents),
      ),
      ...(given.act?.undoneAt && PARTING.includes(given.act.kind) ? copiesLeft(records) : []),
    ],
  };
}

/** What the hub once wrote into a record, is not its value any more, and cannot be taken back. */
function notReturned(
  sync: Sync,
  record: StoredRecord,
  values: Readonly<Record<string, Value>>,
  intents: readonly Intent[],
): NotReturned[] {
  if (record.mergedInto)
    return [
      {
        record: record.key,
        attribute: null,
        why: `was merged into ${record.mergedInto} in its own tool, which cannot undo that`,
      },
    ];
  const wrong = Object.keys(record.written).filter(
    (name) =>
      name in values &&
      sync.entity.attributes[name]?.type !== 'reference' &&
      !sameValue(record.seen[name], values[name]) &&
      !sameValue(record.written[name]!.sent, values[name]),
  );
  const own = intents.find(({ target }) => target === record.key);
  const member = sync.members.find(
    ({ mapping, writes }) =>
      writes && mapping.connection === record.connection && mapping.object === record.object,
  );
  const why = (attribute: string): string | undefined => {
    if (record.deleted) return 'the record is deleted in its tool, and is not made again';
    if (!member) return `its sync only reads ${record.connection} ${record.object}`;
    if (!member.mapping.writeAttributes.some((one) => one.attribute === attribute))
      return `${member.mapping.name} only reads it`;
    const problem = own?.problems.find((one) => one.attribute === attribute);
    if (problem) return problem.message;
    return own && attribute in own.sent ? undefined : 'the tool refused this value before';
  };
  return wrong.flatMap((attribute) => {
    const reason = why(attribute);
    return reason === undefined ? [] : [{ record: record.key, attribute, why: reason }];
  });
}

const PARTING: readonly ActRow['kind'][] = ['split', 'apart'];

/** What was two in the meantime may have a second record in a tool, of the hub's making: no undo deletes there. */
function copiesLeft(records: readonly StoredRecord[]): NotReturned[] {
  const live = records.filter(({ deleted }) => !deleted);
  return live.filter(madeByHub).flatMap(({ key, connection, object, goldenId }) => {
    const beside = live.find(
      (other) =>
        other.goldenId === goldenId &&
        other.connection === connection &&
        other.object === object &&
        other.key !== key &&
        (!madeByHub(other) || other.key < key),
    );
    if (!beside) return [];
    const why = `the hub made it, and it stays beside ${beside.key}: merge the two in ${connection}, or delete it there`;
    return [{ record: key, attribute: null, why }];
  });
}
