import { expect, test } from 'vitest';
import type { Op } from '../../../connectors/contract.ts';
import { recordsByKey } from '../../../core/store/records.ts';
import { observe } from '../../../core/sync/observe.ts';
import { runSync } from '../../../core/sync/run.ts';
import { openMemory } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const PERSON = { familyName: '薬袋', givenName: '美代', email: 'miyo@x.example', title: 'A' };

/** Two tools and one person in both; `hold` keeps the next write to `b` on its way, unanswered, until the function it gives is called. */
async function rig() {
  const db = await openMemory();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b], { hubId: true });
  const run = () => runSync(engine, sync, { mode: 'sync', signal: new AbortController().signal });
  const write = b.write.bind(b);
  const hold = () => {
    const held: Op[] = [];
    b.write = (op) => {
      held.push(op);
      b.write = write;
      return { key: op.key, status: 'unknown' };
    };
    return () => held.map(write);
  };
  const titles = () => [...a.live(), ...b.live()].map(({ fields }) => fields.title ?? null);
  return { db, a, b, run, hold, titles };
}

test.each([
  { sent: 'B', later: 'C', what: 'a value' },
  { sent: null, later: 'D', what: 'an emptied field' },
])(
  '$what that lands after its look-up, and after a newer write, is ours: the newer one is written again',
  async ({ sent, later }) => {
    const { db, a, b, run, hold, titles } = await rig();
    const id = a.put(PERSON);
    await run();
    const land = hold();
    a.put({ title: sent }, id);
    await run();
    a.put({ title: later }, id);
    for (let n = 0; n < 2; n++) await run();
    expect(titles()).toEqual([later, later]);
    land();
    expect(titles()).toEqual([later, sent]);
    await run();
    expect(titles()).toEqual([later, later]);
    const key = recordKey(b, b.live()[0]!.id);
    expect((await recordsByKey(db, [key])).get(key)!.opinions).toEqual({});
    const counts = [a.updated, b.updated];
    await run();
    expect([a.updated, b.updated]).toEqual(counts);
    await db.close();
  },
);

test('… and what somebody typed into it meanwhile stays their edit', async () => {
  const { db, a, b, run, hold, titles } = await rig();
  const id = a.put(PERSON);
  await run();
  const land = hold();
  a.put({ title: 'B' }, id);
  await run();
  a.put({ title: 'C' }, id);
  for (let n = 0; n < 2; n++) await run();
  land();
  b.put({ title: 'E' }, b.live()[0]!.id);
  for (let n = 0; n < 2; n++) await run();
  expect(titles()).toEqual(['E', 'E']);
  await db.close();
});

test('a create that lands after its look-up found nothing is adopted: nobody is created twice, and it says nothing of its own', async () => {
  const { db, a, b, run, hold } = await rig();
  a.put(PERSON);
  const land = hold();
  // Looked up in vain, and what is sent then does not get through.
  let sends = 0;
  b.fate = () => (sends++ === 0 ? 'ok' : 'not-sent');
  await run();
  await run();
  expect(b.live()).toEqual([]);
  land();
  b.fate = () => 'ok';
  for (let n = 0; n < 2; n++) await run();
  expect([a.live().length, b.live().length, b.created]).toEqual([1, 1, 1]);
  const key = recordKey(b, b.live()[0]!.id);
  expect((await recordsByKey(db, [key])).get(key)!.opinions).toEqual({});
  await db.close();
});

test('… and so is one that the tool tells of by refusing the next try: it carries our id', async () => {
  const { db, a, b, run } = await rig();
  a.put(PERSON);
  const write = b.write.bind(b);
  let first: Op | undefined;
  b.write = (op) => {
    if (op.op !== 'create') return write(op);
    if (!first) {
      first = op;
      return { key: op.key, status: 'unknown' };
    }
    if (b.created === 0) write(first);
    const message = 'the record exists already';
    return { key: op.key, status: 'failed', kind: 'conflict', id: b.live()[0]!.id, message };
  };
  for (let n = 0; n < 3; n++) await run();
  expect([b.live().length, b.created, b.updated]).toEqual([1, 1, 0]);
  const key = recordKey(b, b.live()[0]!.id);
  expect((await recordsByKey(db, [key])).get(key)!).toMatchObject({ opinions: {}, seen: { title: 'A' } });
  await db.close();
});

const stored = {
  key: 'ma/contacts/1',
  connection: 'ma',
  object: 'contacts',
  extId: '1',
  entity: 'person',
  goldenId: 'g',
  opinions: {},
  seen: { title: 'C' },
  native: {},
  written: { title: { sent: 'C', made: 'C' } },
  at: '2026-01-01T00:00:02.000Z',
  version: null,
  wroteAt: '2026-01-01T00:00:02.000Z',
  deleted: false,
  mergedInto: null,
  late: [{ sent: { title: 'B' }, echo: { title: 'B' }, at: '2026-01-01T00:00:01.000Z' }],
  confirm: false,
};
const look = {
  at: '2026-01-01T00:00:05.000Z',
  native: {},
  values: { title: 'B' },
  readBack: false,
  asked: '2026-01-01T00:00:06.000Z',
  now: '2026-01-01T00:00:07.000Z',
};
const see = (more: Partial<Parameters<typeof observe>[2]>) =>
  observe(stored, () => stored, { ...look, ...more });

test('where a tool tells who wrote a field, that decides; a look that does not tell leaves it to one that does', () => {
  expect(see({ undecided: true })).toMatchObject({
    news: 'same',
    next: { confirm: true, seen: { title: 'C' }, opinions: {}, late: stored.late },
  });
  expect(see({ theirs: new Set() })).toMatchObject({
    news: 'echo',
    landed: true,
    next: { seen: { title: 'B' }, opinions: {}, late: null },
  });
  for (const theirs of [{ theirs: new Set(['title']) }, { othersLast: true }])
    expect(see(theirs)).toMatchObject({ news: 'edit', next: { opinions: { title: { value: 'B' } } } });
});

test('after a quarter of an hour the same value is taken for somebody’s edit', () => {
  const hours = { asked: '2026-01-01T00:16:01.000Z', now: '2026-01-01T00:16:02.000Z' };
  expect(see(hours).news).toBe('edit');
});

test('what stands in a record of ours beside what we sent, before our first look, is the tool’s default unless people wrote it', () => {
  const made = { ...stored, seen: { title: 'C' }, at: null, late: null, confirm: true };
  const first = { ...look, values: { title: 'C', fax: '03-1111-2222' }, readBack: true };
  const open = observe(made, () => made, { ...first, undecided: true });
  expect(open.next).toMatchObject({ confirm: true, opinions: {}, seen: { title: 'C' } });
  const adopted = { ...open.next, at: look.at };
  // A webhook’s look in between tells no more than the first one.
  const between = observe(adopted, () => adopted, { ...first, readBack: false, undecided: true }).next;
  expect(between).toMatchObject({ confirm: true, opinions: {}, seen: { title: 'C' } });
  const told = (theirs: string[]) =>
    observe(between, () => between, { ...first, theirs: new Set(theirs) }).next;
  expect(told(['fax'])).toMatchObject({
    confirm: false,
    opinions: { fax: { value: '03-1111-2222', edit: true } },
  });
  expect(told([])).toMatchObject({
    confirm: false,
    opinions: {},
    seen: { title: 'C', fax: '03-1111-2222' },
  });
});
