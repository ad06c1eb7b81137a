import { expect, test } from 'vitest';
import type { Op, Outcome } from '../../../connectors/contract.ts';
import { decide } from '../../../core/sync/decide.ts';
import { runSync } from '../../../core/sync/run.ts';
import { decideToolMerge } from '../../../core/sync/toolMerges.ts';
import { openMemory } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const { signal } = new AbortController();

test('law 6: what was approved to be merged in its tool, and parted since, is not merged there', async () => {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  const member = sync.members[0]!;
  member.mergeInTool = 'review';
  member.stream.write = { ...(member.stream.write || never()), ops: ['create', 'update', 'delete', 'merge'] };
  const merged: Op[] = [];
  const { connector } = member.tool;
  const write = connector.write!;
  connector.write = async (ctx, stream, ops): Promise<Outcome[]> => {
    if (ops[0]?.op !== 'merge') return write.call(connector, ctx, stream, ops);
    const [op] = ops;
    merged.push(op);
    a.merge(op.into, op.id);
    return [{ key: op.key, status: 'ok', id: op.into }];
  };
  const run = () => runSync(engine, sync, { mode: 'sync', signal });
  const keys = ['Makiko', 'Maja', 'Wei'].map((givenName, n) =>
    recordKey(a, a.put({ givenName, familyName: `Family${n}`, email: `p${n}@x.example` })),
  );
  await run();
  const say = (asked: Parameters<typeof decide>[2]) =>
    decide(engine, async () => [sync], asked, { by: 'mika', reason: null }, { force: true });
  const [winner, loser, other] = keys as [string, string, string];
  for (const key of [loser, other]) {
    await say({ kind: 'link', a: winner, b: key });
    const rules = { allowed: () => true, loses: () => '' };
    await decideToolMerge(engine, { winner, loser: key }, 'approve', { by: 'mika' }, rules);
  }
  const [row] = await db.query<{ golden_id: string }>(`select golden_id from source_record where key = $1`, [
    winner,
  ]);
  await say({ kind: 'split', golden: row!.golden_id, records: [loser] });
  await run();
  expect(merged.map(({ key }) => key)).toEqual([other]);
  expect(await db.query(`select loser, state from tool_merge order by loser`)).toEqual([
    { loser, state: 'failed' },
    { loser: other, state: 'done' },
  ]);
  await db.close();
});

function never(): never {
  throw new Error('it can be written to');
}
