import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import type { Db } from '../../../core/store/db.ts';
import { optsOut } from '../../../core/sync/consent.ts';
import { DEFAULT_EDITS } from '../../../core/sync/ports.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

test('what takes a consent back: true where one is enough, false where all must agree', () => {
  const { person } = BUILTIN_ENTITIES;
  expect(optsOut(person, { optOut: true })).toBe(true);
  expect(optsOut(person, { optOut: false, email: 'a@x.example' })).toBe(false);
  const agreeing = { ...person, survivorship: { optOut: ['all' as const] } };
  expect([optsOut(agreeing, { optOut: false }), optsOut(agreeing, { optOut: true })]).toEqual([true, false]);
  expect(optsOut({ ...person, survivorship: {} }, { optOut: true })).toBe(false);
});

describe.each(DATABASES)('consent, on $name', ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  beforeEach(() => emptyStore(db));

  test('the look before an opt-out is as urgent as the opt-out', async () => {
    const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
    const hub = memoryHub(db, [a, b], { survivorship: { department: ['any'] } });
    const ids = ['n0', 'n1'].map((name) => a.put({ familyName: name, email: `${name}@x.example` }));
    await runSync(hub.engine, hub.sync, { mode: 'sync', signal });
    hub.sync.edits = { ...DEFAULT_EDITS, lookAgain: 0 };
    const { tool } = hub.sync.members[1]!;
    const { connector, context } = tool;
    const { read } = connector;
    const looks: (string | undefined)[] = [];
    let lane: string | undefined;
    tool.context = (given, asked) => {
      lane = asked;
      return context(given);
    };
    connector.read = (...call) => {
      if ('by' in call[2]) looks.push(lane);
      return read!.apply(connector, call);
    };
    a.put({ title: 'Baker' }, ids[0]);
    a.put({ department: true }, ids[1]);
    await runSync(hub.engine, hub.sync, { mode: 'sync', signal });
    expect(looks).toEqual(['consent', 'incremental']);
  });

  test('of one scheduled run, opt-outs are written before everything else, in every tool, and by the lane that knows no reserve', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new MemoryTool(name)) as [
      MemoryTool,
      MemoryTool,
      MemoryTool,
    ];
    const hub = memoryHub(db, [a, b, c], { survivorship: { department: ['any'] } });
    const written: { tool: string; op: string; out: boolean; lane: string | undefined }[] = [];
    for (const { tool } of hub.sync.members) {
      const { connector, context } = tool;
      let lane: string | undefined;
      tool.context = (given, asked) => {
        lane = asked;
        return context(given);
      };
      const { write } = connector;
      connector.write = (ctx, stream, ops) => {
        for (const op of ops)
          written.push({
            tool: tool.name,
            op: op.op,
            out: 'fields' in op && op.fields.department === true,
            lane,
          });
        return write!.call(connector, ctx, stream, ops);
      };
    }
    const names = Array.from({ length: 9 }, (_, i) => `p${i}`);
    const ids = names.map((name) =>
      a.put({ familyName: `${name}-family`, givenName: name, email: `${name}@x.example` }),
    );
    await runSync(hub.engine, hub.sync, { mode: 'sync', signal });
    written.length = 0;
    // Edits of everybody, new people, and among them two who want no more mail.
    for (const [i, id] of ids.entries()) a.put({ title: `v${i}` }, id);
    for (const name of ['n0', 'n1'])
      a.put({ familyName: `${name}-family`, givenName: name, email: `${name}@x.example` });
    for (const id of [ids[8]!, ids[4]!]) a.put({ department: true }, id);
    expect(await runSync(hub.engine, hub.sync, { mode: 'sync', signal })).toMatchObject({
      status: 'complete',
    });
    for (const tool of ['b', 'c']) {
      const own = written.filter((one) => one.tool === tool);
      expect(own.map(({ out }) => out)).toEqual([true, true, ...Array(9).fill(false)]);
      expect(own.slice(0, 2).map(({ lane }) => lane)).toEqual(['consent', 'consent']);
      expect(new Set(own.slice(2).map(({ lane }) => lane))).toEqual(new Set(['incremental']));
    }
    const first = written.slice(0, 4);
    expect(first.every(({ out }) => out)).toBe(true);
    expect(
      b
        .live()
        .filter(({ fields }) => fields.department === true)
        .map(({ fields }) => fields.givenName)
        .sort(),
    ).toEqual(['p4', 'p8']);
  });
});
