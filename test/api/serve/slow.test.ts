/** A tool that hangs holds up its own webhooks and writes, and nobody else's. */
import { expect, test } from 'vitest';
import { createLane } from '../../../api/serve/lane.ts';
import { receive } from '../../../core/store/inbox.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { atTick, MemoryTool, memoryHub } from '../../support/memory.ts';
import { until } from './harness.ts';

async function world() {
  const db = await openMemory();
  const [a, b, c] = [new MemoryTool('a'), new MemoryTool('b'), new MemoryTool('c')];
  const { engine, sync } = memoryHub(db, [a, b, c]);
  const stop = new AbortController();
  const id = a.put({ familyName: 'Lindqvist', givenName: 'Maja', email: 'maja@north.example' });
  expect(await runSync(engine, sync, { mode: 'sync', signal: stop.signal })).toMatchObject({
    status: 'complete',
  });
  const lane = createLane({
    engine,
    ready: async () => ({ syncs: [sync], left: [] }),
    realtime: () => true,
    gap: () => 0,
    stop: stop.signal,
    log: { debug() {}, info() {}, warn() {} },
    told() {},
  });
  let told = 0;
  const hook = async (title: string) => {
    a.put({ title }, id);
    const { fields, tick } = a.records.get(id)!;
    const change = { stream: 'people', id, at: atTick(tick), op: 'upsert' as const, fields };
    await receive(db, 'a', [change], `hook-${told++}`, new Date());
    lane.wake('a');
  };
  const title = (tool: MemoryTool) => tool.live()[0]!.fields.title;
  const end = async () => {
    await lane.idle();
    stop.abort();
    await db.close();
  };
  return { db, a, b, c, sync, lane, hook, title, end };
}

function hanging() {
  let free = () => {};
  const freed = new Promise<void>((done) => {
    free = done;
  });
  return { freed, free };
}

test('writes to one tool that hangs leave the others theirs', { timeout: 20_000 }, async () => {
  const { c, b, sync, hook, title, end } = await world();
  const { freed, free } = hanging();
  const { connector } = sync.members[2]!.tool;
  const { write } = connector;
  let writes = 0;
  connector.write = async (...asked) => {
    writes++;
    await freed;
    return write!.apply(connector, asked);
  };
  await hook('Baker');
  await until(() => title(b) === 'Baker' && writes === 1);
  await hook('Butcher');
  await until(() => title(b) === 'Butcher');
  expect(title(c)).toBeUndefined();
  free();
  await until(() => title(c) === 'Butcher');
  await end();
});

test('a look at one tool that hangs leaves the others their webhooks', { timeout: 20_000 }, async () => {
  const { db, b, sync, lane, hook, title, end } = await world();
  const { freed, free } = hanging();
  const { connector } = sync.members[2]!.tool;
  const { read } = connector;
  let reads = 0;
  connector.read = async (...asked) => {
    reads++;
    await freed;
    return read!.apply(connector, asked);
  };
  const at = new Date().toISOString();
  await receive(db, 'c', [{ stream: 'people', id: 'c1', at, op: 'touch' }], 'thin', new Date());
  lane.wake('c');
  await until(() => reads === 1);
  for (const word of ['Baker', 'Butcher']) {
    await hook(word);
    await until(() => title(b) === word);
  }
  free();
  await lane.idle();
  expect(await db.query(`select 1 from inbox where state <> 'done'`)).toEqual([]);
  await end();
});

test('a tool that hangs leaves the others their aftercare', { timeout: 30_000 }, async () => {
  const { db, b, c, sync, hook, title, end } = await world();
  const { freed, free } = hanging();
  const { connector } = sync.members[2]!.tool;
  const { write } = connector;
  connector.write = async (...asked) => {
    await freed;
    return write!.apply(connector, asked);
  };
  // What b made of it has to be looked at, for its answer does not say.
  b.tells = false;
  await hook('Baker');
  await until(() => title(b) === 'Baker');
  const open = () => db.query(`select key from source_record where confirm and connection = 'b'`);
  await until(async () => (await open()).length === 1);
  await until(async () => (await open()).length === 0);
  expect(title(c)).toBeUndefined();
  free();
  await until(() => title(c) === 'Baker');
  await end();
});
