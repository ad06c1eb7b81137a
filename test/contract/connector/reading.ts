import { expect } from 'vitest';
import type { Stream } from '../../../connectors/contract.ts';
import { type Harness, pick, type Rig, state } from './harness.ts';
import type { Property } from './kit.ts';

/** Longer than any connector's overlap, so that only its cursor can find what changed. */
const LATER = 3600;
/** All of them share it, and it lies within one second. */
const SHARED_TIME = '2026-03-02T03:30:00.000Z';

async function streamOf<C>(rig: Rig<C>): Promise<Stream> {
  return (await rig.harness.connector.discover(rig.context(), [rig.harness.stream]))[0]!;
}

export function readProperties<C>(harness: Harness<C>, property: Property<C>): void {
  const { many, changed, key } = harness;
  const edited = (n: number) => ({ [changed]: harness.sample(100_000 + n)[changed]! });

  property('nothing to read is one page, done', async (rig) => {
    rig.tool.seed([]);
    const { changes, pages } = await rig.scan({ since: null });
    expect(changes).toEqual([]);
    expect(pages).toBe(1);
  });

  property('paging ends, each page in a new context, and every record comes as it is', async (rig) => {
    const ids = rig.seedMany(many);
    rig.clock.pass(LATER);
    const { changes, pages } = await rig.scan({ since: null });
    const read = state(changes);
    expect(pages).toBeGreaterThan(2);
    expect([...read.keys()].sort()).toEqual([...ids].sort());
    for (const [n, id] of ids.entries()) expect(pick(read.get(id), rig.sample(n))).toEqual(rig.sample(n));
    for (const change of changes) {
      expect(change.stream).toBe(harness.stream);
      expect(new Date(change.at).toISOString()).toBe(change.at);
    }
  });

  property('a page read twice from one cursor is the same page', async (rig) => {
    rig.seedMany(many);
    rig.clock.pass(LATER);
    const first = await rig.page({ since: null });
    const [one, other] = [await rig.page({ since: first.cursor }), await rig.page({ since: first.cursor })];
    expect(one.changes.map(({ id }) => id)).toEqual(other.changes.map(({ id }) => id));
  });

  property('records that share one time are all read, in a full read and after a cursor', async (rig) => {
    const [before] = rig.tool.seed([{ fields: rig.sample(90_000), at: '2026-03-02T02:00:00.000Z' }]);
    const start = await rig.scan({ since: null });
    rig.clock.pass(2 * LATER);
    const ids = rig.seedMany(many, SHARED_TIME);
    const after = await rig.scan({ since: start.cursor });
    expect([...state(after.changes).keys()]).toEqual(expect.arrayContaining(ids));
    const full = await rig.scan({ since: null });
    expect([...state(full.changes).keys()].sort()).toEqual([before!, ...ids].sort());
  });

  for (const from of ['a full read', 'a cursor'] as const)
    property(
      `records changed, made and deleted in the middle of a scan from ${from} are not lost`,
      async (rig) => {
        const since = from === 'a cursor' ? (await rig.scan({ since: null })).cursor : null;
        rig.clock.pass(LATER);
        const ids = rig.seedMany(many, rig.clock.now().toISOString());
        rig.clock.pass(60);
        const last = ids.at(-1)!;
        const added: string[] = [];
        const scan = await rig.scan({ since }, (pages) => {
          rig.clock.pass(2);
          if (pages > 1) return;
          rig.tool.edit(ids[0]!, edited(1));
          rig.tool.edit(last, edited(2));
          rig.tool.remove(ids[1]!);
          added.push(...rig.tool.seed([{ fields: rig.sample(90_001), at: rig.clock.now().toISOString() }]));
        });
        rig.clock.pass(LATER);
        const next = await rig.scan({ since: scan.cursor });
        const read = state([...scan.changes, ...next.changes]);
        expect(pick(read.get(ids[0]!), edited(1))).toEqual(edited(1));
        expect(pick(read.get(last), edited(2))).toEqual(edited(2));
        expect(pick(read.get(added[0]!), rig.sample(90_001))).toEqual(rig.sample(90_001));
        expect(ids.filter((id) => id !== ids[1] && !read.has(id))).toEqual([]);
      },
    );

  property('after a scan, what changes is read, once the tool is otherwise still', async (rig) => {
    const ids = rig.seedMany(5);
    rig.clock.pass(LATER);
    const first = await rig.scan({ since: null });
    rig.clock.pass(LATER);
    rig.tool.edit(ids[2]!, edited(3));
    rig.clock.pass(LATER);
    const second = await rig.scan({ since: first.cursor });
    expect(pick(state(second.changes).get(ids[2]!), edited(3))).toEqual(edited(3));
  });

  property('an incremental read leaves out what is old; any other reads everything', async (rig) => {
    const { read } = await streamOf(rig);
    const ids = rig.seedMany(5);
    rig.clock.pass(LATER);
    const first = await rig.scan({ since: null });
    rig.clock.pass(LATER);
    const still = await rig.scan({ since: first.cursor });
    rig.clock.pass(LATER);
    const last = state((await rig.scan({ since: still.cursor })).changes);
    expect([...last.keys()].sort()).toEqual(
      typeof read === 'object' && read.incremental ? [] : [...ids].sort(),
    );
  });

  property('a delete is told, where the tool tells deletes', async (rig) => {
    const { read } = await streamOf(rig);
    const ids = rig.seedMany(3);
    rig.clock.pass(LATER);
    const first = await rig.scan({ since: null });
    rig.clock.pass(LATER);
    rig.tool.remove(ids[1]!);
    rig.clock.pass(LATER);
    const second = state((await rig.scan({ since: first.cursor })).changes);
    if (read && read.deletes !== 'none') expect(second.get(ids[1]!)).toBeNull();
    const full = state((await rig.scan({ since: null })).changes);
    expect(full.get(ids[1]!) ?? null).toBeNull();
    expect(full.get(ids[0]!)).toBeTruthy();
  });

  property('records are found by id and by key, as many as there are, and no others', async (rig) => {
    const { read } = await streamOf(rig);
    if (!read) throw new Error('the kit’s stream cannot be read');
    const ids = rig.seedMany(many);
    rig.clock.pass(LATER);
    const find = async (by: string, values: string[]) =>
      [...state((await rig.scan({ by, in: values })).changes)].filter(([, fields]) => fields !== null);
    const byId = await find(read.lookupBy[0]!, [ids[0]!, harness.missingId, ids.at(-1)!]);
    expect(byId.map(([id]) => id).sort()).toEqual([ids[0]!, ids.at(-1)!].sort());
    const wanted = [0, 1, many - 1].map((n) => String(rig.sample(n)[key]));
    const byKey = await find(key, [...wanted, 'nobody-has-this@example.com']);
    expect(byKey.map(([id]) => id).sort()).toEqual([ids[0]!, ids[1]!, ids.at(-1)!].sort());
    expect(await find(key, ['o\'neill\\ 100% "x" ; ,@example.com'])).toEqual([]);
    expect(await find(key, [])).toEqual([]);
    const all = await find(
      key,
      ids.map((_, n) => String(rig.sample(n)[key])),
    );
    expect(all).toHaveLength(many);
  });

  property('a cursor of some other connector is refused as such', async (rig) => {
    rig.seedMany(1);
    for (const since of [{ of: 'another' }, 'x', 7])
      await expect(rig.page({ since })).rejects.toMatchObject({ kind: 'rejected' });
  });
}
