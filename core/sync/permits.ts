/** A run of a plan writes what the plan listed, and leaves everything else to the next run. */

import { keyText, parseKey } from '../model/record.ts';
import type { Intent } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import type { OutboxRow, Payload } from '../store/outbox.ts';
import { type Permit, permitsFor, placesOf, withdrawPermits } from '../store/permits.ts';
import { type Refusal, saveRefusals } from '../store/refusals.ts';
import { canonical, sha } from './moved.ts';
import { isNewKey, isNewName, type PlannedWrite } from './planned.ts';
import type { Engine, Member } from './ports.ts';

const digest = (value: unknown) => sha(canonical(value));

/** Before the holder of a value: the plan left it out, as the tool would. */
const TAKEN = 'taken:';

/** What a plan's writes of one sync permit. Several writes to one record permit each of their values. */
export function permitsOf(writes: readonly PlannedWrite[], sync: string): Permit[] {
  const found = new Map<string, Permit>();
  for (const { mapping, connection, object, op, id, records, changes, without = [] } of writes.filter(
    (write) => write.sync === sync,
  )) {
    const target = id === null || isNewName(id) ? '' : keyText({ connection, object, id });
    const anchor = target === '' ? (records[0] ?? '') : '';
    const place = JSON.stringify([mapping, op, target, anchor]);
    const permit = found.get(place) ?? { mapping, op, target, anchor, fields: {} };
    for (const { field, to } of changes) permit.fields[field] = isNewName(to) ? to : digest(to);
    for (const { field, holder } of without) permit.fields[field] ??= TAKEN + holder;
    found.set(place, permit);
  }
  return [...found.values()];
}

type Row = Pick<OutboxRow, 'goldenId' | 'target' | 'op'>;

/**
 * Of a claimed batch, in its transaction: the rows that go no further than the run may. The others lose their permit, so that
 * they are not claimed by it again, and stay due for the next run. `holders`: the records whose unique values the plan left out; the
 * plan has looked at them, as the tool's refusal would have had them looked at.
 */
export async function withinPermits<
  T extends { row: Row; payload: Pick<Payload, 'fields'>; intent: Pick<Intent, 'changes' | 'sent'> },
>(
  tx: Db,
  engine: Engine,
  { mapping }: Member,
  batch: readonly T[],
): Promise<{ within: T[]; holders: string[] }> {
  if (engine.within === undefined) return { within: [...batch], holders: [] };
  const rows = batch.map(({ row }) => row);
  const permits = await permitsFor(tx, engine.within, mapping.name, rows);
  const isNamed = await namedNow(tx, permits);
  const placed = Map.groupBy(permits, ({ goldenId, row, op }) => JSON.stringify([goldenId, row, op]));
  const withdrawn: Permit[] = [];
  const refusals: Refusal[] = [];
  const within = batch.filter(({ row, payload, intent }) => {
    const own = placed.get(JSON.stringify([row.goldenId, row.target, row.op])) ?? [];
    const covers = ({ fields }: Permit) =>
      Object.entries(payload.fields).every(([field, value]) => {
        const may = fields[field];
        return may !== undefined && (isNewName(may) ? isNamed(may, value) : may === digest(value));
      });
    if (own.some(covers)) return true;
    const taken = own.flatMap(({ fields }) =>
      Object.keys(payload.fields).flatMap((field) =>
        fields[field]?.startsWith(TAKEN) ? [{ field, holder: fields[field].slice(TAKEN.length) }] : [],
      ),
    );
    // Without these values it may be what was planned: it is claimed again.
    for (const { field, holder } of taken)
      for (const { attribute } of intent.changes.filter((change) => change.field === field))
        refusals.push({
          ...{ goldenId: row.goldenId, mapping: mapping.name, target: row.target, attribute, field },
          value: intent.sent[attribute] ?? null,
          message: `another record has this value (${holder}), and the plan left it out`,
          holder: isNewKey(holder) ? null : holder,
        });
    if (taken.length === 0) withdrawn.push(...own);
    return false;
  });
  await saveRefusals(tx, refusals, engine.now().toISOString());
  await withdrawPermits(tx, engine.within, withdrawn);
  return { within, holders: refusals.flatMap(({ holder }) => holder ?? []) };
}

/** Is a value what a plan could only name, because it did not exist yet: a golden record's id, or a tool's id of a record made for it? */
async function namedNow(
  tx: Db,
  permits: readonly Permit[],
): Promise<(name: string, value: unknown) => boolean> {
  const anchorOf = (name: string) => name.slice(name.lastIndexOf(':') + 1);
  const names = permits.flatMap(({ fields }) => Object.values(fields).filter(isNewName));
  const places = Map.groupBy(await placesOf(tx, [...new Set(names.map(anchorOf))]), ({ anchor }) => anchor);
  return (name, value) =>
    (places.get(anchorOf(name)) ?? []).some(({ goldenId, extId }) => value === goldenId || value === extId);
}

/** The tools' ids of these records, in one stream. */
export const idsIn = (keys: readonly string[], connection: string, object: string): string[] =>
  keys.flatMap((key) => {
    const place = parseKey(key);
    return place.connection === connection && place.object === object ? [place.id] : [];
  });
