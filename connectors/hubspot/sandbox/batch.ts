import { Hono } from 'hono';
import type { Account, CreateInput, Prepared } from './account.ts';
import { ApiError, badRequest, notFound } from './errors.ts';
import { show, showVersions } from './show.ts';
import type { Row, Table } from './table.ts';

const LARGEST_BATCH = 100;
const LARGEST_BATCH_WITH_HISTORY = 50;

interface Input extends CreateInput {
  id?: string | number;
  idProperty?: string;
  objectWriteTraceId?: string;
}
interface Body {
  inputs?: Input[];
  properties?: string[];
  propertiesWithHistory?: string[];
  idProperty?: string;
}

export interface BatchRules {
  /** Which batch writes answer a partial failure with 207 when every input has its own trace id. */
  partial: 'all' | 'create' | 'none';
  /** What a batch read says of an id that was merged away. */
  mergedInBatchRead: 'winner' | 'missing';
}

/** Batch read, create, update, upsert and archive. Results never come in the order of the inputs. */
export function batchRoutes(account: Account, rules: BatchRules): Hono {
  const app = new Hono();

  app.post('/:type/batch/read', async (c) => {
    const table = account.table(c.req.param('type'));
    const body = await c.req.json<Body>();
    const archived = c.req.query('archived') === 'true';
    if (body.idProperty !== undefined && !table.unique.has(body.idProperty))
      throw nonUnique(table, body.idProperty);
    const found = new Set<Row>();
    const missing: string[] = [];
    const history = body.propertiesWithHistory ?? [];
    for (const { id } of inputs(body, history.length > 0 ? LARGEST_BATCH_WITH_HISTORY : LARGEST_BATCH)) {
      const row = look(table, String(id), body.idProperty, rules);
      if (row !== undefined && (row.archivedAt !== undefined) === archived) found.add(row);
      else missing.push(String(id));
    }
    const results = [...found].map((row) => ({
      ...show(table, row, body.properties ?? []),
      ...showVersions(row, history),
    }));
    const errors = missing.length > 0 ? [asBatchError(notFound(missing, table.def.singular))] : [];
    return answer(account, results, errors, 200);
  });

  app.post('/:type/batch/create', async (c) => {
    const table = account.table(c.req.param('type'));
    const claims = new Set<string>();
    return write(account, table, inputs(await c.req.json<Body>()), rules.partial !== 'none', 201, (input) =>
      account.prepareCreate(table, input, 'api', claims),
    );
  });

  app.post('/:type/batch/update', async (c) => {
    const table = account.table(c.req.param('type'));
    const given = inputs(await c.req.json<Body>());
    const ids = given.map(({ id }) => String(id));
    if (new Set(ids).size < ids.length) throw badRequest('Duplicate IDs found in batch input');
    for (const { idProperty } of given)
      if (idProperty !== undefined && !table.unique.has(idProperty)) throw nonUnique(table, idProperty);
    const rowOf = ({ id, idProperty }: Input) =>
      idProperty === undefined ? table.live(String(id)) : table.find(idProperty, String(id));
    const missing = given.filter(
      (input) => rowOf(input) === undefined && table.rows.get(String(input.id))?.mergedInto === undefined,
    );
    // A merged id is neither written nor reported.
    const present = given.filter((input) => rowOf(input) !== undefined);
    const claims = new Set<string>();
    const errors =
      missing.length === 0
        ? []
        : [
            asBatchError(
              notFound(
                missing.map(({ id }) => String(id)),
                table.def.singular,
              ),
            ),
          ];
    return write(
      account,
      table,
      present,
      rules.partial === 'all',
      200,
      (input) => account.prepareUpdate(table, rowOf(input)!, input.properties ?? {}, 'api', claims),
      errors,
    );
  });

  app.post('/:type/batch/upsert', async (c) => {
    const table = account.table(c.req.param('type'));
    const given = inputs(await c.req.json<Body>());
    const keys = given.map(({ idProperty, id }) => `${idProperty}=${String(id).toLowerCase()}`);
    if (new Set(keys).size < keys.length) throw badRequest('Duplicate IDs found in batch input');
    const claims = new Set<string>();
    const fresh = new Set<Input>();
    return write(
      account,
      table,
      given,
      rules.partial !== 'none',
      200,
      (input) => {
        const { id, idProperty, properties = {} } = input;
        if (idProperty === undefined || !table.unique.has(idProperty))
          throw nonUnique(table, idProperty ?? 'hs_object_id');
        const row = table.find(idProperty, String(id));
        if (row !== undefined) return account.prepareUpdate(table, row, properties, 'api', claims);
        fresh.add(input);
        return account.prepareCreate(
          table,
          { properties: { ...properties, [idProperty]: id } },
          'api',
          claims,
        );
      },
      [],
      (input) => ({ new: fresh.has(input) }),
    );
  });

  app.post('/:type/batch/archive', async (c) => {
    const table = account.table(c.req.param('type'));
    for (const { id } of inputs(await c.req.json<Body>())) account.archive(table, String(id), 'api');
    return c.body(null, 204);
  });
  return app;
}

function write(
  account: Account,
  table: Table,
  given: Input[],
  partial: boolean,
  status: number,
  prepare: (input: Input) => Prepared,
  errors: object[] = [],
  extra: (input: Input) => object = () => ({}),
): Response {
  const traces = given.map((input) => input.objectWriteTraceId);
  const traced = partial && traces.every((trace) => !!trace) && new Set(traces).size === traces.length;
  const prepared: { input: Input; write: Prepared }[] = [];
  for (const input of given)
    try {
      prepared.push({ input, write: prepare(input) });
    } catch (error) {
      if (!traced || !(error instanceof ApiError)) throw error;
      errors.push(asBatchError(error, input.objectWriteTraceId));
    }
  const results = prepared.map(({ input, write }) => ({
    ...show(table, write.commit(), Object.keys(input.properties ?? {})),
    ...(input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId }),
    ...extra(input),
  }));
  return answer(account, results.reverse(), errors, status);
}

function answer(account: Account, results: object[], errors: object[], status: number): Response {
  const at = account.now().toISOString();
  const failed = errors.length > 0 ? { numErrors: errors.length, errors } : {};
  const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at, ...failed };
  return Response.json(body, { status: errors.length > 0 ? 207 : status });
}

/** An error as the `errors` of a 207 carry it. */
function asBatchError(error: ApiError, trace?: string): object {
  const { correlationId: _, ...body } = error.body;
  const context = { ...(body.context as object | undefined) };
  return { ...body, context: trace === undefined ? context : { ...context, objectWriteTraceId: [trace] } };
}

function inputs(body: Body, most = LARGEST_BATCH): Input[] {
  if (!Array.isArray(body.inputs)) throw badRequest('Invalid input JSON: inputs is required');
  if (body.inputs.length > most)
    throw badRequest(`The maximum number of inputs supported in a batch request is ${most}.`);
  return body.inputs;
}

function look(table: Table, id: string, idProperty: string | undefined, rules: BatchRules): Row | undefined {
  if (idProperty !== undefined) return table.find(idProperty, id);
  return rules.mergedInBatchRead === 'winner' || table.rows.get(id)?.mergedInto === undefined
    ? table.resolve(id)
    : undefined;
}

const nonUnique = (table: Table, property: string) =>
  badRequest(`Unable to perform update/upsert by non-unique ${table.def.typeId} property ${property}`);
