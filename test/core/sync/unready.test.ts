import { expect, test } from 'vitest';
import { ConnectorError } from '../../../connectors/contract.ts';
import { resumableRuns, runsOf } from '../../../core/store/runs.ts';
import { AlreadyRunning, startRun } from '../../../core/sync/run.ts';
import { leaveUnready } from '../../../core/sync/unready.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

test.each(DATABASES)('a run that cannot begin is told as a run, on $name', async ({ open }) => {
  const db = await open();
  const { engine, sync } = memoryHub(db, [new MemoryTool('a'), new MemoryTool('b')]);
  const refused = new ConnectorError('rejected', 'a has no object "people"', { hint: 'Correct the name.' });
  const spent = new ConnectorError('quota', 'a has no call left', { retryAfter: 90 });
  const later = () => new Date(engine.now().getTime() + 91_000);

  await leaveUnready(engine, sync.name, { mode: 'sync' }, refused);
  expect(await resumableRuns(db, later())).toEqual([]);
  const run = await leaveUnready(engine, sync.name, { mode: 'sync' }, spent);
  expect(await resumableRuns(db, engine.now())).toEqual([]);
  expect(await resumableRuns(db, later())).toEqual([{ id: run.id, sync: sync.name }]);
  expect(await runsOf(db, sync.name, 10)).toMatchObject([
    { status: 'incomplete', reasons: [{ code: 'quota', until: run.resumeAt }] },
    {
      status: 'incomplete',
      phase: 'done',
      endedAt: expect.any(String),
      resumeAt: null,
      reasons: [
        {
          code: 'rejected',
          message: 'the run could not begin: a has no object "people"',
          hint: 'Correct the name.',
        },
      ],
    },
  ]);

  await leaveUnready(engine, sync.name, { mode: 'plan' }, spent);
  expect(await resumableRuns(db, later())).toEqual([{ id: run.id, sync: sync.name }]);

  // It goes on with a run that a budget ended: that is not given up because a tool is down just then.
  const down = new ConnectorError('transient', 'a does not answer');
  const next = await leaveUnready(engine, sync.name, { mode: 'sync', resumes: run.id }, down);
  const muchLater = new Date(engine.now().getTime() + 3_600_000);
  expect(await resumableRuns(db, muchLater)).toEqual([{ id: next.id, sync: sync.name }]);

  // Another process is at work on it, and will say what becomes of that.
  const { id } = await startRun(engine, sync, { mode: 'sync' });
  await expect(leaveUnready(engine, sync.name, { mode: 'sync' }, refused)).rejects.toThrow(AlreadyRunning);
  expect((await runsOf(db, sync.name, 10))[0]).toMatchObject({ id, status: 'running' });
  await db.close();
});
