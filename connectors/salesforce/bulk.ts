/**
 * Writing through Bulk API 2.0: one job for thousands of rows. What we do ourselves, and why:
 *   upload      as one text. jsforce streams it, and a retry would then send an empty body.
 *   columns     all that any row has. jsforce takes the first row's; a missing cell leaves a field as it is.
 *   waiting     polled by us: jsforce deletes the job when its own time is up.
 *   results     read as text and parsed here: jsforce's parser also splits at ; and |. Matched by what a row
 *               contains, for their order means nothing; equal rows are interchangeable.
 */
import { parse } from 'csv-parse/sync';
import { ConnectorError, type Context, type Json, type Outcome } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { learnPace, waitBefore } from './cost.ts';
import type { Refused } from './failures.ts';
import { to18 } from './ids.ts';
import { call } from './session.ts';
import { failed, failedBy, type Writable, written } from './write.ts';

const NULL = '#N/A';
/** After this many polls (some ten minutes) a job is given up on: its rows are unknown, and are looked up later. */
const MOST_POLLS = 125;

type Line = Record<string, string>;

/** `byCollections` takes what a job cannot: a text that means null there, and a job that failed as a whole. */
export async function writeInBulk(
  ctx: Context<SalesforceConfig>,
  stream: string,
  ops: Writable[],
  byCollections: (ops: Writable[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const misfits = ops.filter((op) => 'fields' in op && Object.values(op.fields).includes(NULL));
  const fit = ops.filter((op) => !misfits.includes(op));
  const outcomes = (await runJob(ctx, stream, byAccount(fit))) ?? (await byCollections(fit));
  if (misfits.length === 0) return outcomes;
  return [...outcomes, ...(await byCollections(misfits))];
}

/**
 * Salesforce works on the batches of a job side by side, and a row locks its account: rows of one account that stand together
 * do not wait for each other.
 */
function byAccount(ops: Writable[]): Writable[] {
  const account = (op: Writable) => ('fields' in op ? String(op.fields.AccountId ?? '') : '');
  return ops.toSorted((a, b) => (account(a) < account(b) ? -1 : account(a) > account(b) ? 1 : 0));
}

/** Undefined: the job failed before its first row. */
async function runJob(
  ctx: Context<SalesforceConfig>,
  stream: string,
  ops: Writable[],
): Promise<Outcome[] | undefined> {
  const operation = { create: 'insert', update: 'update', delete: 'delete' } as const;
  const options = { object: stream, operation: operation[ops[0]!.op], lineEnding: 'LF' as const };
  const { columns, lines } = tableOf(ops);
  const id = await upload(ctx, options, toCsv(columns, lines));
  await call(ctx, (connection) => connection.bulk2.job('ingest', { id }).close(), true);
  try {
    const closed = ctx.now().getTime();
    const state = await settle(ctx, id);
    learnPace(ctx.config, ops.length, ctx.now().getTime() - closed);
    if (state.state === 'Failed' && state.processed === 0) {
      ctx.log.warn(
        `salesforce: bulk job ${id} failed as a whole (${state.message}); sending its rows in collections`,
      );
      return undefined;
    }
    return await collect(ctx, id, ops, columns, lines);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    ctx.log.warn(`salesforce: what became of bulk job ${id} is not known: ${error.message}`);
    return ops.map((op) => ({ key: op.key, status: 'unknown' }));
  }
}

/** Opens a job and fills it. Nothing is applied before it is closed, so whatever fails here is certain. */
async function upload(
  ctx: Context<SalesforceConfig>,
  options: { object: string; operation: 'insert' | 'update' | 'delete'; lineEnding: 'LF' },
  csv: string,
): Promise<string> {
  try {
    const { body: job } = await call(ctx, (connection) => connection.bulk2.createJob(options).open());
    const { id } = job;
    if (id === undefined) throw new ConnectorError('transient', 'Salesforce opened a bulk job without an id');
    const url = `/jobs/ingest/${encodeURIComponent(id)}/batches`;
    const headers = { 'content-type': 'text/csv; charset=UTF-8' };
    await call(ctx, (connection) => connection.request({ method: 'PUT', url, headers, body: csv }));
    return id;
  } catch (error) {
    if (!(error instanceof ConnectorError && error.maybeApplied)) throw error;
    const { kind, message, status, retryAfter, hint } = error;
    throw new ConnectorError(kind, message, {
      ...(status === undefined ? {} : { status }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

function tableOf(ops: Writable[]): { columns: string[]; lines: Line[] } {
  const records = ops.map(
    (op): Record<string, Json> => ({
      ...(op.op === 'create' ? {} : { Id: op.id }),
      ...('fields' in op ? written(op.fields) : {}),
    }),
  );
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = records.map((record) =>
    Object.fromEntries(columns.map((name) => [name, name in record ? cell(record[name]!) : ''])),
  );
  return { columns, lines };
}

/** An empty cell leaves a field as it is; clearing it takes a mark. */
function cell(value: Json): string {
  if (value === null || value === '') return NULL;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function toCsv(columns: string[], lines: Line[]): string {
  const quoted = (text: string) => (text === '' ? '' : `"${text.replaceAll('"', '""')}"`);
  const rows = [columns.map(quoted), ...lines.map((line) => columns.map((name) => quoted(line[name]!)))];
  return `${rows.map((row) => row.join(',')).join('\n')}\n`;
}

async function settle(ctx: Context<SalesforceConfig>, id: string) {
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    if (poll > 0) await pause(waitBefore(poll), ctx.signal);
    const { body } = await call(ctx, (connection) => connection.bulk2.job('ingest', { id }).check());
    if (typeof body !== 'object') throw new ConnectorError('transient', 'a bulk job’s state broke off');
    const { state, numberRecordsProcessed, errorMessage } = body;
    if (state === 'JobComplete' || state === 'Failed' || state === 'Aborted')
      return { state, processed: numberRecordsProcessed ?? 0, message: errorMessage ?? '' };
  }
  throw new ConnectorError('transient', `bulk job ${id} did not end`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new ConnectorError('transient', 'stopped while waiting for a bulk job', { maybeApplied: true }));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function collect(
  ctx: Context<SalesforceConfig>,
  id: string,
  ops: Writable[],
  columns: string[],
  lines: Line[],
): Promise<Outcome[]> {
  const waiting = new Map<string, Writable[]>();
  const identity = (line: Line) =>
    'Id' in line ? to18(line.Id!) : JSON.stringify(columns.map((name) => line[name] ?? ''));
  ops.forEach((op, i) => {
    const key = identity(lines[i]!);
    waiting.set(key, [...(waiting.get(key) ?? []), op]);
  });
  const job = <T>(run: (job: ReturnType<typeof handle>) => Promise<T>) =>
    call(ctx, (connection) => run(handle(connection, id)));
  const good = resultLines((await job((j) => j.getSuccessfulResults(true))).body);
  const bad = resultLines((await job((j) => j.getFailedResults(true))).body);
  const outcomes: Outcome[] = [];
  const take = (line: Line) => waiting.get(identity(line))?.shift();
  for (const line of good) {
    const op = take(line);
    if (op) outcomes.push({ key: op.key, status: 'ok', id: to18(line.sf__Id ?? '') });
  }
  for (const line of bad) {
    const op = take(line);
    if (op) outcomes.push(failedBy(op, jobErrors(line.sf__Error ?? '')));
  }
  if (outcomes.length < ops.length) {
    const rest = resultLines((await job((j) => j.getUnprocessedRecords(true))).body);
    for (const line of rest) {
      const op = take(line);
      if (op) outcomes.push(failed(op, 'transient', 'the bulk job ended before this row'));
    }
  }
  for (const op of [...waiting.values()].flat()) outcomes.push({ key: op.key, status: 'unknown' });
  return outcomes;
}

function handle(connection: Parameters<Parameters<typeof call>[1]>[0], id: string) {
  return connection.bulk2.job('ingest', { id });
}

function resultLines(body: unknown): Line[] {
  if (typeof body !== 'string') return [];
  return parse(body, { columns: true, bom: true }) as Line[];
}

/** `CODE:message:fields --`, several joined by `;`. */
function jobErrors(text: string): Refused[] {
  return text
    .split(/ --;?/)
    .filter((part) => part !== '')
    .map((part) => {
      const [code = 'UNKNOWN', ...rest] = part.split(':');
      const fields = rest.length > 1 ? rest.pop()! : '';
      return {
        code,
        message: rest.join(':'),
        fields: fields.split(',').filter((name) => /^\w+$/.test(name)),
      };
    });
}
