import type { Change } from '../../../connectors/contract.ts';
import type { Db } from '../../store/db.ts';
import { anyBlock, blocksAmong, countBlocked } from '../../store/erasures.ts';
import type { Engine, Mapping, Sync } from '../ports.ts';
import { type Mark, personMarks, recordMark } from './marks.ts';

export type Reading = Awaited<ReturnType<Mapping['in']>>;

/** The database blocks somebody, and this engine has no way to tell whom. Nothing is taken in. */
const blind = () =>
  new Error(
    'this database blocks erased persons against re-import, and this engine was given no key to know them by',
  );

/**
 * Which of these strangers were erased: nothing of them is imported. A record that the hub holds is somebody else's, and is never
 * asked about here. `marks`: by any name of the caller's.
 */
export async function blockedAmong(
  tx: Db,
  engine: Pick<Engine, 'blocks'>,
  marks: ReadonlyMap<string, readonly Mark[]>,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (marks.size === 0) return found;
  if (!engine.blocks) throw blind();
  const all = [...marks].flatMap(([name, list]) => list.map(({ text }) => ({ name, text })));
  const hashes = await engine.blocks.hash(
    tx,
    all.map(({ text }) => text),
  );
  const blocks = await blocksAmong(tx, [...new Set(hashes)]);
  all.forEach(({ name }, i) => {
    const erasure = blocks.get(hashes[i]!);
    if (erasure !== undefined && !found.has(name)) found.set(name, erasure);
  });
  return found;
}

/**
 * Of a page of changes, those that tell of somebody erased (by source key), and they are counted. What was read on the way is put
 * into `readings`. Called in the transaction that takes the changes in, which shares the lock of erasures.
 */
export async function blockedChanges(
  tx: Db,
  engine: Engine,
  sync: Sync,
  mapping: Mapping,
  strangers: readonly { key: string; change: Change }[],
  readings: Map<Change, Reading>,
): Promise<Map<string, string>> {
  if (strangers.length === 0 || !(await anyBlock(tx))) return new Map();
  const marks = new Map<string, Mark[]>();
  for (const { key, change } of strangers) {
    if (change.op !== 'upsert') continue;
    const reading = await mapping.in(change.fields);
    readings.set(change, reading);
    marks.set(key, [...(marks.get(key) ?? [recordMark(key)]), ...personMarks(sync.entity, reading.values)]);
  }
  const blocked = await blockedAmong(tx, engine, marks);
  const counts = new Map<string, number>();
  for (const erasure of blocked.values()) counts.set(erasure, (counts.get(erasure) ?? 0) + 1);
  await countBlocked(tx, counts, engine.now().toISOString());
  return blocked;
}
