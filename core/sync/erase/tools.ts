import { ConnectorError, type Op, type Outcome, type Stream } from '../../../connectors/contract.ts';
import type { Db } from '../../store/db.ts';
import {
  type ErasureTool,
  endErasure,
  erasuresDue,
  erasureTools,
  erasureWaits,
  openErasures,
  type SettledErasure,
  settleErasures,
  takeErasures,
} from '../../store/erasures.ts';
import { forgetMessages } from '../../store/messages.ts';
import { permittedTargets } from '../../store/permits.ts';
import { forgetWebhooks, forgetWrites } from '../../store/traces.ts';
import { backoff } from '../backoff.ts';
import { sameAccount } from '../otherAccount.ts';
import { idsIn } from '../permits.ts';
import type { Engine, Member, Tool } from '../ports.ts';

/** A process that took records to erase and has not answered by then is taken for dead. */
const TAKEN_MS = 300_000;
/** Of one call. A deletion for good takes a call a record in some tools. */
const BATCH = 50;

/** Where records can be deleted. Each stands alone: a tool that is down holds up no other. */
export interface ErasingStream {
  tool: Pick<Tool, 'name' | 'connector' | 'context' | 'account'>;
  object: string;
  /** What reads it. */
  mapping: string;
  /** Throws ConnectorError when the tool does not tell its schema. */
  stream(): Promise<Stream>;
  /** The sync that carries it out, and its mapping: a plan names them. */
  by?: { sync: string; mapping: string };
}

/** Where a sync's own member can. */
export const erasingStream = ({ tool, mapping, stream }: Member, sync: string): ErasingStream => ({
  tool,
  object: mapping.object,
  mapping: mapping.name,
  stream: async () => stream,
  by: { sync, mapping: mapping.name },
});

export interface ErasedInTools {
  erased: number;
  refused: number;
  /** Tools that could not be asked, and why: their records stay queued. */
  left: { connection: string; code: string; message: string }[];
}

/**
 * Deletes in the tools what is queued there and due, and ends erasures of which nothing is left to do. Called after an erasure, by
 * runs and by sweeps, by any number of processes at once: a deletion that is sent twice does no harm.
 */
export async function eraseInTools(
  engine: Engine,
  streams: readonly ErasingStream[],
  signal: AbortSignal,
): Promise<ErasedInTools> {
  const result: ErasedInTools = { erased: 0, refused: 0, left: [] };
  const permits =
    engine.within === undefined ? null : await permittedTargets(engine.db, engine.within, 'delete');
  const due = await erasuresDue(engine.db, engine.now().toISOString());
  for (const { connection, object } of due) {
    const target = streams.find((one) => one.tool.name === connection && one.object === object);
    while (target && !signal.aborted) {
      const now = engine.now();
      const until = new Date(now.getTime() + TAKEN_MS).toISOString();
      const only = permits && idsIn(permits, connection, object);
      const rows = await takeErasures(
        engine.db,
        { connection, object },
        BATCH,
        now.toISOString(),
        until,
        only,
      );
      if (rows.length === 0) break;
      const failure = await eraseBatch(engine, target, rows, signal, result);
      if (!failure) continue;
      result.left.push({ connection, code: failure.kind, message: failure.message });
      break;
    }
  }
  if (!engine.dry) await endThose(engine);
  return result;
}

async function eraseBatch(
  engine: Engine,
  target: ErasingStream,
  rows: readonly ErasureTool[],
  signal: AbortSignal,
  result: ErasedInTools,
): Promise<ConnectorError | undefined> {
  const { outcomes, failure } = await deleteThere(engine, target, rows, signal);
  const siblings = await erasureTools(engine.db, [...new Set(rows.map(({ erasure }) => erasure))]);
  const answers = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
  const settled = rows.map((row): SettledErasure => {
    const to = becomes(row, answers.get(String(row.id)), failure, siblings);
    const wait = to.state === 'queued' ? backoff(row.attempts, engine.random(), failure?.retryAfter) : 0;
    return { id: row.id, ...to, dueAt: new Date(engine.now().getTime() + wait).toISOString() };
  });
  await settleErasures(engine.db, settled, engine.now().toISOString());
  result.erased += settled.filter(({ state }) => state === 'erased').length;
  result.refused += settled.filter(({ state }) => state === 'refused').length;
  return failure;
}

async function deleteThere(
  engine: Engine,
  { tool, object, mapping, stream, by }: ErasingStream,
  rows: readonly ErasureTool[],
  signal: AbortSignal,
): Promise<{ outcomes: Outcome[]; failure?: ConnectorError }> {
  const ops = rows.map(({ id, extId }): Op => ({ key: String(id), op: 'delete', id: extId!, forget: true }));
  try {
    const { write } = await stream();
    if (write === false || !write.ops.includes('delete') || !tool.connector.write)
      return {
        outcomes: ops.map(({ key }) => ({
          key,
          status: 'failed',
          kind: 'rejected',
          message: `${tool.name} lets nobody delete its ${object} over its API: do it there by hand`,
        })),
      };
    await sameAccount(engine, tool, [mapping], signal);
    if (engine.dry) {
      for (const { erasure, extId } of rows)
        engine.notes?.write({
          ...{ sync: by!.sync, connection: tool.name, object, mapping: by!.mapping, op: 'delete' },
          ...{ goldenId: erasure, id: extId, records: [], why: 'the person was erased', changes: [] },
        });
      return { outcomes: rows.map(({ id, extId }) => ({ key: String(id), status: 'ok', id: extId! })) };
    }
    const outcomes: Outcome[] = [];
    for (let i = 0; i < ops.length; i += write.maxBatch)
      outcomes.push(
        ...(await tool.connector.write(tool.context(signal), object, ops.slice(i, i + write.maxBatch))),
      );
    return { outcomes };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { outcomes: [], failure: error };
  }
}

/** Without an answer it is tried again: whether it was carried out or not, the next answer says. */
function becomes(
  row: ErasureTool,
  outcome: Outcome | undefined,
  failure: ConnectorError | undefined,
  siblings: readonly ErasureTool[],
): Pick<SettledErasure, 'state' | 'reason'> {
  if (outcome === undefined) return { state: 'queued', reason: failure?.message ?? 'no answer came' };
  if (outcome.status === 'unknown') return { state: 'queued', reason: 'sent, and no answer came' };
  if (outcome.status === 'ok') return { state: 'erased', reason: outcome.note ?? null };
  const { kind, message, id: into } = outcome;
  if (kind === 'gone' && into !== undefined && !isSibling(siblings, row, into))
    return {
      state: 'refused',
      reason: `merged into ${into} in the tool, which is not of this person here: look at it there, and delete it or what came from this one`,
    };
  if (kind === 'gone') return { state: 'erased', reason: 'it was not there any more' };
  if (kind === 'rejected' || kind === 'conflict') return { state: 'refused', reason: message };
  return { state: 'queued', reason: message };
}

const isSibling = (siblings: readonly ErasureTool[], row: ErasureTool, extId: string) =>
  siblings.some(
    (one) =>
      one.erasure === row.erasure &&
      one.connection === row.connection &&
      one.object === row.object &&
      one.extId === extId,
  );

/** What was under way when an erasure began left traces of its own: they go before it ends. */
async function endThose(engine: Engine): Promise<void> {
  for (const row of await openErasures(engine.db, 1000)) {
    if (await erasureWaits(engine.db, row)) continue;
    const tools = await erasureTools(engine.db, [row.id]);
    await engine.db.transaction(async (tx: Db) => {
      const goldenIds = [row.id, ...row.aliases];
      await forgetWrites(tx, { goldenIds, records: [] });
      await forgetMessages(tx, goldenIds);
      await forgetWebhooks(
        tx,
        tools.flatMap(({ connection, object, extId }) =>
          extId === null ? [] : [{ connection, object, extId }],
        ),
        [],
      );
      await endErasure(tx, row.id, engine.now().toISOString());
    });
  }
}
