/** Bulk API 2.0: ingest and query jobs over CSV. A job is carried out when it is closed. */
import { parse as parseCsv } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Context, Hono } from 'hono';
import type { Json } from '../../contract.ts';
import { insertRow, removeRow, requireTable, type Saved, updateRow, upsertRow } from './dml.ts';
import { Refusal, type RowError, refuse } from './errors.ts';
import type { Env } from './gate.ts';
import { bodyOf } from './rest.ts';
import { parse as parseSoql } from './soql/parse.ts';
import { column, select } from './soql/run.ts';
import type { World } from './world.ts';

type Line = Record<string, string>;

interface Job {
  id: string;
  operation: string;
  object: string;
  key: string | undefined;
  state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';
  error: string | undefined;
  lines: Line[];
  columns: string[];
  good: { line: Line; id: string; created: boolean }[];
  bad: { line: Line; errors: RowError[] }[];
  /** Polls that still see the job at work. */
  busy: number;
  query: Line[];
}

export type Jobs = Map<string, Job>;

export function bulkRoutes(app: Hono<Env>, world: World, jobs: Jobs): void {
  const ingest = '/services/data/:v/jobs/ingest';
  const jobOf = (c: Context<Env>): Job => {
    const job = jobs.get(c.req.param('id')!);
    if (job === undefined) throw refuse(404, 'NOTFOUND', 'The requested resource does not exist');
    return job;
  };
  const open = (operation: string, object: string, key?: string): Job => {
    const id = `7505g${String(jobs.size + 1).padStart(10, '0')}AAA`;
    const job: Job = {
      id,
      operation,
      object,
      key,
      state: 'Open',
      error: undefined,
      lines: [],
      columns: [],
      good: [],
      bad: [],
      busy: 1,
      query: [],
    };
    jobs.set(id, job);
    return job;
  };
  const poll = (job: Job) => {
    if (job.state !== 'UploadComplete' && job.state !== 'InProgress') return;
    job.state = job.busy > 0 ? 'InProgress' : 'JobComplete';
    job.busy -= 1;
  };

  app.post(ingest, async (c) => {
    const body = await bodyOf(c);
    const table = requireTable(world, String(body.object));
    const key = body.externalIdFieldName === undefined ? undefined : String(body.externalIdFieldName);
    return c.json(info(open(String(body.operation), table.spec.name, key)));
  });
  app.put(`${ingest}/:id/batches`, async (c) => {
    const job = jobOf(c);
    const rows = parseCsv(await c.req.text(), { bom: true }) as string[][];
    const [columns = [], ...lines] = rows;
    job.columns = columns;
    job.lines = lines.map((line) => Object.fromEntries(columns.map((name, i) => [name, line[i]!])));
    return c.body(null, 201);
  });
  app.patch(`${ingest}/:id`, async (c) => {
    const job = jobOf(c);
    const { state } = await bodyOf(c);
    if (state === 'Aborted') job.state = 'Aborted';
    else if (state === 'UploadComplete' && job.state === 'Open') {
      job.state = 'UploadComplete';
      carryOut(world, job);
    } else throw refuse(400, 'INVALIDJOBSTATE', `Cannot move a job from ${job.state} to ${state}`);
    return c.json(info(job));
  });
  app.get(`${ingest}/:id`, (c) => {
    const job = jobOf(c);
    poll(job);
    return c.json(info(job));
  });
  app.delete(`${ingest}/:id`, (c) => {
    jobs.delete(jobOf(c).id);
    return c.body(null, 204);
  });
  app.get(`${ingest}/:id/successfulResults`, (c) => {
    const { good, columns } = jobOf(c);
    const lines = good.map(({ line, id, created }) => ({
      sf__Id: id,
      sf__Created: String(created),
      ...line,
    }));
    return csv(c, lines, ['sf__Id', 'sf__Created', ...columns]);
  });
  app.get(`${ingest}/:id/failedResults`, (c) => {
    const { bad, columns } = jobOf(c);
    const say = (errors: RowError[]) =>
      errors.map((e) => `${e.statusCode}:${e.message}:${e.fields.join(',')} --`).join(';');
    const lines = bad.map(({ line, errors }) => ({ sf__Id: line.Id ?? '', sf__Error: say(errors), ...line }));
    return csv(c, lines, ['sf__Id', 'sf__Error', ...columns]);
  });
  app.get(`${ingest}/:id/unprocessedrecords`, (c) => {
    const job = jobOf(c);
    return csv(c, job.state === 'Failed' ? job.lines : [], job.columns);
  });

  const queries = '/services/data/:v/jobs/query';
  app.post(queries, async (c) => {
    const body = await bodyOf(c);
    const query = parseSoql(String(body.query));
    const table = requireTable(world, query.object);
    const job = open(String(body.operation), table.spec.name);
    const columns = query.fields.map((name) => column(world, table.spec, name));
    job.columns = columns.map((col) => col.path.join('.'));
    job.query = select(world, table, query, body.operation === 'queryAll').map((row) =>
      Object.fromEntries(columns.map((col) => [col.path.join('.'), text(col.read(row))])),
    );
    job.state = 'UploadComplete';
    return c.json(info(job));
  });
  app.get(`${queries}/:id`, (c) => {
    const job = jobOf(c);
    poll(job);
    return c.json(info(job));
  });
  app.get(`${queries}/:id/results`, (c) => {
    const job = jobOf(c);
    const from = Number(c.req.query('locator') ?? 0);
    const most = Number(c.req.query('maxRecords') ?? 10_000);
    const end = from + most;
    c.header('Sforce-Locator', end < job.query.length ? String(end) : 'null');
    c.header('Sforce-NumberOfRecords', String(Math.min(end, job.query.length) - from));
    return csv(c, job.query.slice(from, end), job.columns);
  });
}

function carryOut(world: World, job: Job): void {
  const table = requireTable(world, job.object);
  const unknown = job.columns.find((name) => !table.spec.fields.has(name.toLowerCase()));
  if (unknown !== undefined) {
    job.state = 'Failed';
    job.error = `InvalidBatch : Field name not found : ${unknown}`;
    return;
  }
  for (const line of job.lines) {
    const fields: Record<string, Json> = {};
    for (const [name, cell] of Object.entries(line))
      if (name !== 'Id' && cell !== '') fields[name] = cell === '#N/A' ? null : cell;
    const saved = row(() => {
      if (job.operation === 'insert') return insertRow(world, table, fields);
      if (job.operation === 'update') return updateRow(world, table, line.Id ?? '', fields);
      if (job.operation === 'delete') return removeRow(world, table, line.Id ?? '');
      return upsertRow(world, table, job.key ?? '', fields);
    });
    if ('errors' in saved) job.bad.push({ line, errors: saved.errors });
    else job.good.push({ line, ...saved });
  }
}

/** In a job a mistyped value fails its own row only. */
function row(act: () => Saved): Saved {
  try {
    return act();
  } catch (error) {
    if (error instanceof Refusal) return { errors: error.errors };
    throw error;
  }
}

function info(job: Job) {
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    state: job.state,
    apiVersion: 62,
    contentType: 'CSV',
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
    contentUrl: `services/data/v62.0/jobs/ingest/${job.id}/batches`,
    numberRecordsProcessed: job.state === 'JobComplete' ? job.good.length + job.bad.length : 0,
    numberRecordsFailed: job.state === 'JobComplete' ? job.bad.length : 0,
    ...(job.error ? { errorMessage: job.error } : {}),
  };
}

const text = (value: Json) =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

function csv(c: Context<Env>, lines: Line[], columns: string[]) {
  const body = stringify(lines, { header: true, columns, quoted: true });
  return c.body(body, 200, { 'content-type': 'text/csv' });
}
