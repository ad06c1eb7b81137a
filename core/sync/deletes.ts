import type { Intent } from '../plan/plan.ts';
import type { Deletion } from '../store/deletions.ts';
import type { ShownRecord } from '../store/records.ts';
import type { Member, Sync } from './ports.ts';

/** Does a deletion elsewhere concern this member's records? */
export const propagates = ({ deletes, writes, stream }: Member): boolean =>
  (deletes ?? 'unlink') !== 'unlink' &&
  writes &&
  stream.write !== false &&
  stream.write.ops.includes('delete');

/** Is a deletion in this member's tool anything to the others? */
export const mayPropagate = (sync: Sync, member: Member): boolean =>
  sync.members.some((other) => other.mapping.connection !== member.mapping.connection && propagates(other));

/**
 * What becomes of a live record, given what people deleted of the same golden record. A tool in which another record of it lives has
 * only lost a duplicate, which says nothing of the others. Without asking, a record is never deleted that somebody changed after
 * the deletion, nor for a deletion that is but presumed, nor while another record lives in that tool `outside` of what the hub sees.
 */
export function fateOf(
  held: Pick<ShownRecord, 'connection' | 'at'>,
  own: readonly ShownRecord[],
  deletions: readonly Pick<Deletion, 'record' | 'connection' | 'at' | 'state'>[],
  member: Member,
  outside: (record: ShownRecord) => boolean,
): 'keep' | 'ask' | 'delete' {
  if (!propagates(member)) return 'keep';
  const wishes = deletions.filter(
    ({ connection }) =>
      connection !== held.connection &&
      !own.some((record) => record.connection === connection && !record.deleted && !record.mergedInto),
  );
  if (wishes.some(({ state }) => state === 'approved')) return 'delete';
  const unanswered = wishes.filter(({ state }) => state !== 'refused');
  if (unanswered.length === 0) return 'keep';
  const told = unanswered.some(
    ({ record, connection, state, at }) =>
      state === 'open' &&
      (held.at === null || held.at <= at) &&
      !own.some((one) => one.connection === connection && one.key !== record && outside(one)),
  );
  return member.deletes === 'archive' && told ? 'delete' : 'ask';
}

/** Did it leave what the mappings' filters let in, rather than its tool? */
export const isOutside = (sync: Sync, { connection, object, deleted, mergedInto, native }: ShownRecord) =>
  deleted &&
  mergedInto === null &&
  sync.members.some(
    ({ mapping }) =>
      mapping.connection === connection && mapping.object === object && mapping.admits?.(native) === false,
  );

export const deleteIntent = (
  goldenId: string,
  mapping: string,
  held: Pick<ShownRecord, 'key' | 'extId' | 'version'>,
): Intent => ({
  op: 'delete',
  goldenId,
  mapping,
  target: held.key,
  extId: held.extId,
  version: held.version,
  fields: {},
  changes: [],
  sent: {},
  echo: {},
  awaits: [],
  problems: [],
});
