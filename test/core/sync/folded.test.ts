/** Records that their tool folds into others, in whatever order webhooks tell of it: nobody is torn, and nobody's words get lost. */
import { expect, test } from 'vitest';
import type { Change, Fields } from '../../../connectors/contract.ts';
import { commitChanges } from '../../../core/sync/commit.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const MIYO = { familyName: '薬袋', givenName: '美代', email: 'miyo@x.example', title: 'A' };
const KEN = { familyName: '佐藤', givenName: '健', email: 'ken@y.example', title: 'B' };

async function world() {
  const db = await openMemory();
  const tools = [new MemoryTool('a'), new MemoryTool('b')] as [MemoryTool, MemoryTool];
  const { engine, sync } = memoryHub(db, tools);
  return {
    db,
    tools,
    mapping: sync.members[1]!.mapping,
    run: () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal }),
    /** From now on the second tool fills what it merges, as HubSpot does. */
    fills() {
      const member = sync.members[1]!;
      if (member.stream.read) member.stream.read.mergesFill = true;
    },
    /** Taken in as webhooks of these ids are: what they told of is resolved before everything else. */
    async hear(changes: Change[], told: string[]) {
      const asked = engine.now().toISOString();
      const since = new Map(told.map((id) => [id, asked]));
      const member = sync.members[1]!;
      await db.transaction((tx) =>
        commitChanges(tx, engine, sync, member, changes, { readBack: false, asked, since }),
      );
      while ((await resolvePage(engine, sync, LANE.realtime, 'urgent')).more);
      while ((await resolvePage(engine, sync, LANE.incremental)).more);
    },
  };
}

test.each([['b1'], ['b2'], ['b3']])(
  'two become a third, and the webhook names %s alone: all that was linked with either is one',
  async (told) => {
    const { db, tools, run, hear } = await world();
    const [a, b] = tools;
    for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
    expect((await run()).counts).toMatchObject({ golden: 2, created: 0, updated: 0 });
    b.merge('b1', 'b2');
    b.remove('b1');
    b.records.get('b1')!.into = 'b3';
    b.records.get('b2')!.into = 'b3';
    b.put(MIYO, 'b3');
    const at = new Date().toISOString();
    const into = { stream: 'people', id: 'b3' };
    const folded = ['b1', 'b2'].map((id): Change => ({ stream: 'people', op: 'merge', id, at, into }));
    await hear([{ stream: 'people', op: 'upsert', id: 'b3', at, fields: MIYO }, ...folded], [told]);
    expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
    const titles = [...a.live(), ...b.live()].map(({ fields }) => fields.title);
    expect([titles.length, new Set(titles).size]).toEqual([3, 1]);
    await db.close();
  },
);

test('two become a third that somebody deletes before the hub has seen it: what was linked with either is one all the same, and no doubt', async () => {
  const { db, tools, run, hear } = await world();
  const [a, b] = tools;
  for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
  expect((await run()).counts).toMatchObject({ golden: 2, created: 0, updated: 0 });
  for (const id of ['b1', 'b2']) {
    b.remove(id);
    b.records.get(id)!.into = 'b3';
  }
  const at = new Date().toISOString();
  const into = { stream: 'people', id: 'b3' };
  // In two pages: the second is taken in when the first has been resolved.
  for (const id of ['b1', 'b2']) await hear([{ stream: 'people', op: 'merge', id, at, into }], [id]);
  await run();
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0, updated: 0 } });
  expect(new Set(a.live().map(({ fields }) => fields.title)).size).toBe(1);
  expect(await db.query('select a from review')).toEqual([]);
  await db.close();
});

test('the only record that people spoke in becomes one that somebody deletes before the hub has seen it: what they said counts on', async () => {
  const { db, tools, run, hear } = await world();
  const [a, b] = tools;
  b.put(MIYO);
  expect((await run()).counts).toMatchObject({ golden: 1, created: 1 });
  b.remove('b1');
  b.records.get('b1')!.into = 'b2';
  const at = new Date().toISOString();
  await hear([{ stream: 'people', op: 'merge', id: 'b1', at, into: { stream: 'people', id: 'b2' } }], ['b1']);
  await hear([{ stream: 'people', op: 'delete', id: 'b2', at }], ['b2']);
  const values = async () => (await db.query('select values from golden where alias_of is null'))[0]!.values;
  expect(await values()).toMatchObject(MIYO);
  // Entered there once more, she is the one whom the other tool still shows.
  b.put({ ...MIYO, title: 'D' }, 'b3');
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
  expect(a.live().map(({ fields }) => fields.title)).toEqual(['D']);
  // Back from the bin, the record says what was moved into it, and nobody says it twice.
  b.put({ ...MIYO, title: 'E' }, 'b2');
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
  expect([...a.live(), ...b.live()].map(({ fields }) => fields.title)).toEqual(['E', 'E', 'E']);
  expect(await db.query(`select opinions from source_record where key = 'b/people/b1'`)).toEqual([
    { opinions: {} },
  ]);
  await db.close();
});

test('the last record that people spoke in is folded into a copy of ours: the copy speaks for them from then on', async () => {
  const { db, tools, run } = await world();
  const [a, b] = tools;
  a.put(MIYO);
  await run();
  b.put(KEN);
  await run();
  // Each tool has what people entered there, and a copy of the other.
  b.merge('b1', 'b2');
  await run();
  a.merge('a2', 'a1');
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0, updated: 0 } });
  const goldens = await db.query<{ values: object }>('select values from golden where alias_of is null');
  expect(goldens).toEqual([{ values: expect.objectContaining(MIYO) }]);
  // An edit elsewhere is news for it, as ever.
  b.put({ title: 'C' }, 'b1');
  await run();
  expect([...a.live(), ...b.live()].map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ ...MIYO, title: 'C' }),
    expect.objectContaining({ ...MIYO, title: 'C' }),
  ]);
  expect((await run()).counts).toMatchObject({ created: 0, updated: 0 });
  await db.close();
});

test('who is entered once more after a merge of two strangers joins them, and is created nowhere', async () => {
  const { db, tools, run } = await world();
  const [a, b] = tools;
  for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
  await run();
  b.merge('b1', 'b2');
  await run();
  a.put(KEN);
  expect((await run()).counts).toMatchObject({ golden: 1, created: 0, reviews: 0 });
  await db.close();
});

test('what somebody empties in the record that a merge made, before the hub has seen it, is emptied everywhere', async () => {
  const { db, tools, run, hear, fills } = await world();
  const [a, b] = tools;
  for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
  await run();
  fills();
  b.merge('b1', 'b2');
  b.remove('b1');
  b.records.get('b1')!.into = 'b3';
  b.records.get('b2')!.into = 'b3';
  // HubSpot would have shown the title of either.
  b.put({ ...MIYO, title: null }, 'b3');
  const at = new Date().toISOString();
  const into = { stream: 'people', id: 'b3' };
  const folded = ['b1', 'b2'].map((id): Change => ({ stream: 'people', op: 'merge', id, at, into }));
  const fields = { ...MIYO, title: null };
  await hear([{ stream: 'people', op: 'upsert', id: 'b3', at, fields }, ...folded], ['b3']);
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
  expect([...a.live(), ...b.live()].map((record) => record.fields.title ?? null)).toEqual([null, null, null]);
  await db.close();
});

test('the record that a merge made is seen long after the merge: what it shows was said when it was said', async () => {
  const { db, tools, run, hear } = await world();
  const [a, b] = tools;
  for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
  await run();
  a.put({ title: 'E' }, 'a1');
  await run();
  b.merge('b2', 'b1');
  b.remove('b2');
  b.records.get('b1')!.into = 'b3';
  b.records.get('b2')!.into = 'b3';
  b.put(KEN, 'b3');
  const at = new Date(Date.now() + 1000).toISOString();
  const into = { stream: 'people', id: 'b3' };
  for (const id of ['b1', 'b2']) await hear([{ stream: 'people', op: 'merge', id, at, into }], [id]);
  await hear([{ stream: 'people', op: 'upsert', id: 'b3', at, fields: KEN }], ['b3']);
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
  expect([...a.live(), ...b.live()].map(({ fields }) => fields.title)).toEqual(['E', 'E', 'E']);
  await db.close();
});

test('what a record was folded into is itself folded into a third before the hub has seen it: all are one', async () => {
  const { db, tools, run, hear } = await world();
  const [a, b] = tools;
  for (const tool of tools) for (const person of [MIYO, KEN]) tool.put(person);
  await run();
  // b1 becomes b9, which nobody shows to the hub; b9 is merged into b2.
  b.remove('b1');
  b.records.get('b1')!.into = 'b9';
  const at = new Date().toISOString();
  const merge = (id: string, into: string): Change => ({
    stream: 'people',
    op: 'merge',
    id,
    at,
    into: { stream: 'people', id: into },
  });
  await hear([merge('b1', 'b9')], ['b1']);
  await hear([merge('b9', 'b2')], ['b9']);
  expect(await run()).toMatchObject({ status: 'complete', counts: { golden: 1, created: 0 } });
  expect(new Set([...a.live(), ...b.live()].map(({ fields }) => fields.title)).size).toBe(1);
  expect((await run()).counts).toMatchObject({ golden: 1, created: 0, updated: 0 });
  // A merge of two that the hub never heard of is nothing to it.
  await hear([merge('b20', 'b21')], ['b20']);
  expect(await db.query(`select 1 as one from source_record where key = 'b/people/b20'`)).toEqual([]);
  await db.close();
});

const merged = (id: string, into: string): Change => ({
  stream: 'people',
  op: 'merge',
  id,
  at: new Date().toISOString(),
  into: { stream: 'people', id: into },
});

/** A record that still shows what was typed long ago. */
const old = (id: string, fields: Fields): Change => ({
  stream: 'people',
  op: 'upsert',
  id,
  at: '2025-01-01T00:00:00.000Z',
  fields,
});

test.each<[string, string[][]]>([
  ['seen last', [['b1'], ['b9'], ['b8']]],
  ['seen last, in one page', [['b1', 'b9', 'b8']]],
  ['seen last, after a page that tells of both merges', [['b1', 'b9'], ['b8']]],
  ['seen before the second merge', [['b1'], ['b8'], ['b9']]],
  ['seen first', [['b8'], ['b1'], ['b9']]],
])(
  'a record is folded into another and that into a third, which is %s: it alone speaks',
  async (_, pages) => {
    const { db, tools, run, hear } = await world();
    tools[1].put(MIYO);
    await run();
    const told: Record<string, Change> = {
      b1: merged('b1', 'b9'),
      b9: merged('b9', 'b8'),
      b8: old('b8', { ...MIYO, title: 'Z' }),
    };
    for (const page of pages)
      await hear(
        page.map((id) => told[id]!),
        page,
      );
    expect(await db.query('select values from golden where alias_of is null')).toEqual([
      { values: expect.objectContaining({ ...MIYO, title: 'Z' }) },
    ]);
    expect(
      await db.query(`select key from source_record where opinions <> '{}' or merged_into = 'b/people/b9'`),
    ).toEqual([{ key: 'b/people/b8' }]);
    await db.close();
  },
);

test.each([[[['b1'], ['b9']]], [[['b1', 'b9']]], [[['b9', 'b1']]]])(
  'what a record was folded into is left out by the filter (%j): what was said in it counts on',
  async (pages) => {
    const { db, tools, run, hear, mapping } = await world();
    tools[1].put(MIYO);
    await run();
    mapping.admits = ({ department }) => department !== 'outside';
    const told: Record<string, Change> = {
      b1: merged('b1', 'b9'),
      b9: old('b9', { ...MIYO, department: 'outside' }),
    };
    for (const page of pages)
      await hear(
        page.map((id) => told[id]!),
        page,
      );
    expect(await db.query(`select key from source_record where opinions <> '{}'`)).toEqual([
      { key: 'b/people/b1' },
    ]);
    await db.close();
  },
);
