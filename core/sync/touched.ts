import { type Change, eitherTouch, type Fields, type Touch } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { lookUp } from './lookup.ts';
import type { Member } from './ports.ts';

/** What the store knows of records, by source key, in the tool's own fields. */
export type Natives = (keys: readonly string[]) => Promise<ReadonlyMap<string, Fields>>;

/**
 * Thin events name a record without its values: the tool is asked for them. What it no longer knows is deleted, presumably, or
 * surely where the event said so. Where the tool says which fields changed, those that cost a call of their own are taken from
 * `natives` instead.
 */
export async function lookUpTouched(
  member: Member,
  changes: readonly Change[],
  signal: AbortSignal,
  now: Date,
  natives?: Natives,
): Promise<Change[]> {
  const touches = new Map<string, Touch>();
  for (const change of changes)
    if (change.op === 'touch') {
      const before = touches.get(change.id);
      touches.set(change.id, before ? eitherTouch(before, change) : change);
    }
  const full = changes.filter((change) => change.op !== 'touch');
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (touches.size === 0 || by === undefined) return full;
  const light = natives ? await lookUpLight(member, by, [...touches.values()], signal, natives) : [];
  const seen = new Set(light.map(({ id }) => id));
  const rest = [...touches.keys()].filter((id) => !seen.has(id));
  const found = [...light, ...(await lookUp(member, by, rest, signal))];
  const known = new Set(found.map((change) => change.id));
  const gone = [...touches.keys()].filter((id) => !known.has(id)).map((id) => notFound(member, id, now));
  const surely = (change: Change): Change => {
    if (change.op !== 'delete' || !change.presumed || !touches.get(change.id)?.deleted) return change;
    const { presumed: _, ...told } = change;
    return told;
  };
  return [...full, ...[...found, ...gone].map(surely)];
}

/** A look at a record by its id has found nothing. */
export const notFound = ({ mapping }: Member, id: string, asked: Date): Change => ({
  stream: mapping.object,
  id,
  at: asked.toISOString(),
  op: 'delete',
  presumed: true,
});

/** Those of the records that need no costly field. An answer about another record (a merge) is left for a whole look. */
async function lookUpLight(
  member: Member,
  by: string,
  touches: readonly Touch[],
  signal: AbortSignal,
  natives: Natives,
): Promise<Change[]> {
  const { mapping, stream } = member;
  const costly = stream.fields
    .filter(({ name, separate }) => separate && mapping.readFields.includes(name))
    .map(({ name }) => name);
  const asked = touches.filter(({ fields }) => fields && !fields.some((field) => costly.includes(field)));
  if (costly.length === 0 || asked.length === 0) return [];
  const keyOf = (id: string) => keyText({ connection: mapping.connection, object: mapping.object, id });
  const ids = asked.map(({ id }) => id);
  // Side by side: one that is not stored yet is rare, and looked at once more then.
  const [stored, found] = await Promise.all([
    natives(ids.map(keyOf)),
    lookUp(member, by, ids, signal, { skip: costly }),
  ]);
  return found.flatMap((change) => {
    const native = stored.get(keyOf(change.id));
    if (change.op !== 'upsert' || !native || !costly.every((field) => Object.hasOwn(native, field)))
      return [];
    const kept = Object.fromEntries(costly.map((field) => [field, native[field]!]));
    return [{ ...change, fields: { ...kept, ...change.fields } }];
  });
}
