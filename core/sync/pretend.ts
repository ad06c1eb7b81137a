/** How a plan answers its own writes, since no tool does. */
import type { Json, Outcome } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { type Deletion, deletionsOf } from '../store/deletions.ts';
import { nativesOf, shownIn } from '../store/records.ts';
import type { Sent } from './claim.ts';
import { newName, type PlannedWrite } from './planned.ts';
import type { Engine, Member, Sync } from './ports.ts';

/** By field and value, where the tool lets only one record have it: who shows it. */
export type Claims = Map<string, { key: string; extId: string }>;

/**
 * Every write is taken, but for a unique value that another record is known to have: the tool would refuse that one, and the write
 * would be made without it. What is taken is noted.
 */
export async function asIfSent(
  engine: Engine,
  sync: Sync,
  member: Member,
  sent: readonly Sent[],
): Promise<Outcome[]> {
  const unique = member.stream.fields
    .filter((field) => field.unique && field.name !== member.idField)
    .map(({ name }) => name);
  const claims = await claimsOf(engine, member, unique, sent);
  const gone = await deletionsOf(
    engine.db,
    sent.flatMap(({ row }) => (row.op === 'delete' ? [row.goldenId] : [])),
  );
  const shown = await nativesOf(
    engine.db,
    claims.size === 0 ? [] : sent.flatMap(({ row }) => (row.op === 'delete' ? [row.target] : [])),
  );
  const release = (key: string, field: string, value: Json | undefined) => {
    if (claims.get(place(field, value))?.key === key) claims.delete(place(field, value));
  };
  const outcomes: Outcome[] = [];
  for (const one of sent) {
    const { row, intent, payload } = one;
    const id =
      row.op === 'create' ? newName(member.mapping.name, payload.anchor ?? row.goldenId) : intent.extId!;
    const { connection, object } = member.mapping;
    const key = row.target || keyText({ connection, object, id });
    const given = unique.flatMap((field) => {
      const value = payload.fields[field];
      return value === undefined || value === null || value === ''
        ? []
        : [{ field, at: place(field, value) }];
    });
    const taken = given.find(({ at }) => claims.has(at) && claims.get(at)!.key !== key);
    if (taken) {
      const message = 'another record has this value';
      const { extId, key: holder } = claims.get(taken.at)!;
      const { attribute } = intent.changes.find(({ field }) => field === taken.field)!;
      engine.notes?.left.set(row.key, [
        ...(engine.notes.left.get(row.key) ?? []),
        { attribute, field: taken.field, holder },
      ]);
      const why = { kind: 'conflict' as const, message, fields: [taken.field], id: extId };
      outcomes.push({ key: row.key, status: 'failed', ...why });
      continue;
    }
    for (const { field, from } of intent.changes)
      if (unique.includes(field) && from !== null) release(key, field, from);
    // What is deleted leaves its values to whoever is written after it.
    if (row.op === 'delete') for (const field of unique) release(key, field, shown.get(key)?.[field]);
    for (const { at } of given) claims.set(at, { key, extId: id });
    const without = engine.notes?.left.get(row.key);
    engine.notes?.write({
      ...asPlanned(sync, member, one, gone.get(row.goldenId)),
      ...(without ? { without } : {}),
    });
    outcomes.push({ key: row.key, status: 'ok', id });
  }
  return outcomes;
}

const place = (field: string, value: Json = '') => `${field}\n${String(value).trim().toLowerCase()}`;

/** Read once a plan and stream, when the first unique value is to be written. */
async function claimsOf(
  { db, notes }: Engine,
  { mapping: { name, connection, object } }: Member,
  unique: readonly string[],
  sent: readonly Sent[],
): Promise<Claims> {
  const known = notes?.claims.get(name);
  if (known || !sent.some(({ payload }) => unique.some((field) => payload.fields[field])))
    return known ?? new Map();
  const claims: Claims = new Map();
  for (const { field, value, key, extId } of await shownIn(db, connection, object, unique))
    claims.set(place(field, value), { key, extId });
  notes?.claims.set(name, claims);
  return claims;
}

const why = (op: 'create' | 'update' | 'delete', deletions: readonly Deletion[] = []): string =>
  op === 'create'
    ? 'it has no record there'
    : op === 'update'
      ? 'it shows other values'
      : deletions
          .map(
            ({ record, at, by }) =>
              `${record} was deleted at ${at}${by === null ? '' : `, ${by} approved it`}`,
          )
          .join('; ');

function asPlanned(
  sync: Sync,
  member: Member,
  { row, intent, payload, records }: Sent,
  deletions: readonly Deletion[] | undefined,
): PlannedWrite {
  const { connection, object, name } = member.mapping;
  const id = member.idField;
  const own =
    id !== undefined && id in payload.fields && !(id in intent.fields)
      ? [{ attribute: 'id', field: id, from: null, to: row.goldenId, why: 'the id of the golden record' }]
      : [];
  return {
    sync: sync.name,
    connection,
    object,
    mapping: name,
    op: row.op,
    goldenId: row.goldenId,
    id: intent.extId,
    records,
    why: why(row.op, deletions),
    changes: [...intent.changes, ...own],
  };
}
