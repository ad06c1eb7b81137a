import { outboxOf } from '../store/outbox.ts';
import { plannedGoldens, type ShownWrite } from '../store/shown-plans.ts';
import { intentsOf, opKey } from './intents.ts';
import { canonical, sha } from './moved.ts';
import type { Engine, Sync } from './ports.ts';

/** Golden records looked at at once. */
const PAGE = 500;

/** What a run would write now, field by field, as digests: the same writes give the same digest in any process. */
export async function plannedWrites(engine: Engine, sync: Sync): Promise<ShownWrite[]> {
  const writers = sync.members.filter(({ writes }) => writes);
  const mappings = writers.map(({ mapping }) => mapping.name);
  const writes: ShownWrite[] = [];
  for (let after = ''; ; ) {
    const ids = await plannedGoldens(engine.db, mappings, after, PAGE);
    if (ids.length === 0) return writes;
    after = ids.at(-1)!;
    const rows = await outboxOf(engine.db, ids);
    const due = new Set(rows.filter(({ state }) => state === 'pending' || state === 'waiting').map(opKey));
    const { intents } = await intentsOf(engine.db, engine, sync, ids, writers);
    for (const intent of intents)
      if (due.has(opKey(intent)) && (intent.op === 'delete' || Object.keys(intent.fields).length > 0))
        writes.push({
          goldenId: intent.goldenId,
          mapping: intent.mapping,
          target: intent.target,
          op: intent.op,
          fields: Object.fromEntries(
            Object.entries(intent.fields)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([field, value]) => [field, sha(canonical(value))]),
          ),
        });
  }
}

const order = (a: ShownWrite, b: ShownWrite) => (opKey(a) < opKey(b) ? -1 : 1);

export const digestOf = (writes: readonly ShownWrite[]): string =>
  sha(
    JSON.stringify([...writes].sort(order).map((w) => [opKey(w), w.op, Object.entries(w.fields).sort()])),
    64,
  );

export interface Moved {
  /** Writes that were not shown. */
  added: ShownWrite[];
  /** Shown, and now with other values or fields; `fields` are those. */
  changed: { write: ShownWrite; fields: string[] }[];
}

/** What a run would write beyond what was shown. Writes that nobody needs any more are no surprise. */
export function beyond(shown: readonly ShownWrite[], now: readonly ShownWrite[]): Moved {
  const known = new Map(shown.map((write) => [opKey(write), write]));
  const moved: Moved = { added: [], changed: [] };
  for (const write of now) {
    const before = known.get(opKey(write));
    if (!before || before.op !== write.op) moved.added.push(write);
    else {
      const fields = Object.keys(write.fields).filter((name) => write.fields[name] !== before.fields[name]);
      if (fields.length > 0) moved.changed.push({ write, fields });
    }
  }
  return moved;
}
