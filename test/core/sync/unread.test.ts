import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { ATTRIBUTES, type MemoryHub, MemoryTool, memoryHub, plainMapping } from '../../support/memory.ts';

const MAJA = { familyName: 'Lindqvist', givenName: 'Maja', email: 'maja@north.example' };

describe.each(DATABASES)('a field that the mapping cannot read, on $name', ({ open }) => {
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
    hub = memoryHub(db, [a, b], { survivorship: { optOut: ['any'] } });
    for (const member of hub.sync.members) {
      const { name, connection } = member.mapping;
      const mapping = plainMapping(name, connection, hub.sync.entity, [...ATTRIBUTES, 'optOut']);
      member.mapping = {
        ...mapping,
        // A text that begins with a question mark is none that anybody can read.
        in: async (fields) => {
          const { values, problems } = await mapping.in(fields);
          const unread = Object.entries(fields).filter(([, value]) => String(value).startsWith('?'));
          return {
            values,
            problems: [
              ...problems,
              ...unread.map(([name, value]) => ({
                ...{ attribute: name, field: name, found: String(value) },
                message: 'cannot be read',
              })),
            ],
          };
        },
      };
    }
  });

  const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });
  const settled = async () => {
    expect((await sync()).status).toBe('complete');
    expect((await sync()).counts).toMatchObject({ created: 0, updated: 0, failed: 0 });
  };
  const shows = (tool: MemoryTool, field: string) => tool.records.get(`${tool.name}1`)!.fields[field];

  test('first seen so, it is left alone until it is emptied or corrected', async () => {
    a.put({ ...MAJA, phone: '111' });
    b.put({ ...MAJA, phone: '?' });
    await settled();
    expect(shows(b, 'phone')).toBe('?');
    a.put({ phone: '222' }, 'a1');
    await settled();
    expect(shows(b, 'phone')).toBe('?');
    b.put({ phone: null }, 'b1');
    await settled();
    expect([shows(a, 'phone'), shows(b, 'phone')]).toEqual(['222', '222']);
  });

  test('what the hub wrote, and the tool made unreadable, is written over when something else is wanted', async () => {
    a.put({ ...MAJA, phone: '111' });
    b.put(MAJA);
    b.normalise = (_, value) => (value === '111' ? '?111' : value);
    await settled();
    expect(shows(b, 'phone')).toBe('?111');
    a.put({ phone: '222' }, 'a1');
    await settled();
    expect(shows(b, 'phone')).toBe('222');
  });

  test('an opt-out is written all the same', async () => {
    a.put(MAJA);
    b.put({ ...MAJA, optOut: '?' });
    await settled();
    a.put({ optOut: true }, 'a1');
    await settled();
    expect(shows(b, 'optOut')).toBe(true);
  });
});
