import type { ConnectorError, Cursor } from '../../../connectors/contract.ts';
import {
  addCompared,
  addDifferences,
  addSightings,
  type Compared,
  forgetSightings,
  markTwins,
  unseenPage,
} from '../../store/differences.ts';
import {
  pruneReconciles,
  type ReconcileRow,
  reconcileById,
  type SweepState,
  saveReconcile,
  takeReconcile,
} from '../../store/reconciles.ts';
import type { Reason } from '../../store/runs.ts';
import { lookUp } from '../lookup.ts';
import { plural } from '../plural.ts';
import type { Engine, Member, Sync } from '../ports.ts';
import { AlreadyRunning, runSync } from '../run.ts';
import { lackingPage } from './golden.ts';
import { isToolFailure, repairPage } from './repair.ts';
import { comparePage, readPage, type Swept } from './sweep.ts';

const LOOKUPS = 200;

/**
 * Compares everything that the tools of a sync hold with what the hub does, a page at a time; every step commits, and can be the
 * last before a kill -9. When `signal` is aborted it stops where it stands, and the next call goes on.
 */
export async function reconcileSync(
  engine: Engine,
  sync: Sync,
  id: string,
  signal: AbortSignal,
): Promise<ReconcileRow> {
  try {
    return await toItsEnd(engine, sync, id, signal);
  } finally {
    // Whoever comes may go on with what was not finished.
    await takeReconcile(engine.db, id, engine.owner, null);
  }
}

async function toItsEnd(engine: Engine, sync: Sync, id: string, signal: AbortSignal): Promise<ReconcileRow> {
  for (let rested = false; ; rested = true) {
    const row = await reconcileById(engine.db, id);
    if (!row) throw new Error(`there is no reconcile ${id}`);
    if (row.status !== 'running' || row.owner !== engine.owner || signal.aborted) return row;
    if (rested && row.state.rests) return row;
    const tools = new Map(sync.members.map(({ tool }) => [tool.name, tool]));
    const before = new Map([...tools].map(([name, tool]) => [name, tool.calls()]));
    await step(engine, sync, row, signal, (next) => {
      for (const [name, tool] of tools)
        next.apiCalls[name] = (next.apiCalls[name] ?? 0) + tool.calls() - before.get(name)!;
    });
  }
}

type Count = (row: ReconcileRow) => void;

async function step(
  engine: Engine,
  sync: Sync,
  row: ReconcileRow,
  signal: AbortSignal,
  count: Count,
): Promise<void> {
  const { state } = row;
  delete state.rests;
  const open = state.streams.find(({ phase }) => phase !== 'done');
  if (state.phase === 'sweep' && open) return sweep(engine, sync, row, open, signal, count);
  if (state.phase === 'sweep') {
    state.phase = 'golden';
    state.after = '';
  } else if (state.phase === 'golden') {
    const page = await lackingPage(engine, sync, state.after);
    state.after = page.after ?? '';
    if (page.after === null) state.phase = row.repair ? 'repair' : 'done';
    await engine.db.transaction(async (tx) => {
      if (await saveReconcile(tx, row)) await addDifferences(tx, row.id, page.differences);
    });
    return;
  } else if (state.phase === 'repair') {
    await repair(engine, sync, row, signal);
    count(row);
  } else {
    row.status = row.reasons.length > 0 ? 'incomplete' : 'complete';
    row.endedAt = engine.now().toISOString();
    await forgetSightings(engine.db, row.id);
  }
  await saveReconcile(engine.db, row);
  if (row.status !== 'running') await pruneReconciles(engine.db, sync.name);
}

async function sweep(
  engine: Engine,
  sync: Sync,
  row: ReconcileRow,
  stream: SweepState,
  signal: AbortSignal,
  count: Count,
): Promise<void> {
  const member = sync.members.find(({ mapping }) => mapping.name === stream.mapping)!;
  const { connection, object, name } = member.mapping;
  let swept: Swept = { shown: [], differences: [], verdicts: [] };
  try {
    if (stream.phase === 'read') {
      const page = await readPage(member, stream.cursor as Cursor, signal, engine.now);
      swept = await comparePage(engine, sync, member, page.changes, page.asked, signal);
      stream.cursor = page.cursor;
      stream.read += page.changes.length;
      if (page.done) stream.phase = 'unseen';
      if (page.aside > 0) row.reasons.push(asideOf(member, page.aside));
    } else swept = await lookForUnseen(engine, sync, member, row.id, stream, signal);
  } catch (error) {
    if (!isToolFailure(error)) throw error;
    if (signal.aborted) return;
    if (error.kind === 'quota') return rest(engine, row, member, error, count);
    stream.failed = {
      code: error.kind,
      connection,
      message: `${connection} ${object} was not read to its end, so what it holds is not known: ${error.message}`,
      ...(error.hint ? { hint: error.hint } : {}),
    };
    stream.phase = 'done';
    row.reasons.push(stream.failed);
  }
  count(row);
  await engine.db.transaction(async (tx) => {
    if (!(await saveReconcile(tx, row))) return;
    const fresh = await addSightings(tx, row.id, swept.shown);
    // Pages shift while they are read: a record that was shown twice keeps its first verdict.
    const before = new Set(swept.shown.filter((key) => !fresh.has(key)));
    await addDifferences(
      tx,
      row.id,
      swept.differences.filter(({ record }) => !before.has(record)),
    );
    await addCompared(
      tx,
      row.id,
      counted(
        name,
        swept.verdicts.filter(({ record }) => !before.has(record)),
      ),
    );
    if (stream.phase === 'done')
      await markTwins(tx, row.id, { mapping: name, connection, object, idField: member.idField });
  });
  engine.progress({
    run: row.id,
    sync: sync.name,
    phase: 'reconcile',
    connection,
    object,
    done: stream.read,
  });
}

const asideOf = ({ tool, mapping }: Member, n: number): Reason => ({
  code: 'unreadable',
  connection: tool.name,
  count: n,
  message: `${plural(n, 'row')} of ${tool.name} ${mapping.object} could not be read at all`,
});

/** Nothing more can be asked of the tool for now: it stays where it is, and the next call goes on. */
async function rest(
  engine: Engine,
  row: ReconcileRow,
  { mapping }: Member,
  error: ConnectorError,
  count: Count,
): Promise<void> {
  row.state.rests = {
    code: 'quota',
    connection: mapping.connection,
    message: `${mapping.connection} ${mapping.object} is not read to its end yet: ${error.message}`,
    hint: 'The next `nayose reconcile` of this sync, within two days, goes on where it stands.',
  };
  count(row);
  await saveReconcile(engine.db, row);
}

function counted(mapping: string, verdicts: Swept['verdicts']): Compared[] {
  const counts = new Map<string, Compared>();
  for (const { attribute, equal } of verdicts) {
    const row = counts.get(attribute) ?? { mapping, attribute, records: 0, equal: 0 };
    counts.set(attribute, { ...row, records: row.records + 1, equal: row.equal + (equal ? 1 : 0) });
  }
  return [...counts.values()];
}

/** Records that the tool did not show although everything was read: asked for by id, so that none is taken for lost too soon. */
async function lookForUnseen(
  engine: Engine,
  sync: Sync,
  member: Member,
  id: string,
  stream: SweepState,
  signal: AbortSignal,
): Promise<Swept> {
  const { mapping } = member;
  const unseen = await unseenPage(engine.db, id, mapping, stream.after, LOOKUPS);
  if (unseen.length === 0) {
    stream.phase = 'done';
    return { shown: [], differences: [], verdicts: [] };
  }
  stream.after = unseen.at(-1)!.key;
  const by = member.stream.read ? member.stream.read.lookupBy[0] : undefined;
  const asked = engine.now().toISOString();
  const ids = unseen.map(({ extId }) => extId);
  const changes = by === undefined ? [] : await lookUp(member, by, ids, signal);
  const swept = await comparePage(engine, sync, member, changes, asked, signal);
  const answered = new Set(changes.map((change) => change.id));
  for (const { key, extId } of unseen)
    if (!answered.has(extId))
      swept.differences.push({
        mapping: mapping.name,
        record: key,
        goldenId: null,
        attribute: '',
        class: 'lost',
        reason: `${mapping.connection} neither shows it nor says that it was deleted`,
      });
  return swept;
}

/** A page of repairs; after the last, a run delivers what they made due. */
async function repair(engine: Engine, sync: Sync, row: ReconcileRow, signal: AbortSignal): Promise<void> {
  const { state } = row;
  try {
    const page = await repairPage(engine, sync, row.id, Number(state.after || 0), signal);
    state.repaired += page.repaired;
    if (page.after !== null) {
      state.after = String(page.after);
      return;
    }
    const run = await runSync(engine, sync, { mode: 'sync', signal });
    state.run = run.id;
    if (run.status !== 'complete')
      row.reasons.push(
        ...run.reasons.map((reason) => ({ ...reason, message: `run ${run.id}: ${reason.message}` })),
      );
  } catch (error) {
    if (!isToolFailure(error) && !(error instanceof AlreadyRunning)) throw error;
    const code = isToolFailure(error) ? error.kind : 'already-running';
    row.reasons.push({ code, message: `not all was repaired: ${error.message}` });
  }
  state.phase = 'done';
}
