import { ConnectorError } from '../../connectors/contract.ts';
import { keyText } from '../model/record.ts';
import { bond } from '../store/matching.ts';
import { hasten, holdPending, type OutboxRow } from '../store/outbox.ts';
import { markDirty, recordsByKey } from '../store/records.ts';
import { type Refusal, saveRefusals } from '../store/refusals.ts';
import type { Sent } from './claim.ts';
import { commitChanges } from './commit.ts';
import { fillOutbox, LANE } from './intents.ts';
import { lookUp } from './lookup.ts';
import type { Engine, Member, Sync } from './ports.ts';

/** A create was refused because the tool has the record already, and says which. */
export interface Conflict {
  item: Sent;
  id: string;
  message: string;
  fields: string[] | undefined;
}

/** What a look at the record does not settle so many times is settled by nobody but a person. */
const MOST_LOOKS = 3;

/**
 * A record that exists already becomes a link: it is read, and bound to the golden record that wanted it. Where it
 * belongs to another golden record (two people, one mailbox), the unique value stays with its owner: it counts as refused,
 * and the rest is created without it. One that the hub does not see is for a person. Returns how many values were refused.
 */
export async function linkExisting(
  engine: Engine,
  sync: Sync,
  member: Member,
  conflicts: readonly Conflict[],
): Promise<number> {
  if (conflicts.length === 0) return 0;
  const signal = AbortSignal.timeout(60_000);
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  if (by === undefined) return 0;
  const asked = engine.now().toISOString();
  let found: Awaited<ReturnType<typeof lookUp>>;
  try {
    found = await lookUp(member, by, [...new Set(conflicts.map(({ id }) => id))], signal);
  } catch (error) {
    // The rows stay pending with a wait: the next try meets the same answer, and looks again.
    if (error instanceof ConnectorError) return 0;
    throw error;
  }
  return engine.db.transaction(async (tx) => {
    const now = engine.now().toISOString();
    await commitChanges(tx, engine, sync, member, found, { readBack: false, asked });
    const key = (id: string) =>
      keyText({ connection: member.mapping.connection, object: member.mapping.object, id });
    const stored = await recordsByKey(
      tx,
      conflicts.map(({ id }) => key(id)),
    );
    const bonds: [string, string][] = [];
    const refusals: Refusal[] = [];
    const settled: string[] = [];
    const held: OutboxRow[] = [];
    const outside = new Set(
      found.flatMap((change) =>
        change.op === 'upsert' && member.mapping.admits?.(change.fields) === false ? [change.id] : [],
      ),
    );
    for (const { item, id, message, fields } of conflicts) {
      const record = stored.get(key(id));
      if (!record) {
        const why = outside.has(id)
          ? `${message} (${id}: \`where\` of the mapping leaves that record out)`
          : message;
        if (outside.has(id) || item.row.attempts >= MOST_LOOKS)
          held.push({
            ...item.row,
            error: { kind: 'conflict', message: why, ...(fields ? { fields } : {}) },
          });
        continue;
      }
      if (record.goldenId === null || record.goldenId === item.row.goldenId) {
        if (item.payload.anchor) bonds.push([record.key, item.payload.anchor]);
        settled.push(item.row.goldenId);
        continue;
      }
      const unique = fields ?? member.stream.fields.filter((f) => f.unique).map((f) => f.name);
      for (const { attribute, field } of item.intent.changes)
        if (unique.includes(field))
          refusals.push({
            goldenId: item.row.goldenId,
            mapping: item.row.mapping,
            target: '',
            attribute,
            value: item.intent.sent[attribute] ?? null,
            field,
            message: `${message} (that record belongs to golden record ${record.goldenId})`,
            holder: record.key,
          });
    }
    await bond(tx, sync.entity.name, bonds);
    await markDirty(tx, bonds.flat());
    await saveRefusals(tx, refusals, now);
    await fillOutbox(tx, engine, sync, settled, LANE.incremental);
    await hasten(tx, refusals, now);
    await holdPending(tx, held, now);
    return refusals.length;
  });
}
