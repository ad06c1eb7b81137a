import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { decisionsAbout } from '../../../core/store/decisions.ts';
import { currentGolden, goldensById, historyOf } from '../../../core/store/goldens.ts';
import { decide } from '../../../core/sync/decide.ts';
import { DecisionError } from '../../../core/sync/decisionError.ts';
import { decideReview } from '../../../core/sync/reviewing.ts';
import { runSync } from '../../../core/sync/run.ts';
import { undo } from '../../../core/sync/undo.ts';
import type { Asked } from '../../../core/sync/wish.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const SATO = { familyName: '勅使河原', givenName: '誠', email: 'm.teshi@kawa.example' };
const NGOZI = { familyName: 'Okafor', givenName: 'Ngozi', email: 'ngozi@south.example' };
const MAJA = { familyName: 'Lindqvist', givenName: 'Maja', email: 'maja@north.example' };

describe.each(DATABASES)('decisions by hand, on $name', ({ open }) => {
  let db: Db;
  let a: MemoryTool;
  let b: MemoryTool;
  let hub: MemoryHub;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    await emptyStore(db);
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    hub = memoryHub(db, [a, b]);
  });

  const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
  const syncs = async () => [hub.sync];
  const who = { by: 'mika', reason: 'phoned them' };
  const say = (asked: Asked, options = {}) => decide(hub.engine, syncs, asked, who, options);
  const goldenOf = async (key: string) =>
    (await db.query<{ golden_id: string }>(`select golden_id from source_record where key = $1`, [key]))[0]!
      .golden_id;
  const refusal = async (work: Promise<unknown>): Promise<DecisionError> => {
    const error = await work.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(DecisionError);
    return error as DecisionError;
  };
  /** Once delivered, nothing is written any more. */
  const settled = async () => {
    expect((await sync()).status).toBe('complete');
    expect((await sync()).counts).toMatchObject({ created: 0, updated: 0, failed: 0 });
  };

  test('words that mean nothing, and things that cannot be, change nothing and say what to do', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    expect((await refusal(say({ kind: 'link', a: x, b: y }))).message).toMatch(/nothing is known/);
    await sync();
    const gx = await goldenOf(x);
    const cases: [Asked, string, RegExp][] = [
      [{ kind: 'link', a: 'nobody', b: x }, 'unknown', /nothing is known of "nobody"/],
      [{ kind: 'link', a: x, b: x }, 'invalid', /same golden record/],
      [{ kind: 'apart', a: gx, b: gx }, 'invalid', /one golden record/],
      [{ kind: 'apart', a: gx, b: x }, 'invalid', /in common/],
      [{ kind: 'split', golden: gx, records: ['zz'] }, 'unknown', /has no record zz/],
      [{ kind: 'split', golden: gx, records: [] }, 'invalid', /copies that the hub made/],
      [{ kind: 'split', golden: gx, records: [x, 'b2'] }, 'invalid', /these are all records/],
      [{ kind: 'pin', golden: gx, attribute: 'titel', value: 'x' }, 'unknown', /no attribute "titel"/],
      [{ kind: 'pin', golden: gx, attribute: 'company', value: gx }, 'invalid', /points to a company/],
      [{ kind: 'unpin', golden: gx, attribute: 'title' }, 'unknown', /is not pinned/],
    ];
    for (const [asked, kind, message] of cases) {
      const error = await refusal(say(asked));
      expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(message)]);
    }
    const stale = await refusal(
      say({ kind: 'pin', golden: gx, attribute: 'title', value: 'x' }, { ifVersion: 99 }),
    );
    expect(stale.kind).toBe('stale');
    expect((await refusal(undo(hub.engine, syncs, 'none', who))).kind).toBe('unknown');
    expect(await decisionsAbout(db, [x, y])).toEqual([]);
  });

  test('split: each record gets its own values back, the id stays with the rest, and history says who went where', async () => {
    const [x, y] = [
      recordKey(a, a.put({ ...SATO, title: '課長' })),
      recordKey(b, b.put({ ...SATO, phone: '03-1234-5678' })),
    ];
    await settled();
    const id = await goldenOf(x);
    expect(await goldenOf(y)).toBe(id);
    expect([a.records.get('a1')!.fields.phone, b.records.get('b1')!.fields.title]).toEqual([
      '03-1234-5678',
      '課長',
    ]);

    const out = await say({ kind: 'split', golden: id, records: [y] });
    expect(out.golden.map(({ records }) => records).sort()).toEqual([[x], [y]]);
    expect(await goldenOf(x)).toBe(id);
    const apart = await goldenOf(y);
    expect(apart).not.toBe(id);
    expect(out.notReturned).toEqual([]);
    expect(
      out.writes
        .filter(({ op }) => op === 'update')
        .map(({ id, changes }) => [id, changes[0]!.field, changes[0]!.to])
        .sort(),
    ).toEqual([
      ['a1', 'phone', null],
      ['b1', 'title', null],
    ]);
    expect((await historyOf(db, [id])).at(-1)).toMatchObject({
      kind: 'split',
      detail: { by: 'mika', reason: 'phoned them', records: { [x]: id, [y]: apart } },
    });
    await settled();
    expect([a.records.get('a1')!.fields.phone, b.records.get('b1')!.fields.title]).toEqual([null, null]);
    expect([a.live().length, b.live().length]).toEqual([2, 2]);

    const back = await undo(hub.engine, syncs, out.act!.id, who);
    expect(back.golden.map((golden) => golden.id)).toEqual([id]);
    await settled();
    expect([a.records.get('a1')!.fields.phone, b.records.get('b1')!.fields.title]).toEqual([
      '03-1234-5678',
      '課長',
    ]);
    const again = await refusal(undo(hub.engine, syncs, out.act!.id, { by: 'ken' }));
    expect([again.kind, again.message]).toEqual(['conflict', expect.stringMatching(/^mika undid/)]);
  });

  test('split of a copy that the hub made: it stays what it shows, and each tool gets its own of both', async () => {
    const x = recordKey(a, a.put({ ...SATO, title: '課長' }));
    await settled();
    const id = await goldenOf(x);
    const out = await say({ kind: 'split', golden: id, records: ['b1'] });
    expect(out.golden).toHaveLength(2);
    expect(await goldenOf(x)).toBe(id);
    await settled();
    expect(b.records.get('b1')!.fields).toMatchObject({ ...SATO, title: '課長' });
    expect([a.live().length, b.live().length]).toEqual([2, 2]);
    await undo(hub.engine, syncs, out.act!.id, who);
    await settled();
    expect(
      new Set((await db.query(`select golden_id from source_record`)).map((r) => r.golden_id)).size,
    ).toBe(1);
  });

  test('a record that is split out takes along what the hub made of it: all is as before they were joined', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    await settled();
    const shown = () => [...a.live(), ...b.live()].map(({ id, fields }) => [id, fields]);
    const homes = () => db.query(`select key, golden_id from source_record order by key`);
    const [before, were] = [shown(), await homes()];
    const copy = await refusal(say({ kind: 'split', golden: await goldenOf(y), records: [y] }));
    expect([copy.kind, copy.message]).toEqual(['invalid', expect.stringMatching(/copies that the hub made/)]);
    await say({ kind: 'link', a: x, b: y });
    await settled();
    expect(shown()).not.toEqual(before);
    await say({ kind: 'split', golden: await goldenOf(x), records: [y] });
    await settled();
    expect([shown(), await homes()]).toEqual([before, were]);
  });

  test('an undone link whose records another one holds together says which', async () => {
    const [x, y, z] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA)), recordKey(b, b.put(NGOZI))];
    await settled();
    const first = await say({ kind: 'link', a: await goldenOf(x), b: await goldenOf(y) });
    const second = await say({ kind: 'link', a: await goldenOf(x), b: await goldenOf(z) });
    const out = await undo(hub.engine, syncs, first.act!.id, who);
    expect(await goldenOf(x)).toBe(await goldenOf(y));
    expect(out.still.length).toBeGreaterThan(0);
    expect(new Set(out.still.map(({ act }) => act))).toEqual(new Set([second.act!.id]));
    expect((await undo(hub.engine, syncs, second.act!.id, who)).still).toEqual([]);
    expect(new Set([await goldenOf(x), await goldenOf(y), await goldenOf(z)]).size).toBe(3);
  });

  test('one split after another: each record takes its own copies along, and no tool gets a second one', async () => {
    const [x, y, z] = [SATO, MAJA, NGOZI].map((one) => recordKey(a, a.put(one)));
    await settled();
    const homes = () => db.query(`select key, golden_id from source_record order by key`);
    const [before, made] = [await homes(), b.created];
    await say({ kind: 'link', a: x!, b: y! });
    await say({ kind: 'link', a: y!, b: z! });
    await settled();
    await say({ kind: 'split', golden: await goldenOf(z!), records: [z!] });
    await settled();
    await say({ kind: 'split', golden: await goldenOf(x!), records: [x!] });
    await settled();
    expect([await homes(), b.created]).toEqual([before, made]);
  });

  test('a copy that somebody has linked by hand stays with whom it is linked to', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    await settled();
    const copy = recordKey(b, 'b2');
    await say({ kind: 'link', a: copy, b: y });
    await settled();
    const out = await say({ kind: 'split', golden: await goldenOf(x), records: [x, x] });
    expect(out.overruled).toEqual([]);
    expect(await goldenOf(copy)).toBe(await goldenOf(y));
    expect(await goldenOf(x)).not.toBe(await goldenOf(y));
    await settled();
  });

  test('what is gone from every tool when it is parted is told as made again, and empty', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(a, a.put(MAJA))];
    hub.sync.members[1]!.writes = false;
    await settled();
    const gy = await goldenOf(y);
    const { act } = await say({ kind: 'link', a: x, b: y });
    a.remove('a2');
    await settled();
    await undo(hub.engine, syncs, act!.id, who);
    expect(await goldenOf(y)).toBe(gy);
    const told = await historyOf(db, [gy]);
    expect(told.map(({ kind }) => kind).sort()).toEqual(['created', 'created', 'emptied', 'merged']);
    expect((await goldensById(db, [gy])).get(gy)).toMatchObject({ live: false, aliasOf: null });
  });

  test('who arrives while two are one goes with the one that they belong to, and takes no golden id along', async () => {
    const [x, y] = [recordKey(b, b.put(SATO)), recordKey(a, a.put(MAJA))];
    await settled();
    const [gx, gy] = [await goldenOf(x), await goldenOf(y)];
    const { act } = await say({ kind: 'link', a: x, b: y });
    await settled();
    const came = [recordKey(a, a.put(MAJA)), recordKey(b, b.put(MAJA))];
    await settled();
    await undo(hub.engine, syncs, act!.id, who);
    await settled();
    expect([await goldenOf(x), await goldenOf(y)]).toEqual([gx, gy]);
    for (const key of came) expect(await goldenOf(key)).toBe(gy);
    // By now they are known to be born as theirs: joined anew, the oldest taken out leaves the id with them.
    await say({ kind: 'split', golden: gy, records: [y] });
    for (const key of came) expect(await goldenOf(key)).toBe(gy);
    expect(await goldenOf(y)).not.toBe(gy);
  });

  test('link, then apart: contradictions name who decided, force overrules them, and undo brings them back', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    await settled();
    const linked = await say({ kind: 'link', a: await goldenOf(x), b: await goldenOf(y) });
    expect(linked.golden).toHaveLength(1);
    await settled();
    const against = await refusal(say({ kind: 'apart', a: x, b: y }));
    expect(against.kind).toBe('conflict');
    expect(against.message).toMatch(/are one, by mika at/);
    expect(against.earlier.length).toBeGreaterThan(0);
    expect((await say({ kind: 'link', a: x, b: y })).act).toBeDefined();

    const torn = await say({ kind: 'apart', a: x, b: y }, { force: true });
    expect(await goldenOf(x)).not.toBe(await goldenOf(y));
    expect(torn.overruled.every(({ kind }) => kind === 'link')).toBe(true);
    await settled();
    expect(b.records.get('b1')!.fields).toMatchObject(MAJA);
    expect(a.records.get('a1')!.fields).toMatchObject(SATO);

    const back = await undo(hub.engine, syncs, torn.act!.id, who);
    expect(back.revived.length).toBe(torn.overruled.length);
    expect(await goldenOf(x)).toBe(await goldenOf(y));
  });

  describe('golden ids after an undo', () => {
    /** Three people, the oldest golden record first, which has fewer records than the next. */
    const people = async () => {
      const x = recordKey(a, a.put(SATO));
      await sync();
      const y = recordKey(b, b.put(NGOZI));
      const second = recordKey(b, b.put(NGOZI));
      await sync();
      const z = recordKey(b, b.put(MAJA));
      await settled();
      expect(await goldenOf(second)).toBe(await goldenOf(y));
      return { keys: [x, y, z] as const, second, ids: await homes([x, y, z]) };
    };
    const homes = async (keys: readonly string[]) => Promise.all(keys.map(goldenOf));

    test('the survivor keeps its own, though it brought fewer records; the other is no alias any more', async () => {
      const { keys, ids } = await people();
      const linked = await say({ kind: 'link', a: keys[1], b: keys[0] });
      expect(await homes(keys)).toEqual([ids[0], ids[0], ids[2]]);
      await settled();
      await undo(hub.engine, syncs, linked.act!.id, who);
      expect(await homes(keys)).toEqual(ids);
      const rows = await goldensById(db, ids);
      expect(rows.get(ids[1]!)).toMatchObject({ aliasOf: null, live: true, version: 3, values: NGOZI });
      const told = (await historyOf(db, [ids[1]!])).map(({ kind, version }) => [kind, version]);
      expect(told).toEqual([
        ['created', 1],
        ['merged', 2],
        ['created', 3],
      ]);
      await settled();
    });

    test('an alias whose records are parted from each other stays with those that its survivor keeps', async () => {
      const { keys, second, ids } = await people();
      await say({ kind: 'link', a: keys[1], b: keys[0] });
      await settled();
      const torn = await say({ kind: 'split', golden: ids[0]!, records: [second] });
      expect(await homes(keys)).toEqual([ids[0], ids[0], ids[2]]);
      expect(ids).not.toContain(await goldenOf(second));
      expect((await currentGolden(db, ids[1]!))!.id).toBe(ids[0]);
      expect(torn.golden).toHaveLength(2);
      await settled();
    });

    test('an unrelated undo renames nobody: an alias comes back from its own survivor only', async () => {
      const { keys, second, ids } = await people();
      const [x, y, z] = keys;
      await say({ kind: 'link', a: x, b: y });
      await say({ kind: 'apart', a: y, b: second }, { force: true });
      await say({ kind: 'link', a: second, b: z });
      const w = recordKey(b, b.put({ familyName: 'Zielinska', givenName: 'Anna', email: 'anna@zz.example' }));
      await sync();
      const before = await homes([...keys, second, w]);
      const link = await say({ kind: 'link', a: z, b: w });
      await undo(hub.engine, syncs, link.act!.id, who);
      expect(await homes([...keys, second, w])).toEqual(before);
      expect((await currentGolden(db, ids[1]!))!.id).toBe(await goldenOf(y));
    });

    test('undone out of order, an alias follows its records to where they are now', async () => {
      const { keys, ids } = await people();
      const [x, y, z] = keys;
      const first = await say({ kind: 'link', a: z, b: y });
      const second = await say({ kind: 'link', a: x, b: z });
      expect(await homes(keys)).toEqual([ids[0], ids[0], ids[0]]);
      await undo(hub.engine, syncs, first.act!.id, who);
      expect(await homes(keys)).toEqual([ids[0], ids[1], ids[0]]);
      expect((await currentGolden(db, ids[2]!))!.id).toBe(ids[0]);
      const into = (await historyOf(db, [ids[2]!])).flatMap(({ detail }) => {
        const { into: survivor } = detail as { into?: string };
        return survivor ? [survivor] : [];
      });
      expect(into).toEqual([ids[1], ids[0]]);
      await undo(hub.engine, syncs, second.act!.id, who);
      expect(await homes(keys)).toEqual(ids);
      await settled();
    });
  });

  test('saying the same again is no second decision', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    await sync();
    let due = 0;
    hub.engine.due = () => {
      due++;
    };
    const first = await say({ kind: 'apart', a: x, b: y });
    expect(due).toBe(1);
    const second = await decide(hub.engine, syncs, { kind: 'apart', a: y, b: x }, { by: 'ken' });
    expect(second.act).toBeUndefined();
    expect(second.already.map(({ by, act }) => [by, act])).toEqual([['mika', first.act!.id]]);
    await say({ kind: 'pin', golden: x, attribute: 'title', value: 'x' });
    expect((await say({ kind: 'pin', golden: x, attribute: 'title', value: 'x' })).already).toHaveLength(1);
  });

  test('pin: reaches every tool, outlives edits, asks before it is replaced; cleared, the records speak again', async () => {
    const x = recordKey(a, a.put({ ...SATO, title: '課長' }));
    await settled();
    const id = await goldenOf(x);
    await say({ kind: 'pin', golden: id, attribute: 'title', value: '部長' });
    await say({ kind: 'pin', golden: id, attribute: 'department', value: '営業' });
    await settled();
    for (const tool of [a, b])
      expect(tool.live()[0]!.fields).toMatchObject({ title: '部長', department: '営業' });
    b.put({ title: '社長' }, 'b1');
    await settled();
    expect(b.live()[0]!.fields.title).toBe('部長');

    const other = { kind: 'pin', golden: id, attribute: 'title', value: '係長' } as const;
    expect((await refusal(say(other))).message).toMatch(/title is pinned \(on /);
    const replaced = await say(other, { force: true });
    expect(replaced.golden[0]!.values.title).toBe('係長');
    await undo(hub.engine, syncs, replaced.act!.id, who);
    await say({ kind: 'unpin', golden: id, attribute: 'title' });
    await say({ kind: 'unpin', golden: id, attribute: 'department' });
    await settled();
    for (const tool of [a, b])
      expect(tool.live()[0]!.fields).toMatchObject({ title: '社長', department: null });
  });

  test('two people at once: one decides, the other learns who did', async () => {
    const [x, y] = [recordKey(a, a.put(SATO)), recordKey(b, b.put(MAJA))];
    await sync();
    const both = await Promise.allSettled([
      decide(hub.engine, syncs, { kind: 'link', a: x, b: y }, { by: 'mika' }),
      decide(hub.engine, syncs, { kind: 'apart', a: x, b: y }, { by: 'ken' }),
    ]);
    const lost = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    const won = both.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(lost.reason).toBeInstanceOf(DecisionError);
    expect(lost.reason.kind).toBe('conflict');
    expect((await decisionsAbout(db, [x])).filter(({ kind }) => kind !== 'pin')).toHaveLength(1);
  });

  test('a doubtful pair is decided once; later decides nothing; undone, it is a doubt again', async () => {
    const [x, y] = [
      recordKey(a, a.put({ familyName: 'Okafor', givenName: 'Ngozi', email: 'n@okafor.example' })),
      recordKey(b, b.put({ familyName: 'Okafor', givenName: 'Ngozi', email: 'ngozi@lagos.example' })),
    ];
    await sync();
    const states = () => db.query(`select state from review`);
    expect(await states()).toEqual([{ state: 'open' }]);
    expect(await decideReview(hub.engine, syncs, { a: y, b: x }, 'later', who)).toBeUndefined();
    expect(await states()).toEqual([{ state: 'later' }]);
    const both = await Promise.allSettled([
      decideReview(hub.engine, syncs, { a: x, b: y }, 'link', { by: 'mika' }),
      decideReview(hub.engine, syncs, { a: x, b: y }, 'link', { by: 'ken' }),
    ]);
    const lost = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(lost.reason.message).toMatch(/^(mika|ken) decided at .* are one$/);
    expect(await goldenOf(x)).toBe(await goldenOf(y));
    const won = both.find(({ status }) => status === 'fulfilled') as PromiseFulfilledResult<
      Awaited<ReturnType<typeof decideReview>>
    >;
    await undo(hub.engine, syncs, won.value!.act!.id, who);
    expect(await goldenOf(x)).not.toBe(await goldenOf(y));
    expect(await states()).toEqual([{ state: 'open' }]);
  });
});
