import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Values } from '../../core/model/value.ts';
import type { Db } from '../../core/store/db.ts';
import { type Decision, decisionsAbout } from '../../core/store/decisions.ts';
import { decide } from '../../core/sync/decide.ts';
import { DecisionError } from '../../core/sync/decisionError.ts';
import { runSync } from '../../core/sync/run.ts';
import { undo } from '../../core/sync/undo.ts';
import type { Asked } from '../../core/sync/wish.ts';
import { DATABASES } from '../support/databases.ts';
import { emptyStore } from '../support/emptyStore.ts';
import { ATTRIBUTES, type MemoryHub, MemoryTool, memoryHub, recordKey } from '../support/memory.ts';

const PEOPLE = [
  { familyName: '勅使河原', givenName: '誠' },
  { familyName: 'Okafor', givenName: 'Ngozi' },
  { familyName: 'Lindqvist', givenName: 'Maja' },
];
/** A person's card in a tool: which one and where. Every world begins with these, two of each person. */
const FIRST = PEOPLE.flatMap((_, who) => [0, 1].map((tool) => ({ who, tool, id: `p${who}` })));
/** Entered in the course of a world, or after it: two more of each. */
const LATER = PEOPLE.flatMap((_, who) => [0, 1].map((tool) => ({ who, tool, id: `q${who}` })));
const CARDS = [...FIRST, ...LATER];
const MOST_STEPS = 10;
const card = fc.nat(FIRST.length - 1);
const FREE = ['title', 'department'] as const;

type Step =
  | { do: 'enter'; later: number }
  | { do: 'edit'; card: number; attribute: (typeof FREE)[number] }
  | { do: 'link' | 'apart'; a: number; b: number; whole: boolean; force: boolean }
  | { do: 'split'; card: number; all: boolean }
  | { do: 'pin'; card: number; attribute: (typeof FREE)[number]; force: boolean }
  | { do: 'unpin'; card: number; attribute: (typeof FREE)[number] }
  | { do: 'undo'; nth: number }
  | { do: 'sync' };

const attribute = fc.constantFrom(...FREE);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('enter' as const), later: fc.nat(LATER.length - 1) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), card, attribute }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('link' as const, 'apart' as const),
      a: card,
      b: card,
      whole: fc.boolean(),
      force: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('split' as const), card, all: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pin' as const), card, attribute, force: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unpin' as const), card, attribute }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undo' as const), nth: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'sync' as const }) },
);

/** In which order decisions are undone, and whether the tools are told after each. */
const order = fc.record({
  ranks: fc.array(fc.nat(), { minLength: MOST_STEPS, maxLength: MOST_STEPS }),
  told: fc.boolean(),
});

class World {
  readonly db: Db;
  readonly tools = [new MemoryTool('a'), new MemoryTool('b')] as const;
  readonly hub: MemoryHub;
  acts: string[] = [];
  private edits = 0;

  constructor(db: Db) {
    this.db = db;
    this.hub = memoryHub(db, this.tools);
  }

  static async open(db: Db): Promise<World> {
    await emptyStore(db);
    const world = new World(db);
    for (const one of FIRST) world.enter(one);
    await world.sync();
    return world;
  }

  enter({ who, tool, id }: (typeof CARDS)[number]): void {
    if (this.tools[tool]!.records.has(id)) return;
    this.tools[tool]!.tick = Math.max(...this.tools.map(({ tick }) => tick));
    this.tools[tool]!.put({ ...PEOPLE[who]!, email: `p${who}@mail${who}.example` }, id);
  }

  sync = () =>
    runSync(this.hub.engine, this.hub.sync, { mode: 'sync', signal: new AbortController().signal });
  key = (nth: number) => recordKey(this.tools[CARDS[nth]!.tool]!, CARDS[nth]!.id);
  syncs = async () => [this.hub.sync];

  async golden(nth: number): Promise<string> {
    const [row] = await this.db.query<{ golden_id: string }>(
      `select golden_id from source_record where key = $1`,
      [this.key(nth)],
    );
    return row!.golden_id;
  }

  /** Values are never the same twice: an edit that happens to say what a tool shows already is none. */
  edit(nth: number, name: string): void {
    const tick = Math.max(...this.tools.map((tool) => tool.tick));
    for (const tool of this.tools) tool.tick = tick;
    this.tools[CARDS[nth]!.tool]!.put({ [name]: `said ${++this.edits}` }, CARDS[nth]!.id);
  }

  private async asked(one: Step): Promise<Asked | undefined> {
    switch (one.do) {
      case 'link':
      case 'apart': {
        const [a, b] = one.whole
          ? [await this.golden(one.a), await this.golden(one.b)]
          : [this.key(one.a), this.key(one.b)];
        return { kind: one.do, a, b };
      }
      case 'split':
        return {
          kind: 'split',
          golden: await this.golden(one.card),
          records: one.all ? [] : [this.key(one.card)],
        };
      case 'pin':
        return {
          kind: 'pin',
          golden: await this.golden(one.card),
          attribute: one.attribute,
          value: `pinned ${this.acts.length}`,
        };
      case 'unpin':
        return { kind: 'unpin', golden: await this.golden(one.card), attribute: one.attribute };
      default:
        return undefined;
    }
  }

  /** What cannot be decided is refused with its reason, and changes nothing; nothing else may be thrown. */
  private async try(work: () => Promise<unknown>): Promise<void> {
    const before = await this.decisions();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DecisionError)) throw error;
      expect(await this.decisions()).toEqual(before);
    }
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      if (one.do === 'sync') await this.sync();
      else if (one.do === 'enter') this.enter(LATER[one.later]!);
      else if (one.do === 'edit') this.edit(one.card, one.attribute);
      else if (one.do === 'undo') {
        const id = this.acts[one.nth];
        if (id !== undefined) await this.try(() => undo(this.hub.engine, this.syncs, id, { by: 'mika' }));
      } else {
        const force = 'force' in one && one.force;
        await this.try(async () => {
          const { act } = await decide(
            this.hub.engine,
            this.syncs,
            (await this.asked(one))!,
            { by: 'mika' },
            { force },
          );
          if (act) this.acts.push(act.id);
        });
      }
      await this.holds();
    }
  }

  async decisions(): Promise<Decision[]> {
    const keys = await this.db.query<{ key: string }>(`select key from source_record`);
    return decisionsAbout(
      this.db,
      keys.map(({ key }) => key),
    );
  }

  /** Law 6, at any moment: what people decided is so. */
  async holds(): Promise<void> {
    const rows = await this.db.query<{ key: string; id: string; values: Values }>(
      `select s.key, g.id, g.values from source_record s join golden g on g.id = s.golden_id`,
    );
    const home = new Map(rows.map(({ key, id }) => [key, id]));
    const values = new Map(rows.map((row) => [row.id, row.values]));
    const decisions = await this.decisions();
    const pins = new Map<string, Decision>();
    for (const decision of decisions) {
      const { kind, a, b } = decision;
      if (kind === 'link') expect(home.get(a), `${a} = ${b}`).toBe(home.get(b!));
      else if (kind === 'apart') expect(home.get(a), `${a} ≠ ${b}`).not.toBe(home.get(b!));
      else pins.set(`${home.get(a)} ${decision.attribute}`, decision);
    }
    for (const { a, attribute: name, value } of pins.values())
      expect(values.get(home.get(a)!)![name!]).toBe(value);
  }

  /** Delivered: every tool shows the golden values, and one more sync writes nothing. */
  async settle(): Promise<void> {
    for (const one of LATER) this.enter(one);
    expect((await this.sync()).status).toBe('complete');
    expect((await this.sync()).counts).toMatchObject({ created: 0, updated: 0, failed: 0 });
    await this.holds();
    const rows = await this.db.query<{ connection: string; ext_id: string; values: Values }>(
      `select s.connection, s.ext_id, g.values from source_record s join golden g on g.id = s.golden_id where not s.deleted`,
    );
    for (const { connection, ext_id: id, values } of rows) {
      const record = this.tools.find(({ name }) => name === connection)!.records.get(id)!;
      for (const name of FREE)
        expect(record.fields[name] ?? null, `${connection} ${id} ${name}`).toBe(values[name] ?? null);
    }
  }

  /** The golden id of every card. */
  homes = () => Promise.all(CARDS.map((_, nth) => this.golden(nth)));

  /** Who is one with whom, and what is known of them: without ids, and without what the hub made itself. */
  async state(): Promise<unknown[]> {
    const ids = await this.homes();
    const rows = await this.db.query<{ id: string; values: Values }>(
      `select id, values from golden where id = any($1::text[])`,
      [ids],
    );
    return rows
      .map(({ id, values }) => [
        CARDS.flatMap((_, nth) => (ids[nth] === id ? [nth] : [])),
        ATTRIBUTES.map((name) => values[name] ?? null),
      ])
      .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
  }
}

describe.each(DATABASES)('law 6: people outrank rules, on $name', { timeout: 300_000 }, ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('decisions in force hold at every moment; undone, all is as if nobody had decided', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: MOST_STEPS }),
        order,
        async (steps, { ranks, told }) => {
          const plain = await World.open(db);
          await plain.play(steps.filter(({ do: kind }) => ['enter', 'edit', 'sync'].includes(kind)));
          await plain.settle();
          const expected = await plain.state();

          const world = await World.open(db);
          const homes = await Promise.all(FIRST.map((_, nth) => world.golden(nth)));
          await world.play(steps);
          await world.settle();
          const rankOf = (id: string) => ranks[world.acts.indexOf(id)]!;
          for (const id of world.acts.toSorted((a, b) => rankOf(a) - rankOf(b))) {
            await undo(world.hub.engine, world.syncs, id, { by: 'mika' }).catch((error) => {
              // Undone in the course of the world already.
              expect(error).toMatchObject({ kind: 'conflict' });
            });
            if (told) await world.sync();
          }
          expect(await world.decisions()).toEqual([]);
          await world.settle();
          expect(await world.state()).toEqual(expected);
          expect(await world.homes()).toEqual([...homes, ...homes]);
        },
      ),
      { numRuns: 12 },
    );
  });
});
