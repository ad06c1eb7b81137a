import { type Context, Hono } from 'hono';
import type { Account, CreateInput } from './account.ts';
import { badRequest, notFound } from './errors.ts';
import { type SearchBody, search } from './search.ts';
import { show, showAssociations } from './show.ts';
import type { Row, Table } from './table.ts';

const LARGEST_PAGE = 100;

/** List, read, create, update, archive, search and merge, one record or one page a call. */
export function objectRoutes(account: Account, searchCap: number): Hono {
  const app = new Hono();

  app.get('/:type', (c) => {
    const table = account.table(c.req.param('type'));
    const limit = Number(c.req.query('limit') ?? 10);
    if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
      throw badRequest(`Invalid limit: must be between 1 and ${LARGEST_PAGE}`);
    const archived = c.req.query('archived') === 'true';
    const rows = table.ordered();
    const found: Row[] = [];
    let at = table.firstFrom(Number(c.req.query('after') ?? 0));
    for (; at < rows.length && found.length < limit; at += 1) {
      const row = rows[at]!;
      if (row.mergedInto === undefined && (row.archivedAt !== undefined) === archived) found.push(row);
    }
    while (at < rows.length && !listed(rows[at]!, archived)) at += 1;
    const after = at < rows.length ? rows[at]!.id : undefined;
    return c.json({
      results: found.map((row) => ({
        ...show(table, row, names(c, 'properties')),
        ...showAssociations(account, table, row, names(c, 'associations')),
      })),
      ...(after === undefined ? {} : { paging: { next: { after, link: `${c.req.path}?after=${after}` } } }),
    });
  });

  app.post('/:type', async (c) => {
    const table = account.table(c.req.param('type'));
    const input = await c.req.json<CreateInput>();
    const row = account.prepareCreate(table, input, 'api').commit();
    return c.json(show(table, row, Object.keys(input.properties ?? {})), 201);
  });

  app.post('/:type/search', async (c) => {
    const table = account.table(c.req.param('type'));
    const body = await c.req.json<SearchBody>();
    account.catchUp();
    const { total, rows, after } = search(table, body, searchCap);
    return c.json({
      total,
      results: rows.map((row) => {
        const { properties, updatedAt } = row.indexed!;
        return show(table, row, body.properties ?? [], properties, updatedAt);
      }),
      ...(after === undefined ? {} : { paging: { next: { after } } }),
    });
  });

  app.post('/:type/merge', async (c) => {
    const table = account.table(c.req.param('type'));
    const body = await c.req.json<{ primaryObjectId: string; objectIdToMerge: string }>();
    const row = account.merge(table, String(body.primaryObjectId), String(body.objectIdToMerge), 'api');
    return c.json(show(table, row, []));
  });

  app.post('/contacts/gdpr-delete', async (c) => {
    const body = await c.req.json<{ objectId: string; idProperty?: string }>();
    const table = account.table('contacts');
    const given = String(body.objectId);
    const row = body.idProperty === undefined ? table.resolve(given) : table.find(body.idProperty, given);
    if (row === undefined) throw notFound([given], table.def.singular);
    account.purge(table, row.id, 'api');
    return c.body(null, 204);
  });

  app.get('/:type/:id', (c) => {
    const table = account.table(c.req.param('type'));
    const row = one(table, c);
    return c.json({
      ...show(table, row, names(c, 'properties')),
      ...showAssociations(account, table, row, names(c, 'associations')),
    });
  });

  app.patch('/:type/:id', async (c) => {
    const table = account.table(c.req.param('type'));
    const row = one(table, c);
    const { properties } = await c.req.json<{ properties: Record<string, unknown> }>();
    account.prepareUpdate(table, row, properties, 'api').commit();
    return c.json(show(table, row, Object.keys(properties)));
  });

  app.delete('/:type/:id', (c) => {
    account.archive(account.table(c.req.param('type')), c.req.param('id'), 'api');
    return c.body(null, 204);
  });
  return app;
}

const listed = (row: Row, archived: boolean) =>
  row.mergedInto === undefined && (row.archivedAt !== undefined) === archived;

/** `properties=a,b` and `properties=a&properties=b` alike. */
function names(c: Context, parameter: string): string[] {
  return (c.req.queries(parameter) ?? []).flatMap((text) => text.split(',')).filter((name) => name !== '');
}

function one(table: Table, c: Context): Row {
  const id = c.req.param('id')!;
  const idProperty = c.req.query('idProperty');
  if (idProperty !== undefined && !table.unique.has(idProperty))
    throw badRequest(`Unable to look up by non-unique property ${idProperty}`);
  const row = idProperty === undefined ? table.resolve(id) : table.find(idProperty, id);
  const archived = c.req.query('archived') === 'true';
  if (row === undefined || (row.archivedAt !== undefined) !== archived)
    throw notFound([id], table.def.singular);
  return row;
}
