import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Entity } from '../../../core/model/entity.ts';
import type { Db } from '../../../core/store/db.ts';
import { goldenPage, saveGoldens } from '../../../core/store/goldens.ts';
import { reopenEntity } from '../../../core/store/models.ts';
import { saveRecords } from '../../../core/store/records.ts';
import { decide } from '../../../core/sync/decide.ts';
import { runSync } from '../../../core/sync/run.ts';
import { whatIf } from '../../../core/sync/whatIf.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { everyRow } from '../../support/everyRow.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

const ALL = { after: '', most: Number.POSITIVE_INFINITY, samples: 10 };
const AT = '2026-01-01T00:00:00Z';

/** Telephone and department travel together, as the parts of an address do. */
function grouped({ attributes, ...rest }: Entity): Entity {
  const { phone, department } = attributes;
  return {
    ...rest,
    attributes: {
      ...attributes,
      phone: { ...phone!, group: 'desk' },
      department: { ...department!, group: 'desk' },
    },
  };
}

describe.each(DATABASES)('what other rules would change, on $name', ({ open }) => {
  let db: Db;
  let hub: MemoryHub;
  let [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  const sync = async () =>
    expect(
      (await runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal })).status,
    ).toBe('complete');
  const goldenOf = async (id: string) => {
    const key = recordKey(a, id);
    const [row] = await db.query<{ id: string }>(`select golden_id as id from source_record where key = $1`, [
      key,
    ]);
    return row!.id;
  };
  const live = async () =>
    new Map(
      (await goldenPage(db, 'person', '', 1000)).flatMap((row) =>
        row.live ? [[row.id, row.values] as const] : [],
      ),
    );

  test('is what a merge by them makes then; pins, groups and deleted records count as they do there; nothing is written', async () => {
    await emptyStore(db);
    [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    hub = memoryHub(db, [a, b]);
    hub.sync.entity = grouped(hub.sync.entity);
    const { entity } = hub.sync;
    // The later clock of b wins by `latest`.
    b.tick = 1000;
    const pair = (n: number, first: object, second: object) => {
      const same = { familyName: `Family${n}`, givenName: `Given${n}`, email: `p${n}@mail${n}.example` };
      return [a.put({ ...same, ...first }), b.put({ ...same, ...second })] as const;
    };
    const [plain] = pair(
      0,
      { title: 'of a', department: 'Sales' },
      { title: 'of b', department: 'Law', phone: '+81362061234' },
    );
    const [pinned] = pair(1, { title: 'of a' }, { title: 'of b' });
    const [gone] = pair(2, { title: 'of a' }, { title: 'of b' });
    const [dead, too] = pair(3, { title: 'of a' }, { title: 'of b' });
    pair(4, { title: 'alike' }, { title: 'alike' });
    await sync();
    const pin = { kind: 'pin', golden: await goldenOf(pinned), attribute: 'title', value: 'CEO' } as const;
    await decide(hub.engine, async () => [hub.sync], pin, { by: 'mika' });
    for (const id of [gone, dead]) a.remove(id);
    b.remove(too);
    await sync();

    const other = {
      ...entity,
      survivorship: { title: [{ prefer: ['a'] }, 'latest' as const], department: [{ prefer: ['a'] }] },
    };
    const before = await everyRow(db);
    const found = await whatIf(db, [entity, other], ALL);
    expect(await everyRow(db)).toEqual(before);

    expect(found).toMatchObject({ entity: 'person', golden: 4, differ: 2, next: null });
    const [desk, title] = found.attributes;
    expect(found.attributes).toHaveLength(2);
    expect(desk).toMatchObject({
      ...{ attribute: 'department', before: 'whole group desk', after: 'prefer a', differ: 1 },
      samples: [
        {
          ...{ golden: await goldenOf(plain), name: 'Family0 Given0', from: 'Law', to: 'Sales' },
          was: { rule: 'whole group: most complete, then latest' },
          wouldBe: { rule: 'prefer a', source: recordKey(a, plain) },
        },
      ],
    });
    expect(title).toMatchObject({ before: 'latest', after: 'prefer a, then latest', differ: 2 });
    expect(title!.samples.map(({ golden }) => golden).sort()).toEqual(
      [await goldenOf(plain), await goldenOf(gone)].sort(),
    );

    const expected = await live();
    for (const { attribute, samples } of found.attributes)
      for (const { golden, from, to } of samples) {
        expect(expected.get(golden)![attribute]).toBe(from);
        expected.set(golden, { ...expected.get(golden), [attribute]: to });
      }
    hub.sync.entity = other;
    await reopenEntity(db, 'person');
    await sync();
    expect(await live()).toEqual(expected);

    const unread = await whatIf(db, [other, other], ALL);
    expect(unread).toEqual({ entity: 'person', golden: 0, differ: 0, attributes: [], next: null });
  });

  test('goes through any number of golden records, in one call or in several', async () => {
    await emptyStore(db);
    const { entity } = memoryHub(db, []).sync;
    const ids = Array.from({ length: 1_203 }, (_, i) => `g_${String(i).padStart(5, '0')}`);
    const said = (value: string, at: string) => ({ title: { value, at } });
    const record = (connection: string, id: string, opinions: ReturnType<typeof said>) => ({
      ...{ key: `${connection}/people/${id}`, connection, object: 'people', extId: id, entity: 'person' },
      ...{ goldenId: id, opinions, seen: {}, native: {}, written: {}, at: AT, version: null, wroteAt: null },
      ...{ deleted: false, mergedInto: null, folded: null, confirm: false, dirty: false },
    });
    await saveGoldens(
      db,
      ids.map((id) => ({
        ...{ id, entity: 'person', values: {}, provenance: {}, version: 1, aliasOf: null, live: true },
        ...{ createdAt: AT, updatedAt: AT },
      })),
    );
    // In every third both say the same.
    await saveRecords(
      db,
      ids.flatMap((id, i) => [
        record('a', id, said('first', AT)),
        record('b', id, said(i % 3 === 0 ? 'first' : 'second', '2026-02-01T00:00:00Z')),
      ]),
    );
    const other = { ...entity, survivorship: { title: [{ prefer: ['a'] }] } };
    const whole = await whatIf(db, [entity, other], { ...ALL, samples: 2 });
    expect(whole).toMatchObject({ golden: 1_203, differ: 802, next: null });
    expect(whole.attributes).toMatchObject([{ attribute: 'title', differ: 802 }]);
    expect(whole.attributes[0]!.samples.map(({ golden }) => golden)).toEqual(['g_00001', 'g_00002']);

    const parts = [];
    for (let after: string | null = ''; after !== null; after = parts.at(-1)!.next)
      parts.push(await whatIf(db, [entity, other], { after, most: 700, samples: 0 }));
    expect(parts.map(({ golden, next }) => [golden, next])).toEqual([
      [700, 'g_00699'],
      [503, null],
    ]);
    expect(parts.reduce((sum, { differ }) => sum + differ, 0)).toBe(802);
  });
});
