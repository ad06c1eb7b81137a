import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMatchers } from '../../../api/runtime/matchers.ts';
import type { Db } from '../../../core/store/db.ts';
import { saveDecision } from '../../../core/store/decisions.ts';
import { activeModel, modelVersions } from '../../../core/store/models.ts';
import { countDirty } from '../../../core/store/records.ts';
import { learn } from '../../../core/sync/learn.ts';
import { restoreModel } from '../../../core/sync/restoreModel.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const FAMILIES = ['勅使河原', '小鳥遊', '四月一日', '月見里', '薬袋'];
const GIVEN = ['誠', '花子', '健', '彩', '翔', '葵'];

describe.each(DATABASES)('learning from the stored records, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('shows without a trace; applied, it is a version that is used at once, and every record is matched anew', async () => {
    const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    a.pageSize = b.pageSize = 50;
    const hub = memoryHub(db, [a, b]);
    const { entity } = hub.sync;
    const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
    const options = { by: 'mika', now: new Date('2026-03-01T00:00:00Z'), sample: 1000 };
    await expect(learn(db, entity, { ...options, apply: true })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/has 0 records; at least 20/),
    });
    await expect(learn(db, { ...entity, base: 'none' }, { ...options, apply: true })).rejects.toMatchObject({
      kind: 'invalid',
    });

    for (const [i, familyName] of FAMILIES.entries())
      for (const [j, givenName] of GIVEN.entries())
        for (const tool of [a, b]) tool.put({ familyName, givenName, email: `p${i}${j}@mail${i}.example` });
    expect((await sync()).status).toBe('complete');

    const shown = await learn(db, entity, { ...options, apply: false });
    expect(shown).toMatchObject({ records: 60, versionBefore: null, version: null, reopened: 0 });
    expect(shown.pairs).toBe(shown.after.link + shown.after.review + shown.after.apart);
    expect(shown.weights.some(({ before, after }) => before !== after)).toBe(true);
    expect(await learn(db, entity, { ...options, apply: false })).toEqual(shown);
    expect(await countDirty(db, entity.name)).toBe(0);
    expect(await db.query(`select 1 from match_model`)).toEqual([]);

    // A person's word on two whom nothing joins is learnt from; a word that was taken back is not.
    const word = {
      entity: entity.name,
      kind: 'link' as const,
      attribute: null,
      value: null,
      by: 'mika',
      at: '2026-03-01T00:00:00Z',
    };
    const [one, two] = (
      await db.query<{ key: string }>(`select key from source_record where key like 'a/%' order by key`)
    ).map(({ key }) => key);
    await saveDecision(db, { ...word, id: 'd1', a: one!, b: two! });
    const taught = await learn(db, entity, { ...options, sample: 30, apply: false });
    expect(taught.decisions).toBe(1);
    const weight = ({ weights }: typeof taught, comparison: string, level: string) =>
      weights.find((w) => w.comparison === comparison && w.level === level)!.after;
    await db.query(`update decision set undone_at = now()`);
    const untaught = await learn(db, entity, { ...options, sample: 30, apply: false });
    expect(untaught.decisions).toBe(0);
    expect(weight(taught, 'email', 'different')).toBeGreaterThan(weight(untaught, 'email', 'different'));

    const matchers = createMatchers(db);
    const shipped = (await matchers([entity])).get(entity.name)!;
    const first = await learn(db, entity, { ...options, apply: true });
    expect(first).toMatchObject({ version: 1, reopened: 60 });
    const learnt = (await matchers([entity])).get(entity.name)!;
    expect(learnt).not.toBe(shipped);
    expect((await matchers([entity])).get(entity.name)).toBe(learnt);

    hub.sync.matcher = learnt;
    expect((await sync()).counts).toMatchObject({ created: 0, updated: 0 });
    expect(await countDirty(db, entity.name)).toBe(0);

    expect(await learn(db, entity, { ...options, apply: true })).toMatchObject({
      versionBefore: 1,
      version: 2,
    });
    expect(await db.query(`select version, active from match_model order by version`)).toEqual([
      { version: 1, active: false },
      { version: 2, active: true },
    ]);

    const versions = async () =>
      (await modelVersions(db, entity.name, { before: null, limit: 10 })).map(({ version, active }) => [
        version,
        active,
      ]);
    const use = async () => (await matchers([entity])).get(entity.name)!;
    const second = await use();
    await sync();
    expect(await restoreModel(db, entity, 1)).toEqual({
      ...{ entity: entity.name, versionBefore: 2, version: 1, reopened: 60 },
    });
    expect(await versions()).toEqual([
      [2, false],
      [1, true],
    ]);
    expect(await countDirty(db, entity.name)).toBe(60);
    expect(await use()).not.toBe(second);
    expect((await activeModel(db, entity.name))!.version).toBe(1);

    await sync();
    expect(await restoreModel(db, entity, 1)).toMatchObject({ versionBefore: 1, reopened: 0 });
    expect(await countDirty(db, entity.name)).toBe(0);
    for (const [wrong, version, kind] of [
      [entity, 3, 'unknown'],
      [{ ...entity, base: 'company' as const }, 2, 'invalid'],
    ] as const)
      await expect(restoreModel(db, wrong, version)).rejects.toMatchObject({ kind });
    expect(await versions()).toEqual([
      [2, false],
      [1, true],
    ]);

    expect(await restoreModel(db, entity, 0)).toMatchObject({ versionBefore: 1, version: 0, reopened: 60 });
    expect(await activeModel(db, entity.name)).toBe(undefined);
    // What is learnt next is a version of its own: none is ever taken for another.
    expect(await learn(db, entity, { ...options, apply: true })).toMatchObject({
      ...{ versionBefore: null, version: 3 },
    });
    expect(await versions()).toEqual([
      [3, true],
      [2, false],
      [1, false],
    ]);
  });
});
