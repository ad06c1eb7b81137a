/** Metadata, SOQL, and single records. */
import type { Context, Hono } from 'hono';
import type { Json } from '../../contract.ts';
import { isId, to15 } from '../ids.ts';
import { describeObject, describeSummary } from './describe.ts';
import { insertRow, removeRow, requireTable, type Saved, updateRow, upsertRow } from './dml.ts';
import { Refusal, refuse } from './errors.ts';
import type { Env, Gate } from './gate.ts';
import { parse, type Query } from './soql/parse.ts';
import { type Column, column, render, select } from './soql/run.ts';
import { stamp } from './values.ts';
import { findRow, isDeleted, type Row, type Table, type World } from './world.ts';

interface Locator {
  rows: Row[];
  object: string;
  columns: Column[];
  total: number;
  batch: number;
}

export interface Locators {
  byId: Map<string, Locator>;
  made: number;
}

const VERSIONS = ['60.0', '61.0', '62.0', '63.0', '64.0', '65.0', '66.0'];
/** Salesforce keeps this many open cursors a user; opening another closes the oldest. */
const OPEN_LOCATORS = 10;
const base = (c: Context) => `/services/data/${c.req.param('v')}`;

export function restRoutes(app: Hono<Env>, world: World, gate: Gate, locators: Locators): void {
  const root = '/services/data';
  app.get(root, (c) =>
    c.json(VERSIONS.map((version) => ({ label: `v${version}`, url: `${root}/v${version}`, version }))),
  );
  app.get(`${root}/:v`, (c) =>
    c.json(
      Object.fromEntries(
        ['sobjects', 'query', 'queryAll', 'limits', 'composite', 'jobs'].map((name) => [
          name,
          `${base(c)}/${name}`,
        ]),
      ),
    ),
  );
  app.get(`${root}/:v/limits`, (c) => {
    const { used, max } = gate.limit;
    return c.json({ DailyApiRequests: { Max: max, Remaining: max - used } });
  });
  app.get(`${root}/:v/sobjects`, (c) =>
    c.json({
      encoding: 'UTF-8',
      maxBatchSize: 200,
      sobjects: [...world.tables.values()].map((table) => describeSummary(table.spec, base(c))),
    }),
  );
  app.get(`${root}/:v/sobjects/:o/describe`, (c) =>
    c.json(describeObject(requireTable(world, c.req.param('o')).spec, base(c))),
  );
  queryRoutes(app, world, locators);
  replicationRoutes(app, world);
  recordRoutes(app, world);
}

function queryRoutes(app: Hono<Env>, world: World, locators: Locators): void {
  for (const kind of ['query', 'queryAll'] as const) {
    app.get(`/services/data/:v/${kind}`, (c) => {
      const query = parse(c.req.query('q') ?? '');
      const table = world.tables.get(query.object.toLowerCase());
      if (table === undefined)
        throw refuse(400, 'INVALID_TYPE', `sObject type '${query.object}' is not supported.`);
      const { columns, rows } = inQuery(query, () => ({
        columns: query.fields.map((name) => column(world, table.spec, name)),
        rows: select(world, table, query, kind === 'queryAll'),
      }));
      if (query.count) return c.json({ totalSize: rows.length, done: true, records: [] });
      const asked = /batchSize=(\d+)/.exec(c.req.header('Sforce-Query-Options') ?? '')?.[1];
      const batch = Math.min(2000, Math.max(200, Number(asked ?? 2000)));
      const locator = { rows, object: table.spec.name, columns, total: rows.length, batch };
      if (rows.length <= batch) return c.json(page(locator, 0, base(c), undefined));
      locators.made += 1;
      const id = `01g5g${String(locators.made).padStart(10, '0')}AAA`;
      locators.byId.set(id, locator);
      if (locators.byId.size > OPEN_LOCATORS) locators.byId.delete(locators.byId.keys().next().value!);
      return c.json(page(locator, 0, base(c), id));
    });
    app.get(`/services/data/:v/${kind}/:locator`, (c) => {
      const [id = '', from] = c.req.param('locator').split('-');
      const locator = locators.byId.get(id);
      if (locator === undefined) throw refuse(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
      return c.json(page(locator, Number(from), base(c), id));
    });
  }
}

/** Salesforce shows the piece of the query in which it found an unknown field. */
function inQuery<T>(query: Query, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { statusCode, message, fields } = error.errors[0]!;
    const piece = `\n${query.text.slice(7, 120)}\n       ^\nERROR at Row:1:Column:8\n`;
    throw refuse(error.status, statusCode, `${piece}${message}`, fields);
  }
}

/** Which rows is settled when the query runs; their values are read when the page is asked for. */
function page(locator: Locator, from: number, url: string, id: string | undefined) {
  const { rows, object, columns, total, batch } = locator;
  const end = from + batch;
  return {
    totalSize: total,
    done: end >= total,
    ...(end < total ? { nextRecordsUrl: `${url}/query/${id}-${end}` } : {}),
    records: rows.slice(from, end).map((row) => render(row, object, columns, url)),
  };
}

function replicationRoutes(app: Hono<Env>, world: World): void {
  const DAY = 86_400_000;
  const rows = (c: Context<Env>, days: number) => {
    const { spec, rows: all } = requireTable(world, c.req.param('o')!);
    const [start, end] = [c.req.query('start'), c.req.query('end')].map((text) => Date.parse(text ?? ''));
    if (!(end! - start! >= 60_000) || start! < world.now().getTime() - days * DAY)
      throw refuse(
        400,
        'INVALID_REPLICATION_DATE',
        `startDate must be within ${days} days and a minute before endDate`,
      );
    const [low, high] = [stamp(start!), stamp(end!)];
    const within = all.filter(
      (row) => String(row.values.SystemModstamp) >= low && String(row.values.SystemModstamp) < high,
    );
    return { spec, within, latestDateCovered: stamp(Math.min(end!, world.now().getTime())) };
  };
  app.get('/services/data/:v/sobjects/:o/updated', (c) => {
    const { within, latestDateCovered } = rows(c, 30);
    return c.json({ ids: within.filter((row) => !isDeleted(row)).map((row) => row.id), latestDateCovered });
  });
  app.get('/services/data/:v/sobjects/:o/deleted', (c) => {
    const { within, latestDateCovered } = rows(c, 15);
    const gone = within
      .filter(isDeleted)
      .map((row) => ({ id: row.id, deletedDate: row.values.SystemModstamp! }));
    const first = world.now().getTime() - 15 * DAY;
    return c.json({ deletedRecords: gone, earliestDateAvailable: stamp(first), latestDateCovered });
  });
}

function recordRoutes(app: Hono<Env>, world: World): void {
  const one = '/services/data/:v/sobjects/:o/:id';
  app.post('/services/data/:v/sobjects/:o', async (c) => {
    const saved = insertRow(world, requireTable(world, c.req.param('o')), await bodyOf(c));
    return c.json({ id: done(saved), success: true, errors: [] }, 201);
  });
  app.get(one, (c) => {
    const table = requireTable(world, c.req.param('o'));
    const row = live(table, c.req.param('id'));
    const names = c.req.query('fields')?.split(',') ?? [...table.spec.fields.values()].map((f) => f.name);
    const columns = names.map((name) => column(world, table.spec, name));
    return c.json(render(row, table.spec.name, columns, base(c)));
  });
  app.patch(one, async (c) => {
    const table = requireTable(world, c.req.param('o'));
    const row = live(table, c.req.param('id'));
    const since = c.req.header('If-Unmodified-Since');
    if (since !== undefined && Date.parse(String(row.values.LastModifiedDate)) > Date.parse(since))
      throw refuse(412, 'PRECONDITION_FAILED', 'The record was modified after the given date');
    done(updateRow(world, table, row.id, await bodyOf(c)));
    return c.body(null, 204);
  });
  app.delete(one, (c) => {
    const table = requireTable(world, c.req.param('o'));
    done(removeRow(world, table, live(table, c.req.param('id')).id));
    return c.body(null, 204);
  });
  app.patch('/services/data/:v/sobjects/:o/:key/:value{.+}', async (c) => {
    const table = requireTable(world, c.req.param('o'));
    const key = c.req.param('key');
    const saved = upsertRow(world, table, key, { ...(await bodyOf(c)), [key]: c.req.param('value') });
    const id = done(saved);
    const created = 'created' in saved && saved.created;
    return c.json({ id, success: true, errors: [], created }, created ? 201 : 200);
  });
}

/** The id of what was saved, or the refusal that a single call gets for its errors. */
function done(saved: Saved): string {
  if ('errors' in saved) throw new Refusal(400, ...saved.errors);
  return saved.id;
}

function live(table: Table, id: string): Row {
  const row = isId(id) ? findRow(table, to15(id)) : undefined;
  if (row === undefined) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
  if (isDeleted(row)) throw refuse(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  return row;
}

export async function bodyOf(c: Context<Env>): Promise<Record<string, Json>> {
  try {
    return JSON.parse(await c.req.text()) as Record<string, Json>;
  } catch (error) {
    throw refuse(
      400,
      'JSON_PARSER_ERROR',
      `Unexpected input: ${error instanceof Error ? error.message : error}`,
    );
  }
}
