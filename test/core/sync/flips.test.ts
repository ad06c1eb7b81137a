/** A field that flips is frozen after a few rounds; everything else goes on. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureGroups } from '../../../api/cli/commands/failures/groups.ts';
import type { Fields } from '../../../connectors/contract.ts';
import type { Entity } from '../../../core/model/entity.ts';
import type { Db } from '../../../core/store/db.ts';
import { retryFailures } from '../../../core/store/failures.ts';
import { frozenFields } from '../../../core/store/flips.ts';
import { decide } from '../../../core/sync/decide.ts';
import type { EditRules } from '../../../core/sync/ports.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();
const RULES: EditRules = { lookAgain: 120, rounds: 3, within: 3600 };
const PERSON = {
  familyName: '薬袋',
  givenName: '誠',
  email: 'makoto.minai@mail0.example',
  title: 'v0',
  department: 'd0',
};
const MAPPINGS = ['a-people', 'b-people'];

/** The tool's own automation: what a field becomes some time after each write. It counts writes of titles. */
class Automated extends MemoryTool {
  titles = 0;
  private readonly rewrite: (title: Fields[string], n: number) => Fields[string];
  constructor(name: string, rewrite: Automated['rewrite'] = (title) => title) {
    super(name);
    this.rewrite = rewrite;
  }
  override write(op: Parameters<MemoryTool['write']>[0]) {
    const outcome = super.write(op);
    if (op.op !== 'update' || !('title' in op.fields)) return outcome;
    this.titles++;
    const title = this.rewrite(op.fields.title!, this.titles);
    if (title !== op.fields.title) this.put({ title }, op.id);
    return outcome;
  }
}

async function world(
  db: Db,
  [a, b]: [Automated, Automated],
  survivorship: Entity['survivorship'],
  edits: EditRules = RULES,
) {
  await emptyStore(db);
  const { engine, sync } = memoryHub(db, [a, b], { survivorship });
  sync.edits = edits;
  const person = (tool: Automated) => tool.live()[0]!.fields;
  const edit = (tool: Automated, fields: Fields) => {
    const tick = Math.max(a.tick, b.tick);
    for (const one of [a, b]) one.tick = tick;
    tool.put(fields, tool.live()[0]!.id);
  };
  const run = async () => {
    const tick = Math.max(a.tick, b.tick);
    for (const one of [a, b]) one.tick = tick;
    return runSync(engine, sync, { mode: 'sync', signal });
  };
  a.put(PERSON);
  b.put(PERSON);
  await run();
  return { engine, sync, person, edit, run };
}

const PREFER_A: Entity['survivorship'] = { title: [{ prefer: ['a'] }] };
const loud = () => new Automated('b', (title) => `${title}, rewritten`);

describe.each(DATABASES)('a field that flips, on $name', { timeout: 60_000 }, ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('is frozen after the declared rounds, and reported with its history; other fields go on', async () => {
    const [a, b] = [new Automated('a'), loud()];
    const { engine, person, edit, run } = await world(db, [a, b], PREFER_A);
    edit(a, { title: 'v1' });
    const status: string[] = [];
    for (let i = 0; i < 8; i++) status.push((await run()).status);
    expect(b.titles).toBe(RULES.rounds);
    expect(status.slice(0, 3)).toEqual(['complete', 'complete', 'complete']);
    const { reasons, counts } = await run();
    expect(reasons).toMatchObject([{ code: 'flipping', count: 1 }]);
    expect(counts).toMatchObject({ failed: 1, updated: 0 });
    const [frozen, ...more] = await frozenFields(db);
    expect(more).toEqual([]);
    expect(frozen).toMatchObject({ record: 'b/people/b1', attribute: 'title' });
    expect(frozen!.rounds.map(({ wrote, became }) => [wrote, became])).toEqual(
      Array.from({ length: RULES.rounds }, () => ['v1', 'v1, rewritten']),
    );
    const hub = { config: { mappings: {}, entities: {} }, engine };
    const groups = await failureGroups(db, hub as unknown as Parameters<typeof failureGroups>[1]);
    expect(groups).toMatchObject([{ cause: 'flipping', connection: 'b', object: 'people', field: 'title' }]);
    expect(groups[0]!.fix).toContain('failures --retry');
    expect(groups[0]!.items[0]!.rounds).toMatchObject([{ wrote: 'v1' }, {}, { became: 'v1, rewritten' }]);
    edit(a, { department: 'd1' });
    await run();
    expect(person(b)).toMatchObject({ department: 'd1', title: 'v1, rewritten' });
    expect(b.titles).toBe(RULES.rounds);
  });

  test('between two tools that both rewrite: neither is written to any more', async () => {
    const a = new Automated('a', (_, n) => `a ${n}`);
    const b = new Automated('b', (_, n) => `b ${n}`);
    const { person, edit, run } = await world(db, [a, b], {});
    edit(a, { title: 'v1' });
    for (let i = 0; i < 12; i++) await run();
    const before = a.titles + b.titles;
    expect(before).toBeLessThan(RULES.rounds * 2 + 1);
    edit(b, { department: 'd1' });
    for (let i = 0; i < 3; i++) await run();
    expect(a.titles + b.titles).toBe(before);
    expect(person(a).department).toBe('d1');
  });

  test('is written again once its cause is mended: retried, pinned, or the same in every tool', async () => {
    let mended = false;
    const b = new Automated('b', (title) => (mended ? title : `${title}, rewritten`));
    const a = new Automated('a');
    const { engine, sync, person, edit, run } = await world(db, [a, b], PREFER_A);
    const freeze = async (title: string) => {
      mended = false;
      edit(a, { title });
      for (let i = 0; i < 5; i++) await run();
      expect(await frozenFields(db)).toHaveLength(1);
      mended = true;
    };
    await freeze('v1');
    expect(await retryFailures(db, MAPPINGS, engine.now().toISOString())).toEqual({ values: 1, records: 0 });
    expect((await run()).status).toBe('complete');
    expect(person(b).title).toBe('v1');

    await freeze('v2');
    edit(b, { title: 'v2' });
    expect((await run()).status).toBe('complete');
    expect(await frozenFields(db)).toEqual([]);
    edit(a, { title: 'v3' });
    await run();
    expect(person(b).title).toBe('v3');

    await freeze('v4');
    const [golden] = await db.query<{ id: string }>(`select id from golden where alias_of is null`);
    const asked = { kind: 'pin' as const, golden: golden!.id, attribute: 'title', value: 'pinned' };
    await decide(engine, async () => [sync], asked, { by: 'me' });
    expect((await run()).status).toBe('complete');
    expect([person(a).title, person(b).title]).toEqual(['pinned', 'pinned']);
  });

  test('rounds that are further apart than declared do not count', async () => {
    const [a, b] = [new Automated('a'), loud()];
    const { edit, run } = await world(db, [a, b], PREFER_A);
    edit(a, { title: 'v1' });
    for (let i = 0; i < 6; i++) {
      await run();
      await db.query(
        `update flip set rounds = (select jsonb_agg(r || jsonb_build_object('seen', '2020-01-01T00:00:00Z')) from jsonb_array_elements(rounds) r)`,
      );
    }
    expect(await frozenFields(db)).toEqual([]);
  });
});

test('the number of writes is bounded, whatever the rules and the automation; the rest is in step', async () => {
  const db = await DATABASES[0]!.open();
  const rewrites = {
    none: (title: Fields[string]) => title,
    fixed: () => 'fixed',
    suffix: (title: Fields[string]) => `${title}!`,
    counter: (_: Fields[string], n: number) => `n${n}`,
    clear: () => null,
  };
  const kind = fc.constantFrom(...(Object.keys(rewrites) as (keyof typeof rewrites)[]));
  const rule = fc.constantFrom<Entity['survivorship']>(
    {},
    PREFER_A,
    { title: [{ prefer: ['b'] }] },
    { title: ['longest'] },
  );
  await fc.assert(
    fc.asyncProperty(
      kind,
      kind,
      rule,
      fc.boolean(),
      fc.integer({ min: 2, max: 4 }),
      async (left, right, by, tells, rounds) => {
        const a = new Automated('a', rewrites[left]);
        const b = new Automated('b', rewrites[right]);
        b.tells = tells;
        const { person, edit, run } = await world(db, [a, b], by, { ...RULES, rounds });
        edit(a, { title: 'v1' });
        edit(b, { department: 'd1' });
        for (let i = 0; i < 4 * rounds; i++) await run();
        const written = a.titles + b.titles;
        expect(written).toBeLessThanOrEqual(2 * rounds);
        edit(a, { department: 'd2' });
        for (let i = 0; i < 3; i++) await run();
        expect([person(a).department, person(b).department]).toEqual(['d2', 'd2']);
        expect(a.titles + b.titles).toBe(written);
      },
    ),
    { numRuns: 12 },
  );
  await db.close();
}, 120_000);
