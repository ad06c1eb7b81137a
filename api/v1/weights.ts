import { z } from '@hono/zod-openapi';
import { modelVersions } from '../../core/store/models.ts';
import { restoreModel } from '../../core/sync/restoreModel.ts';
import { refusing } from './decisionShapes.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { name, TIME } from './shapes.ts';
import { entityOf } from './train.ts';

const LARGEST_NUMBER = 2_147_483_647;
const ENTITY = name('The name of an entity in hub.yaml.');

const VERSION = z
  .object({
    version: z.int(),
    base: z.string(),
    by: z.string(),
    at: TIME,
    active: z.boolean().openapi({ description: 'In use. Where none is, the shipped weights are.' }),
    records: z.int().nullable().openapi({ description: 'That it was learnt from.' }),
    pairs: z.int().nullable(),
  })
  .openapi('Weights');

const list = operation({
  method: 'get',
  path: '/v1/entities/{entity}/weights',
  id: 'listWeights',
  summary: 'Lists the learnt match weights of an entity, newest first',
  description: 'The shipped weights are version 0, and in no page.',
  tag: 'Golden records',
  role: 'viewer',
  params: { entity: ENTITY },
  query: PAGE,
  problems: [404, 501],
  answer: { description: 'A page.', schema: pageOf(VERSION, 'WeightsPage') },
  async handle({ params, query: { cursor, limit } }, { deps }) {
    const entity = entityOf(deps, params.entity);
    const before = readCursor(cursor, z.int().min(0).max(LARGEST_NUMBER)) ?? null;
    const rows = await modelVersions(deps.db(), entity.name, { before, limit: limit + 1 });
    return {
      body: page(
        rows,
        limit,
        ({ version }) => version,
        (row) => row,
      ),
    };
  },
});

const restore = operation({
  method: 'post',
  path: '/v1/entities/{entity}/weights/restore',
  id: 'restoreWeights',
  summary: 'Puts earlier match weights to use again; 0: the shipped ones',
  description: 'Every record of the entity is matched anew by the next sync. All versions are kept.',
  tag: 'Golden records',
  role: 'operator',
  params: { entity: ENTITY },
  body: z.strictObject({ version: z.int().min(0).max(LARGEST_NUMBER) }),
  problems: [404, 422, 501],
  answer: {
    description: 'They are in use.',
    schema: z
      .object({
        entity: z.string(),
        versionBefore: z.int(),
        version: z.int(),
        reopened: z
          .int()
          .openapi({ description: 'Records that are matched anew; 0: it was in use already.' }),
      })
      .openapi('RestoredWeights'),
  },
  async handle({ params, body: { version } }, { deps, target }) {
    const entity = entityOf(deps, params.entity);
    target(`entities/${entity.name}/weights/${version}`);
    return { body: await refusing(() => restoreModel(deps.db(), entity, version)) };
  },
});

export const weightOperations = [list, restore];
