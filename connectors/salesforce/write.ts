/**
 * Writing through collections: 200 rows a call, each with its own outcome. What each kind of end means:
 *   answered             outcomes row by row
 *   refused (400)        nothing was applied, and one row may be to blame: it is found by halving
 *   refused (401, 429…)  nothing was applied: the whole write fails with that kind, unless earlier calls of it
 *                        have outcomes to keep; then only the rest does
 *   no whole answer, 5xx it may have been applied: 'unknown', and what was not sent yet is left for later
 */
import { z } from 'zod';
import { ConnectorError, type Context, type Fields, type Op, type Outcome } from '../contract.ts';
import { writeInBulk } from './bulk.ts';
import type { SalesforceConfig } from './config.ts';
import { COLLECTION, type JobPace, paceOf, paysAsJob, takesJobs } from './cost.ts';
import { fieldsOf, kindOf, otherId, plainMessage, type Refused, refusals, rowErrors } from './failures.ts';
import type { Connection } from './http.ts';
import { to15, to18 } from './ids.ts';
import { call } from './session.ts';
import { identifier } from './soql.ts';
import { withSurvivors } from './survivors.ts';

const ALLOW_DUPLICATES = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' };

export type Create = Extract<Op, { op: 'create' }>;
export type Update = Extract<Op, { op: 'update' }>;
export type Delete = Extract<Op, { op: 'delete' }>;
export type Writable = Create | Update | Delete;

/** What jsforce makes of the answer without a body that a single update gets. */
const SavedOne = z.object({ success: z.literal(true) });
const Saved = z.array(
  z.object({ id: z.string().nullish(), success: z.boolean(), errors: rowErrors.nullish() }),
);

export async function write(ctx: Context<SalesforceConfig>, stream: string, ops: Op[]): Promise<Outcome[]> {
  identifier(stream, false);
  const outcomes: Outcome[] = [];
  const plain: Writable[] = [];
  const single: Update[] = [];
  for (const op of ops) {
    if (op.op === 'merge')
      outcomes.push(failed(op, 'rejected', 'the Salesforce connector does not merge records'));
    else if (op.op === 'update' && op.ifVersion !== undefined) single.push(op);
    else plain.push(op);
  }
  const batches: (() => Promise<Outcome[]>)[] = [];
  const order: Writable[][] = [];
  const add = (batch: Writable[], run: () => Promise<Outcome[]>) => {
    order.push(batch);
    batches.push(run);
  };
  for (const kind of ['create', 'update', 'delete'] as const) {
    const same = plain.filter((op) => op.op === kind);
    if (asJob(ctx.config, same.length, paceOf(ctx.config)))
      add(same, () => writeInBulk(ctx, stream, same, (rest) => collections(ctx, stream, rest)));
    else for (const batch of batchesOf(same)) add(batch, () => collection(ctx, stream, batch));
  }
  for (const op of single) add([op], () => guarded(ctx, stream, op));
  for (const [i, run] of batches.entries()) {
    try {
      outcomes.push(...(await run()));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (!error.maybeApplied && outcomes.length === 0) throw error;
      if (error.maybeApplied) outcomes.push(...order[i]!.map(unknown));
      const left = order.slice(error.maybeApplied ? i + 1 : i).flat();
      outcomes.push(...left.map((op) => failed(op, error.kind, `not sent: ${error.message}`)));
      break;
    }
    // A batch with unanswered rows: the connection is in doubt, so nothing more is risked on it now.
    if (outcomes.some((one) => one.status === 'unknown')) {
      const left = order.slice(i + 1).flat();
      outcomes.push(...left.map((op) => failed(op, 'transient', 'not sent: the call before had no answer')));
      break;
    }
  }
  return withSurvivors(ctx, stream, ops, outcomes);
}

const BIN = 'Salesforce keeps it in its recycle bin for 15 days; empty it there';

function asJob(config: SalesforceConfig, rows: number, pace: JobPace): boolean {
  const { bulkThreshold } = config;
  if (!takesJobs(config)) return false;
  return bulkThreshold === undefined ? paysAsJob(rows, pace) : rows >= bulkThreshold;
}

const unknown = (op: Op): Outcome => ({ key: op.key, status: 'unknown' });

export function failed(
  op: Op,
  kind: ConnectorError['kind'],
  message: string,
  detail: { fields?: string[]; id?: string } = {},
): Outcome {
  return { key: op.key, status: 'failed', kind, message, ...detail };
}

export function failedBy(op: Op, errors: Refused[]): Outcome {
  const fields = fieldsOf(errors);
  const id = otherId(errors);
  return failed(op, kindOf(errors), plainMessage(errors), {
    ...(fields.length > 0 ? { fields } : {}),
    ...(id === undefined ? {} : { id }),
  });
}

/** Salesforce refuses a record that is twice in one collection: its second op waits for the next. */
function batchesOf(ops: Writable[]): Writable[][] {
  const batches: { ops: Writable[]; ids: Set<string> }[] = [];
  let first = 0;
  for (const op of ops) {
    const id = op.op === 'create' ? undefined : to15(op.id);
    let at = first;
    const fits = (batch: (typeof batches)[number] | undefined) =>
      batch === undefined || (batch.ops.length < COLLECTION && (id === undefined || !batch.ids.has(id)));
    while (!fits(batches[at])) at += 1;
    batches[at] ??= { ops: [], ids: new Set() };
    batches[at]!.ops.push(op);
    if (id !== undefined) batches[at]!.ids.add(id);
    while ((batches[first]?.ops.length ?? 0) === COLLECTION) first += 1;
  }
  return batches.map((batch) => batch.ops);
}

/** Any number of rows; a call that fails as a whole is told row by row, so that the others keep their outcomes. */
async function collections(
  ctx: Context<SalesforceConfig>,
  stream: string,
  ops: Writable[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const batches = batchesOf(ops);
  for (const [i, batch] of batches.entries())
    try {
      outcomes.push(...(await collection(ctx, stream, batch)));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const left = batches.slice(i + 1).flat();
      const mine = error.maybeApplied
        ? batch.map(unknown)
        : batch.map((op) => failed(op, error.kind, error.message));
      return [
        ...outcomes,
        ...mine,
        ...left.map((op) => failed(op, error.kind, `not sent: ${error.message}`)),
      ];
    }
  return outcomes;
}

/**
 * One call, or several where a row spoils it: rows that carry a refused column fail at once, and where the
 * culprit is not named, the halves are tried in turn.
 */
async function collection(
  ctx: Context<SalesforceConfig>,
  stream: string,
  ops: Writable[],
): Promise<Outcome[]> {
  try {
    const { body } = await call(ctx, (connection) => send(connection, stream, ops, ctx.config), true);
    const saved = Saved.safeParse(body);
    if (!saved.success || saved.data.length !== ops.length) throw unreadable();
    return ops.map((op, i) => {
      const { success, id, errors } = saved.data[i]!;
      if (!success) return failedBy(op, errors ?? []);
      const note = op.op === 'delete' && op.forget ? { note: BIN } : {};
      return { key: op.key, status: 'ok', id: to18(id ?? ('id' in op ? op.id : '')), ...note };
    });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.status === undefined || !spoilt(error)) throw error;
    const errors = refusals(error.cause);
    if (ops.length === 1) return [failedBy(ops[0]!, errors)];
    const columns = errors.some((one) => one.code === 'INVALID_FIELD') ? fieldsOf(errors) : [];
    const guilty = ops.filter((op) => 'fields' in op && columns.some((name) => name in op.fields));
    if (guilty.length > 0) {
      const rest = await collections(
        ctx,
        stream,
        ops.filter((op) => !guilty.includes(op)),
      );
      return [...guilty.map((op) => failedBy(op, errors)), ...rest];
    }
    const half = Math.ceil(ops.length / 2);
    const first = await collections(ctx, stream, ops.slice(0, half));
    return [...first, ...(await collections(ctx, stream, ops.slice(half)))];
  }
}

const unreadable = () =>
  new ConnectorError('transient', 'Salesforce’s answer to a write broke off or cannot be read', {
    maybeApplied: true,
  });

/** A 400 (or 404 for the object) about the request's content: sending less of it may succeed. */
const spoilt = (error: ConnectorError) =>
  (error.status === 400 || error.status === 404) && ['rejected', 'conflict', 'gone'].includes(error.kind);

function send(
  connection: Connection,
  stream: string,
  ops: Writable[],
  { allowDuplicates }: SalesforceConfig,
): Promise<unknown> {
  const headers = allowDuplicates ? ALLOW_DUPLICATES : {};
  const [first] = ops;
  if (first!.op === 'delete')
    return connection.destroy(
      stream,
      ops.map((op) => ('id' in op ? op.id : '')),
    );
  const records = ops.map((op) => {
    if (op.op === 'create') return { ...written(op.fields) };
    return op.op === 'update' ? { ...written(op.fields), Id: op.id } : { Id: op.id };
  });
  if (first!.op === 'create') return connection.create(stream, records, { allOrNone: false, headers });
  return connection.update(stream, records as { Id: string }[], { allOrNone: false, headers });
}

/** Salesforce takes a multi-select as one text. */
export function written(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.join(';') : value]),
  );
}

/**
 * An update that must not overwrite a person's edit. Salesforce compares whole seconds of LastModifiedDate, so an
 * edit in the very second of `ifVersion` passes unseen.
 */
async function guarded(ctx: Context<SalesforceConfig>, stream: string, op: Update): Promise<Outcome[]> {
  const headers = {
    'If-Unmodified-Since': new Date(op.ifVersion!).toUTCString(),
    ...(ctx.config.allowDuplicates ? ALLOW_DUPLICATES : {}),
  };
  try {
    const record = { ...written(op.fields), Id: op.id };
    const { body } = await call(ctx, (connection) => connection.update(stream, record, { headers }), true);
    // A proxy's page with status 200 is no answer of Salesforce's.
    if (!SavedOne.safeParse(body).success) throw unreadable();
    return [{ key: op.key, status: 'ok', id: to18(op.id) }];
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.status === 412)
      return [failed(op, 'conflict', 'the record was changed in Salesforce after it was read')];
    if (error.status === 404) return [{ ...failedBy(op, refusals(error.cause)), kind: 'gone' } as Outcome];
    if (error.status !== 400) throw error;
    return [failedBy(op, refusals(error.cause))];
  }
}
