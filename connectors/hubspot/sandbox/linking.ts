import { Hono } from 'hono';
import type { Account } from './account.ts';
import type { End } from './associations.ts';
import { badRequest } from './errors.ts';

interface Input {
  id?: string | number;
  from?: { id: string | number };
  to?: { id: string | number } | { id: string | number }[];
  types?: { associationCategory: string; associationTypeId: number }[];
}

/** /crm/v4/associations/{from}/{to}: batch read, associate, archive, and the labels there are. */
export function linkingRoutes(account: Account): Hono {
  const app = new Hono();
  const path = '/:from/:to';
  const ends = (c: { req: { param(name: 'from' | 'to'): string } }) => ({
    from: account.table(c.req.param('from')).def,
    to: account.table(c.req.param('to')).def,
  });

  app.get(`${path}/labels`, (c) => {
    const { from, to } = ends(c);
    return c.json({ results: account.links.typesBetween(from.name, to.name) });
  });

  app.post(`${path}/batch/read`, async (c) => {
    const { from, to } = ends(c);
    const results: object[] = [];
    const errors: object[] = [];
    for (const { id } of await inputs(c, 1000)) {
      const linked = account.links.of({ type: from.name, id: String(id) }, to.name);
      if (linked.length > 0)
        results.push({
          from: { id: String(id) },
          // Ids are numbers here, whatever the published types say.
          to: linked.map((link) => ({ toObjectId: Number(link.id), associationTypes: link.types })),
        });
      else
        errors.push({
          status: 'error',
          category: 'OBJECT_NOT_FOUND',
          subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
          message: `No ${to.singular} is associated with ${from.singular} ${id}.`,
          context: {
            fromObjectId: [String(id)],
            fromObjectType: [from.singular],
            toObjectType: [to.singular],
          },
        });
    }
    return answer(account, results.reverse(), errors, 200);
  });

  for (const kind of ['associate/default', 'create'] as const)
    app.post(`${path}/batch/${kind}`, async (c) => {
      const { from, to } = ends(c);
      const results: object[] = [];
      const errors: object[] = [];
      for (const input of await inputs(c, 2000)) {
        const [here, there] = [end(account, from.name, input.from), end(account, to.name, one(input.to))];
        if (here === undefined || there === undefined) {
          errors.push({
            status: 'error',
            category: 'OBJECT_NOT_FOUND',
            message: 'One or more objects to associate do not exist.',
            context: { fromObjectId: [String(input.from?.id)], toObjectId: [String(one(input.to)?.id)] },
          });
          continue;
        }
        const types = kind === 'create' ? input.types?.map((type) => type.associationTypeId) : undefined;
        account.link(here, there, types, 'api');
        const typeId = account.links.pair(from.name, to.name).plain;
        results.push(
          kind === 'create'
            ? { fromObjectId: here.id, toObjectId: there.id, labels: [] }
            : {
                from: { id: here.id },
                to: { id: there.id },
                associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId },
              },
        );
      }
      return answer(account, results, errors, kind === 'create' ? 201 : 200);
    });

  app.post(`${path}/batch/archive`, async (c) => {
    const { from, to } = ends(c);
    for (const input of await inputs(c, 2000))
      for (const target of [input.to ?? []].flat())
        account.unlink(
          { type: from.name, id: String(input.from?.id) },
          { type: to.name, id: String(target.id) },
          'api',
        );
    return c.body(null, 204);
  });

  app.post(`${path}/batch/labels/archive`, async (c) => {
    const { from, to } = ends(c);
    for (const input of await inputs(c, 2000))
      account.unlink(
        { type: from.name, id: String(input.from?.id) },
        { type: to.name, id: String(one(input.to)?.id) },
        'api',
        (input.types ?? []).map((type) => type.associationTypeId),
      );
    return c.body(null, 204);
  });
  return app;
}

function end(account: Account, type: string, given: { id: string | number } | undefined): End | undefined {
  const row = given === undefined ? undefined : account.table(type).resolve(String(given.id));
  return row === undefined || row.archivedAt !== undefined ? undefined : { type, id: row.id };
}

const one = (to: Input['to']) => (Array.isArray(to) ? to[0] : to);

async function inputs(c: { req: { json<T>(): Promise<T> } }, most: number): Promise<Input[]> {
  const body = await c.req.json<{ inputs?: Input[] }>();
  if (!Array.isArray(body.inputs)) throw badRequest('Invalid input JSON: inputs is required');
  if (body.inputs.length > most) throw badRequest(`The maximum number of inputs is ${most}.`);
  return body.inputs;
}

function answer(account: Account, results: object[], errors: object[], status: number): Response {
  const at = account.now().toISOString();
  const failed = errors.length > 0 ? { numErrors: errors.length, errors } : {};
  const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at, ...failed };
  return Response.json(body, { status: errors.length > 0 ? 207 : status });
}
