/** composite/sobjects: up to 200 rows a write and 2,000 a read, each row with its own outcome. */
import type { Context, Hono } from 'hono';
import type { Json } from '../../contract.ts';
import { isId } from '../ids.ts';
import { insertRow, readRow, removeRow, requireTable, type Saved, updateRow, upsertRow } from './dml.ts';
import { type RowError, refuse, rowError } from './errors.ts';
import type { Env } from './gate.ts';
import { bodyOf } from './rest.ts';
import { column, render } from './soql/run.ts';
import { findAnywhere, findRow, isDeleted, type Table, type World } from './world.ts';

const MOST_ROWS = 200;
const MOST_IDS = 2000;

interface Given {
  table: Table;
  id: string;
  fields: Record<string, Json>;
}

export function collectionRoutes(app: Hono<Env>, world: World): void {
  const many = '/services/data/:v/composite/sobjects';
  app.post(many, async (c) => {
    const { rows, allOrNone } = await rowsOf(c, world);
    for (const row of rows) readRow(world, row.table, row.fields);
    return c.json(
      apply(world, rows, allOrNone, (row) => insertRow(world, row.table, row.fields, mayDuplicate(c))),
    );
  });
  app.patch(many, async (c) => {
    const { rows, allOrNone } = await rowsOf(c, world);
    for (const row of rows) readRow(world, row.table, row.fields);
    return c.json(
      apply(world, rows, allOrNone, (row) =>
        updateRow(world, row.table, row.id, row.fields, mayDuplicate(c)),
      ),
    );
  });
  app.delete(many, (c) => {
    const ids = (c.req.query('ids') ?? '').split(',').filter((id) => id !== '');
    limit(ids.length, MOST_ROWS);
    const allOrNone = c.req.query('allOrNone') === 'true';
    const rows = ids.map((id) => ({ id, found: findAnywhere(world, id) }));
    return c.json(
      apply(world, rows, allOrNone, ({ id, found }) =>
        found
          ? removeRow(world, found.table, id)
          : { errors: [rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')] },
      ).map(({ created: _, ...result }) => result),
    );
  });
  app.post(`${many}/:o`, async (c) => {
    const table = requireTable(world, c.req.param('o'));
    const { ids = [], fields = [] } = (await bodyOf(c)) as { ids?: string[]; fields?: string[] };
    limit(ids.length, MOST_IDS);
    const bad = ids.find((id) => !isId(id));
    if (bad !== undefined) throw refuse(400, 'MALFORMED_ID', `bad id ${bad}`);
    const columns = fields.map((name) => column(world, table.spec, name));
    return c.json(
      ids.map((id) => {
        const row = findRow(table, id);
        if (row === undefined || isDeleted(row)) return null;
        return render(row, table.spec.name, columns, `/services/data/${c.req.param('v')}`);
      }),
    );
  });
  app.patch(`${many}/:o/:key`, async (c) => {
    const { rows, allOrNone } = await rowsOf(c, world);
    const key = c.req.param('key');
    for (const row of rows) readRow(world, row.table, row.fields);
    return c.json(apply(world, rows, allOrNone, (row) => upsertRow(world, row.table, key, row.fields), true));
  });
}

export const mayDuplicate = (c: Context<Env>) =>
  /allowSave=true/i.test(c.req.header('Sforce-Duplicate-Rule-Header') ?? '');

async function rowsOf(c: Context<Env>, world: World): Promise<{ rows: Given[]; allOrNone: boolean }> {
  const body = (await bodyOf(c)) as { allOrNone?: boolean; records?: Record<string, Json>[] };
  const records = body.records ?? [];
  limit(records.length, MOST_ROWS);
  const rows = records.map(({ attributes, id, ...fields }) => {
    const type = (attributes as { type?: string } | undefined)?.type;
    if (type === undefined) throw refuse(400, 'INVALID_INPUT', 'Records must have an attributes.type');
    return { table: requireTable(world, type), id: typeof id === 'string' ? id : '', fields };
  });
  return { rows, allOrNone: body.allOrNone === true };
}

function limit(given: number, most: number): void {
  if (given > most)
    throw refuse(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${most} records into this call`,
    );
}

/** `allOrNone`: rows are tried on a world that is put back when one of them fails. */
function apply<R>(world: World, rows: R[], allOrNone: boolean, act: (row: R) => Saved, upsert = false) {
  const putBack = allOrNone ? snapshot(world) : undefined;
  const saved = rows.map(act);
  if (putBack && saved.some((result) => 'errors' in result)) {
    putBack();
    const rolledBack = rowError(
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'Record rolled back because not all records were valid and the request was using AllOrNone header',
    );
    return saved.map((result) => failed('errors' in result ? result.errors : [rolledBack]));
  }
  return saved.map((result) =>
    'errors' in result
      ? failed(result.errors)
      : { id: result.id, success: true, errors: [], ...(upsert ? { created: result.created } : {}) },
  );
}

const failed = (errors: RowError[]) => ({ success: false, errors, created: undefined });

function snapshot(world: World): () => void {
  const books = structuredClone(world.books);
  const tables = [...world.tables.values()].map((table) => ({
    table,
    rows: table.rows.map((row) => ({ row, values: { ...row.values } })),
    byId: new Map(table.byId),
    unique: new Map([...table.unique].map(([name, map]) => [name, new Map(map)])),
  }));
  return () => {
    Object.assign(world.books, books);
    for (const { table, rows, byId, unique } of tables) {
      for (const { row, values } of rows) row.values = values;
      table.rows = rows.map(({ row }) => row);
      table.byId = byId;
      table.unique = unique;
    }
  };
}
