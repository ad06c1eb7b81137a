import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { resumableRuns } from '../../../core/store/runs.ts';
import type { Engine } from '../../../core/sync/ports.ts';
import { runSync, Superseded, startRun } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();
const START = Date.parse('2026-05-01T09:00:00Z');

describe.each(DATABASES)('a run that a budget ended, over $name', ({ open }) => {
  let db: Db;
  let time = START;
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());

  test('says until when, is gone on with once then, and not before', async () => {
    const tools = [new MemoryTool('a'), new MemoryTool('b')];
    for (let i = 0; i < 5; i++) tools[0]!.put({ familyName: `Name${i}`, email: `p${i}@x.example` });
    const hub = memoryHub(db, tools, {});
    const engine: Engine = { ...hub.engine, now: () => new Date(time) };
    const lanes: (string | undefined)[] = [];
    let spent = true;
    const members = hub.sync.members.map((member) => {
      const { connector, context } = member.tool;
      const write: typeof connector.write = async (...given) => {
        if (spent && member.tool.name === 'b')
          throw new ConnectorError('quota', 'the day is used up', { retryAfter: 3600, hint: 'wait' });
        return connector.write!(...given);
      };
      return {
        ...member,
        tool: {
          ...member.tool,
          connector: { ...connector, write },
          context: (stop: AbortSignal, lane?: 'realtime' | 'incremental' | 'backfill') => {
            lanes.push(lane);
            return context(stop, lane);
          },
        },
      };
    });
    const sync = { ...hub.sync, members };
    const resumable = () => resumableRuns(db, engine.now());

    const first = await runSync(engine, sync, { mode: 'sync', signal });
    const until = new Date(START + 3_600_000).toISOString();
    expect(first).toMatchObject({ status: 'incomplete', resumeAt: until });
    expect(first.reasons).toContainEqual(
      expect.objectContaining({ code: 'quota', connection: 'b', until, hint: 'wait' }),
    );
    expect(new Set(lanes)).toEqual(new Set(['backfill']));
    expect(await resumable()).toEqual([]);

    time = Date.parse(until);
    expect(await resumable()).toEqual([{ id: first.id, sync: sync.name }]);
    // A plan is no run.
    const plan = await startRun(engine, sync, { mode: 'plan' });
    await db.query(`update run set status = 'complete' where id = $1`, [plan.id]);
    expect(await resumable()).toHaveLength(1);
    spent = false;
    const attempts = await Promise.allSettled(
      [1, 2, 3].map(() => runSync(engine, sync, { mode: 'sync', signal, resumes: first.id })),
    );
    const runs = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? attempt.value : []));
    expect(runs).toMatchObject([{ status: 'complete', resumeAt: null, counts: { created: 5 } }]);
    expect(await resumable()).toEqual([]);
    await expect(startRun(engine, sync, { mode: 'sync', resumes: first.id })).rejects.toThrow(Superseded);
    expect(tools[1]!.created).toBe(5);
    lanes.length = 0;
    await runSync(engine, sync, { mode: 'sync', signal });
    expect(new Set(lanes)).toEqual(new Set(['incremental']));
    await runSync(engine, sync, { mode: 'full', full: true, signal });
    expect(lanes.at(-1)).toBe('backfill');
  });
});
