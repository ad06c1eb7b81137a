/** The database's disk is full at some moment of a run: nothing is half done, the status says so, and afterwards all goes on. */
import { describe, expect, test } from 'vitest';
import { type Db, StoreError } from '../../../core/store/db.ts';
import { receive } from '../../../core/store/inbox.ts';
import { pump } from '../../../core/sync/realtime.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { ATTRIBUTES, MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

/** Writes to this table fail from now on, with the database's own error, until `free`. */
async function fill(db: Db, table: string): Promise<() => Promise<void>> {
  await db.query(
    `create or replace function no_space() returns trigger language plpgsql as
     $$ begin raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100'; end $$`,
  );
  await db.query(
    `create trigger full_disk before insert or update on ${table} for each statement execute function no_space()`,
  );
  return async () => {
    await db.query(`drop trigger full_disk on ${table}`);
  };
}

function world() {
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  for (let i = 0; i < 8; i++)
    a.put({ familyName: `Family${i}`, givenName: `Given${i}`, email: `p${i}@m${i}.example`, title: 'v0' });
  b.put({ familyName: 'Family3', givenName: 'Given3', email: 'p3@m3.example', phone: '+81312345678' });
  return { a, b };
}

const shown = (tool: MemoryTool) =>
  tool
    .live()
    .map(({ fields }) => JSON.stringify(ATTRIBUTES.map((name) => fields[name] ?? null)))
    .sort();

describe.each(DATABASES)('a full disk, on $name', ({ open }) => {
  test.each(['source_record', 'match_key', 'golden', 'history', 'outbox', 'cursor', 'run'])(
    'where %s is written',
    async (table) => {
      const db = await open();
      const { a, b } = world();
      const hub = () => memoryHub(db, [a, b], { hubId: true });
      const free = await fill(db, table);
      const failed = hub();
      const error = await runSync(failed.engine, failed.sync, { mode: 'sync', signal }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ message: expect.stringMatching(/disk is full/) });
      expect((error as StoreError).hint).toContain('nothing was half done');
      const runs = await db.query<{ status: string; codes: string[] }>(
        `select status, jsonb_path_query_array(reasons, '$[*].code') as codes from run`,
      );
      // Where a run could be signed in at all, it ended with its reason.
      expect(runs).toEqual(table === 'run' ? [] : [{ status: 'incomplete', codes: ['fault'] }]);
      await free();

      const { engine, sync } = hub();
      expect(await runSync(engine, sync, { mode: 'sync', signal })).toMatchObject({
        status: 'complete',
        reasons: [],
      });
      expect(shown(a)).toEqual(shown(b));
      expect([a.live().length, b.live().length, b.created, a.noops + b.noops]).toEqual([8, 8, 7, 0]);
      const writes = a.updated + b.updated + a.created + b.created;
      await runSync(engine, sync, { mode: 'full', signal });
      expect(a.updated + b.updated + a.created + b.created).toBe(writes);
      await db.close();
    },
  );

  test('a webhook that cannot be kept is not acknowledged; one that was is worked off later', async () => {
    const db = await open();
    const { a, b } = world();
    const { engine, sync } = memoryHub(db, [a, b]);
    engine.owed = [];
    await runSync(engine, sync, { mode: 'sync', signal });
    const told = (n: number, title: string) =>
      receive(
        db,
        'a',
        [{ stream: 'people', id: `a${n}`, at: '2026-06-01T00:00:00.000Z', op: 'upsert', fields: { title } }],
        `hook-${n}`,
        new Date(Date.UTC(2026, 5, 1)),
      );
    await told(1, 'kept');
    const free = await fill(db, 'inbox');
    await expect(told(2, 'refused')).rejects.toThrow(StoreError);
    await expect(pump(engine, [sync], { signal, realtime: () => true })).rejects.toThrow(/disk is full/);
    await free();
    await pump(engine, [sync], { signal, realtime: () => true });
    expect(
      await db.query(`select values ->> 'title' as title, count(*) as n from golden group by 1 order by 1`),
    ).toEqual([
      { title: 'kept', n: 1 },
      { title: 'v0', n: 7 },
    ]);
    await db.close();
  });
});
