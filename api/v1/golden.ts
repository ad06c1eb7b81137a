import { z } from '@hono/zod-openapi';
import { parseKey } from '../../core/model/record.ts';
import { aliasesOf } from '../../core/store/explain.ts';
import { historyPage, keysOfGolden, searchGolden } from '../../core/store/golden-search.ts';
import { currentGolden, type GoldenRow } from '../../core/store/goldens.ts';
import { explainGolden } from '../cli/commands/explain/account.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { etag } from './frame/handle.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound, notHere } from './frame/refusal.ts';
import { EXPLANATION, PROVENANCE } from './goldenShapes.ts';
import { TIME, VALUES } from './shapes.ts';

export const GOLDEN = z
  .object({
    id: z.string(),
    entity: z.string(),
    values: VALUES,
    provenance: PROVENANCE,
    records: z.array(z.object({ connection: z.string(), object: z.string(), id: z.string() })),
    version: z.int(),
    updatedAt: TIME,
  })
  .openapi('Golden');

/** Golden records as the API shows them. */
export async function showGoldens(
  deps: V1Deps,
  rows: readonly GoldenRow[],
): Promise<z.input<typeof GOLDEN>[]> {
  const keys = await keysOfGolden(
    deps.db(),
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, entity, values, provenance, version, updatedAt }) => ({
    id,
    entity,
    values,
    provenance,
    records: keys.get(id)!.map(parseKey),
    version,
    updatedAt,
  }));
}

/** The golden record of an id; an alias leads to its survivor. Throws 404. */
export async function goldenOr404(deps: V1Deps, id: string): Promise<GoldenRow> {
  const golden = await currentGolden(deps.db(), id);
  if (!golden)
    throw notFound('golden record', 'Look it up by name or e-mail: GET /v1/golden?q=… or ?email=….');
  return golden;
}

export const GOLDEN_ID = {
  id: z
    .string()
    .min(1)
    .max(200)
    .openapi({ description: 'A golden id; one that was folded into another leads to its survivor.' }),
};

const list = operation({
  method: 'get',
  path: '/v1/golden',
  id: 'listGolden',
  summary: 'Lists and finds golden records',
  tag: 'Golden records',
  role: 'viewer',
  query: {
    ...PAGE,
    entity: z.string().max(200).optional().openapi({ description: 'Only of this entity, as `person`.' }),
    q: z.string().min(1).max(200).optional().openapi({ description: 'A part of the name, any case.' }),
    email: z
      .string()
      .min(1)
      .max(320)
      .optional()
      .openapi({ description: 'A whole e-mail address, any case.' }),
    record: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .openapi({ description: 'One of its records: connection/object/id, each part percent-encoded.' }),
  },
  answer: { description: 'A page, in order of id.', schema: pageOf(GOLDEN, 'GoldenPage') },
  async handle({ query: { cursor, limit, entity, q, email, record } }, { deps }) {
    const after = readCursor(cursor, z.string()) ?? '';
    const filter = { entity: entity ?? null, q: q ?? null, email: email ?? null, record: record ?? null };
    const rows = await searchGolden(deps.db(), filter, after, limit + 1);
    const { items, next } = page(
      rows,
      limit,
      ({ id }) => id,
      (row) => row,
    );
    return { body: { items: await showGoldens(deps, items), next } };
  },
});

const one = operation({
  method: 'get',
  path: '/v1/golden/{id}',
  id: 'getGolden',
  summary: 'Shows a golden record',
  tag: 'Golden records',
  role: 'viewer',
  params: GOLDEN_ID,
  problems: [404],
  answer: {
    description: 'The golden record; its `id` is the survivor’s when another one was asked for.',
    schema: GOLDEN,
    headers: { ETag: 'Its version.' },
  },
  async handle({ params }, { deps }) {
    const golden = await goldenOr404(deps, params.id);
    const [body] = await showGoldens(deps, [golden]);
    return { body: body!, headers: { ETag: etag(golden.version) } };
  },
});

const EVENT = z
  .object({
    id: z.int(),
    goldenId: z.string(),
    version: z.int(),
    kind: z.string().openapi({ description: 'created, updated, merged, split or emptied.' }),
    detail: z.unknown(),
    at: TIME,
  })
  .openapi('GoldenEvent');

const history = operation({
  method: 'get',
  path: '/v1/golden/{id}/history',
  id: 'getGoldenHistory',
  summary: 'Tells what happened to a golden record, and to those that were folded into it',
  tag: 'Golden records',
  role: 'viewer',
  params: GOLDEN_ID,
  query: PAGE,
  problems: [404],
  answer: { description: 'A page, oldest first.', schema: pageOf(EVENT, 'GoldenEventPage') },
  async handle({ params, query: { cursor, limit } }, { deps }) {
    const golden = await goldenOr404(deps, params.id);
    const ids = [golden.id, ...(await aliasesOf(deps.db(), golden.id))];
    const after = readCursor(cursor, z.int()) ?? 0;
    const rows = await historyPage(deps.db(), ids, after, limit + 1);
    const show = ({ id, goldenId, version, kind, detail, at }: (typeof rows)[number]) => ({
      id,
      goldenId,
      version,
      kind,
      detail,
      at,
    });
    return { body: page(rows, limit, ({ id }) => id, show) };
  },
});

const explain = operation({
  method: 'get',
  path: '/v1/golden/{id}/explain',
  id: 'explainGolden',
  summary: 'Says where every value comes from, and why its records are one',
  description: 'The same as `nayose explain ID --json`. No tool is asked.',
  tag: 'Golden records',
  role: 'viewer',
  params: GOLDEN_ID,
  problems: [404, 501],
  answer: { description: 'Everything that made it what it is.', schema: EXPLANATION },
  async handle({ params }, { deps }) {
    const golden = await goldenOr404(deps, params.id);
    const entity = hubOf(deps).config.entities[golden.entity];
    if (!entity)
      throw notHere(
        `the configuration knows no entity ${golden.entity} any more`,
        'Put the entity back into hub.yaml, or read /history.',
      );
    const alias = golden.id === params.id ? {} : { alias: params.id };
    return { body: await explainGolden(deps.db(), entity, { golden, by: 'golden id', ...alias }) };
  },
});

export const goldenOperations = [list, one, history, explain];
