import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../../core/model/value.ts';
import type { Db } from '../../core/store/db.ts';
import { runSync } from '../../core/sync/run.ts';
import { openMemory } from '../support/databases.ts';
import { emptyStore } from '../support/emptyStore.ts';
import { type Answer, ATTRIBUTES, type MemoryHub, MemoryTool, memoryHub } from '../support/memory.ts';

let db: Db;
beforeAll(async () => {
  db = await openMemory();
});
afterAll(() => db.close());

const empty = () => emptyStore(db);

const PEOPLE = [
  { familyName: '佐藤', givenName: '健' },
  { familyName: '鈴木', givenName: '花子' },
  { familyName: '勅使河原', givenName: '誠' },
  { familyName: 'Okafor', givenName: 'Ngozi' },
  { familyName: 'Lindqvist', givenName: 'Maja' },
];
const person = (i: number): Values => ({ ...PEOPLE[i]!, email: `p${i}@mail${i}.example` });

type Step =
  | { do: 'edit'; tool: 0 | 1; who: number; attribute: string; value: string | null }
  | { do: 'add'; tool: 0 | 1; who: number }
  | { do: 'sync' };

const editable = ['phone', 'title', 'department'] as const;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      tool: fc.constantFrom(0 as const, 1 as const),
      who: fc.nat(PEOPLE.length - 1),
      attribute: fc.constantFrom(...editable),
      value: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: null, freq: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      tool: fc.constantFrom(0 as const, 1 as const),
      who: fc.nat(PEOPLE.length - 1),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'sync' as const }) },
);

const find = (tool: MemoryTool, who: number) => tool.live().find((r) => r.fields.email === person(who).email);

async function play(hub: MemoryHub, tools: MemoryTool[], steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    if (one.do === 'sync') {
      await sync(hub);
      continue;
    }
    const tool = tools[one.tool]!;
    const record = find(tool, one.who);
    // Both tools share one clock, so that "latest" means the same to the test as to people.
    const tick = Math.max(...tools.map((t) => t.tick));
    for (const t of tools) t.tick = tick;
    if (one.do === 'add') {
      if (!record) tool.put({ ...person(one.who), title: 'x' });
    } else if (record) tool.put({ [one.attribute]: one.value }, record.id);
  }
}

const sync = (hub: MemoryHub) =>
  runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });

/** What a tool shows, without its ids: one line a person. */
const shown = (tool: MemoryTool) =>
  tool
    .live()
    .map((r) => JSON.stringify(ATTRIBUTES.map((a) => r.fields[a] ?? null)))
    .sort();

const world = fc.array(step, { minLength: 1, maxLength: 14 });
const RUNS = { numRuns: 20 };

/** The process dies at the nth statement: that one and all later ones fail, until somebody else takes over. */
function mortal(inner: Db, statements: number): Db {
  let left = statements;
  const die = async <T>(work: () => Promise<T>): Promise<T> => {
    if (left-- <= 0) throw new Error('the process died');
    return work();
  };
  const wrap = (db: Db): Db => ({
    ...db,
    query: (text, params) => die(() => db.query(text, params)),
    transaction: (work) =>
      db.transaction(async (tx) => {
        const result = await work(wrap(tx));
        if (left <= 0) throw new Error('the process died before the commit');
        return result;
      }),
  });
  return wrap(inner);
}

describe('laws of the engine, over random worlds', { timeout: 300_000 }, () => {
  test('law 1 and 2: whatever statement a process dies at, the next one loses nothing and doubles nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(fc.nat(160), { minLength: 1, maxLength: 4 }),
        async (steps, deaths) => {
          const edits = steps.filter((one) => one.do !== 'sync');
          await empty();
          const quiet = [new MemoryTool('a'), new MemoryTool('b')];
          await play(memoryHub(db, quiet), quiet, edits);
          await sync(memoryHub(db, quiet));

          await empty();
          const tools = [new MemoryTool('a'), new MemoryTool('b')];
          await play(memoryHub(db, tools), tools, edits);
          for (const [n, statements] of deaths.entries()) {
            const hub = memoryHub(mortal(db, statements), tools, { owner: `dead-${n}` });
            await sync(hub).catch((error: Error) => expect(error.message).toMatch(/died/));
          }
          const survivor = memoryHub(db, tools, { owner: 'survivor' });
          expect((await sync(survivor)).status).toBe('complete');
          expect(tools.map(shown)).toEqual(quiet.map(shown));
          expect((await sync(survivor)).counts).toMatchObject({ created: 0, updated: 0 });
          expect(tools.map((t) => t.noops)).toEqual([0, 0]);
        },
      ),
      RUNS,
    );
  });

  test('law 2 and 3: everyone once in each tool, both tools equal, and another sync writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.boolean(), fc.boolean(), async (steps, tells, lower) => {
        await empty();
        const tools = [new MemoryTool('a'), new MemoryTool('b')];
        tools[1]!.tells = tells;
        if (lower)
          tools[1]!.normalise = (field, v) =>
            field === 'title' && typeof v === 'string' ? v.toUpperCase() : v;
        const hub = memoryHub(db, tools);
        await play(hub, tools, steps);
        await sync(hub);
        const last = await sync(hub);
        expect(last.status).toBe('complete');
        const before = tools.map((t) => t.created + t.updated);
        const again = await sync(hub);
        expect({ ...again.counts, read: 0, unchanged: 0, golden: 0 }).toMatchObject({
          created: 0,
          updated: 0,
          failed: 0,
        });
        expect(tools.map((t) => t.created + t.updated)).toEqual(before);
        expect(tools.map((t) => t.noops)).toEqual([0, 0]);
        for (const tool of tools) {
          const mails = tool.live().map((r) => r.fields.email);
          expect(new Set(mails).size).toBe(mails.length);
        }
        if (!lower) expect(shown(tools[0]!)).toEqual(shown(tools[1]!));
        else expect(shown(tools[0]!).length).toBe(shown(tools[1]!).length);
      }),
      RUNS,
    );
  });

  test('law 2: whatever becomes of an answer, nobody is created twice', async () => {
    const fate = fc.constantFrom<Answer>('ok', 'ok', 'lost', 'not-sent', 'transient');
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.array(fate, { maxLength: 12 }),
        fc.boolean(),
        async (steps, fates, hubId) => {
          await empty();
          const tools = [new MemoryTool('a'), new MemoryTool('b')];
          // Six failures in a row use up a row's tries: it then waits longer than this test does.
          const script = fates.flatMap((one, i) => (i % 4 === 3 ? [one, 'ok' as const] : [one]));
          for (const tool of tools) tool.fate = () => script.shift() ?? 'ok';
          const hub = memoryHub(db, tools, { hubId });
          await play(hub, tools, steps);
          for (let i = 0; i < 4; i++) await sync(hub);
          for (const tool of tools) {
            const mails = tool.live().map((r) => r.fields.email);
            expect(new Set(mails).size).toBe(mails.length);
          }
          expect(shown(tools[0]!)).toEqual(shown(tools[1]!));
        },
      ),
      RUNS,
    );
  });

  test('law 4: edits of different fields both survive; of the same field the later one wins and the loser is kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...editable), { minLength: 2, maxLength: 2 }),
        fc.boolean(),
        async ([left, right], firstA) => {
          await empty();
          const tools = [new MemoryTool('a'), new MemoryTool('b')];
          const hub = memoryHub(db, tools);
          await play(hub, tools, [
            { do: 'add', tool: 0, who: 0 },
            { do: 'add', tool: 1, who: 0 },
            { do: 'sync' },
          ]);
          const order: Step[] = [
            { do: 'edit', tool: 0, who: 0, attribute: left!, value: 'from a' },
            { do: 'edit', tool: 1, who: 0, attribute: right!, value: 'from b' },
          ];
          await play(hub, tools, [...(firstA ? order : order.reverse()), { do: 'sync' }]);
          for (const tool of tools)
            expect(find(tool, 0)!.fields).toMatchObject({ [left!]: 'from a', [right!]: 'from b' });

          await play(hub, tools, [
            { do: 'edit', tool: firstA ? 0 : 1, who: 0, attribute: left!, value: 'earlier' },
            { do: 'edit', tool: firstA ? 1 : 0, who: 0, attribute: left!, value: 'later' },
            { do: 'sync' },
          ]);
          for (const tool of tools) expect(find(tool, 0)!.fields[left!]).toBe('later');
          const [golden] = await db.query<{ provenance: Record<string, { losers: { value: string }[] }> }>(
            `select provenance from golden where alias_of is null`,
          );
          expect(golden!.provenance[left!]!.losers.map((l) => l.value)).toContain('earlier');
        },
      ),
      RUNS,
    );
  });

  test('law 5: the same records in any order and any pages give the same clusters and golden values', async () => {
    const load = fc.array(
      fc.record({
        tool: fc.nat(1),
        who: fc.nat(PEOPLE.length - 1),
        title: fc.constantFrom('x', 'y', null),
        twice: fc.boolean(),
      }),
      { minLength: 1, maxLength: 10 },
    );
    const settled = async (
      order: readonly number[],
      rows: { tool: number; who: number; title: string | null; twice: boolean }[],
      size: number,
      steps: number,
    ) => {
      await empty();
      const tools = [new MemoryTool('a'), new MemoryTool('b')];
      for (const tool of tools) tool.pageSize = size;
      const hub = memoryHub(db, tools);
      hub.sync.members = hub.sync.members.map((m) => ({ ...m, writes: false, creates: false }));
      for (const [n, index] of order.entries()) {
        const row = rows[index]!;
        const tool = tools[row.tool]!;
        // The time belongs to the record, whenever it arrives.
        tool.records.set(`r${index}`, {
          id: `r${index}`,
          fields: { ...person(row.who), title: row.title },
          tick: index + 1,
          deleted: false,
        });
        if (n % steps === 0)
          await runSync(hub.engine, hub.sync, { mode: 'full', signal: new AbortController().signal });
        if (row.twice)
          await runSync(hub.engine, hub.sync, { mode: 'full', signal: new AbortController().signal });
      }
      await runSync(hub.engine, hub.sync, { mode: 'full', signal: new AbortController().signal });
      const goldens = await db.query<{ id: string; values: Values }>(
        `select id, values from golden where alias_of is null`,
      );
      const records = await db.query<{ key: string; golden_id: string }>(
        `select key, golden_id from source_record order by key`,
      );
      return goldens
        .map(({ id, values }) =>
          JSON.stringify([
            records.filter((r) => r.golden_id === id).map((r) => r.key),
            Object.entries(values).sort(),
          ]),
        )
        .sort();
    };
    await fc.assert(
      fc.asyncProperty(
        load,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, dice, size, every) => {
          const straight = rows.map((_, i) => i);
          const mixed = [...straight]
            .map((i) => [dice.next().value as number, i] as const)
            .sort((a, b) => a[0] - b[0] || a[1] - b[1])
            .map(([, i]) => i);
          expect(await settled(mixed, rows, size, every)).toEqual(await settled(straight, rows, 3, 100));
        },
      ),
      { numRuns: 15 },
    );
  });
});
