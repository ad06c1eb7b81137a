import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMatcher } from '../../../core/match/matcher.ts';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import type { Db } from '../../../core/store/db.ts';
import { markDirty } from '../../../core/store/records.ts';
import { decide } from '../../../core/sync/decide.ts';
import { explainPair } from '../../../core/sync/explainPair.ts';
import { decideReview } from '../../../core/sync/reviewing.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const KEN = { familyName: '勅使河原', givenName: '健', email: 'ken@alpha.example' };
const NAMESAKE = { ...KEN, email: 'k.teshigawara@beta.example' };
const WHO = { by: 'mika' };

describe.each(DATABASES)('why two records are one, two, or in doubt, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(() => emptyStore(db));

  /** Stores these records of one tool, and tells of the first two. */
  async function world(...people: Record<string, string>[]) {
    const tool = new MemoryTool('a');
    tool.pageSize = 50;
    const hub = memoryHub(db, [tool]);
    const keys = people.map((one) => recordKey(tool, tool.put(one)));
    const run = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
    await run();
    const [a, b] = keys as [string, string];
    const explain = async (x = a, y = b, matcher = hub.sync.matcher) => {
      const pair = (await explainPair(db, hub.sync.entity, matcher, x, y))!;
      const { steps } = pair;
      // Each step goes on from the one before.
      for (const [i, { bits, sum }] of steps.entries())
        expect(sum).toBeCloseTo((steps[i - 1]?.sum ?? 0) + bits, 9);
      return pair;
    };
    return { tool, hub, keys, a, b, run, explain, syncs: async () => [hub.sync] };
  }

  test('the sum is the stored score, in either order; a doubt, put off, and decided', async () => {
    const { a, b, hub, syncs, explain } = await world(KEN, NAMESAKE);
    const pair = await explain();
    expect(pair).toMatchObject({
      verdict: 'in doubt',
      why: 'doubt',
      a: { record: a, name: '勅使河原 健', deleted: false },
      b: { record: b },
      doubt: { state: 'open', reason: 'doubtful score' },
      link: 10,
      review: -3,
      among: 2,
      rule: null,
      contradiction: null,
    });
    expect(pair.steps.map(({ comparison }) => comparison)).toEqual([
      ...['prior', 'family', 'given', 'email', 'company'],
    ]);
    const [edge] = await db.query<{ weight: number }>(`select weight from edge`);
    expect(pair.steps.at(-1)!.sum).toBeCloseTo(edge!.weight, 9);
    expect(pair.keys).toEqual([
      { kind: 'name', records: 2, limit: 8 },
      { kind: 'read', records: 2, limit: 8 },
    ]);
    expect(await explain(b, a)).toEqual(pair);

    await decideReview(hub.engine, syncs, { a, b }, 'later', WHO);
    expect(await explain()).toMatchObject({ verdict: 'in doubt', doubt: { state: 'later', by: 'mika' } });
    await decideReview(hub.engine, syncs, { a, b }, 'link', WHO);
    expect(await explain()).toMatchObject({
      verdict: 'one',
      why: 'a person',
      decisions: [{ kind: 'link', by: 'mika' }],
    });
    await decide(
      hub.engine,
      syncs,
      { kind: 'apart', a, b },
      { by: 'mika', reason: 'asked them' },
      { force: true },
    );
    expect(await explain()).toMatchObject({
      verdict: 'two',
      why: 'a person',
      decisions: [{ kind: 'apart', reason: 'asked them' }],
    });
  });

  test('joined by others: the way from one to the other, and who linked what', async () => {
    const NGOZI = { familyName: 'Okafor', givenName: 'Ngozi', email: 'ngozi@gamma.example' };
    const { keys, hub, syncs, explain } = await world(KEN, NGOZI, { ...KEN, title: '課長' });
    const [a, b, twin] = keys as [string, string, string];
    await decide(hub.engine, syncs, { kind: 'link', a: twin, b }, WHO);
    expect(await explain()).toMatchObject({
      ...{ verdict: 'one', why: 'other records', bar: null },
      way: [
        { a, b: twin, why: 'rule', rule: expect.any(String), decision: null },
        { a: twin, b, why: 'a person', rule: null, decision: { by: 'mika', act: expect.any(String) } },
      ],
    });
    expect((await explain(a, twin)).way).toEqual([]);
  });

  test('alike and not one: what else of the two golden records bars it, by a person or by itself', async () => {
    const { keys, a, hub, syncs, explain } = await world(KEN, NAMESAKE, {
      ...NAMESAKE,
      title: '課長',
    });
    expect((await explain()).bar).toBeNull();
    await decide(hub.engine, syncs, { kind: 'apart', a, b: keys[2]! }, WHO);
    expect(await explain()).toMatchObject({
      verdict: 'in doubt',
      bar: { a, b: keys[2], contradiction: null, decision: { by: 'mika' } },
    });
  });

  test('alike, and one of them is one with somebody whom the other contradicts', async () => {
    const SISTER = { ...KEN, givenName: '花子' };
    const { keys, a, b, hub, syncs, explain } = await world(KEN, NAMESAKE, SISTER);
    await decide(hub.engine, syncs, { kind: 'link', a: b, b: keys[2]! }, WHO, { force: true });
    expect(await explain()).toMatchObject({
      verdict: 'in doubt',
      bar: { a, b: keys[2], contradiction: expect.any(String), decision: null },
    });
  });

  test('among many records a doubt loses bits, a link does not', async () => {
    const { hub, explain } = await world(KEN, NAMESAKE);
    const { steps } = await explain();
    const small = { ...DEFAULT_MODEL.person, among: 1 };
    const crowded = createMatcher(hub.sync.entity, small);
    const many = await explain(undefined, undefined, crowded);
    expect(many.steps).toEqual([
      ...steps,
      { comparison: 'crowd', level: '', bits: -1, sum: steps.at(-1)!.sum - 1 },
    ]);
    await db.query(`update matched set records = $1::bigint`, [2 ** 20]);
    await db.query(`delete from review`);
    expect(await explain(undefined, undefined, crowded)).toMatchObject({ verdict: 'two', why: 'chance' });
  });

  test.each([
    ['one', 'rule', [KEN, { ...KEN, title: '課長' }]],
    ['one', 'score', [KEN, NAMESAKE].map((one) => ({ ...one, phone: '+81312345678' }))],
    [
      'one',
      'other records',
      [KEN, { ...NAMESAKE, phone: '+819012345678' }, { ...KEN, phone: '+819012345678' }],
    ],
    ['two', 'contradiction', [KEN, { ...KEN, givenName: '花子' }]],
    ['two', 'no key', [KEN, { familyName: 'Okafor', email: 'o@gamma.example' }]],
    [
      'two',
      'hub values',
      Array.from({ length: 10 }, (_, n) => ({ familyName: '佐藤', givenName: '健', title: `${n}` })),
    ],
    [
      'two',
      'too little',
      ['alpha', 'beta'].map((host, n) => ({
        familyName: ['Okafor', 'Lindqvist'][n]!,
        email: `front.desk7@${host}.example`,
      })),
    ],
  ])('%s: %s', async (verdict, why, people) => {
    const { explain } = await world(...(people as Record<string, string>[]));
    expect(await explain()).toMatchObject({ verdict, why });
  });

  test('what the hub made in another tool is joined by that; deleted records are told', async () => {
    const [one, other] = [new MemoryTool('a'), new MemoryTool('b')];
    const hub = memoryHub(db, [one, other]);
    const run = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
    const a = recordKey(one, one.put(KEN));
    const namesake = recordKey(one, one.put(NAMESAKE));
    await run();
    const b = recordKey(other, other.live().find(({ fields }) => fields.email === KEN.email)!.id);
    const made = await explainPair(db, hub.sync.entity, hub.sync.matcher, a, b);
    expect(made).toMatchObject({ verdict: 'one', why: 'tools', steps: [], keys: [], b: { deleted: false } });
    expect([made!.a.copied, made!.b.copied]).toEqual([[], ['email', 'familyName', 'givenName']]);
    // Of somebody else it says nothing, and waits for nothing.
    expect(await explainPair(db, hub.sync.entity, hub.sync.matcher, namesake, b)).toMatchObject({
      verdict: 'two',
      why: 'made by the hub',
      steps: [],
    });
    // Until somebody edits it.
    other.put({ title: '課長' }, b.split('/')[2]!);
    await run();
    // What somebody wrote there is theirs, and so is what the hub carried over to the other.
    expect(await explainPair(db, hub.sync.entity, hub.sync.matcher, a, b)).toMatchObject({
      why: 'tools',
      a: { copied: ['title'] },
      b: { copied: ['email', 'familyName', 'givenName'] },
    });
    one.remove(a.split('/')[2]!);
    await run();
    expect(await explainPair(db, hub.sync.entity, hub.sync.matcher, a, b)).toMatchObject({
      verdict: 'one',
      a: { deleted: true },
    });
  });

  test('what has changed since, and what nobody knows', async () => {
    const { a, b, hub, explain } = await world(KEN, { familyName: 'Okafor', email: 'o@gamma.example' });
    await markDirty(db, [b]);
    expect(await explain()).toMatchObject({ verdict: 'two', why: 'waits' });
    expect(await explainPair(db, hub.sync.entity, hub.sync.matcher, a, 'a/people/nobody')).toBeUndefined();
  });
});
