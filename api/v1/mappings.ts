import { z } from '@hono/zod-openapi';
import type { Change, Select } from '../../connectors/contract.ts';
import { activeRevision } from '../../core/store/revisions.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { preview as previewOf } from '../../mappings/preview.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { type FieldSpec, type MappingSpec, parseMapping } from '../../mappings/spec.ts';
import { neighboursIn } from '../config/read.ts';
import { objectOf } from '../config/types.ts';
import type { Hub } from '../runtime/hub.ts';
import { streamOf } from '../runtime/tools.ts';
import { CHECK_ORDER, checked, REPORT } from './checkShapes.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { pageOf } from './frame/paging.ts';
import { notFound, unprocessable } from './frame/refusal.ts';
import { name, VALUE, VALUES } from './shapes.ts';

const PIPELINE = z.union([z.string(), z.array(z.string())]);

const MAPPING = z
  .object({
    name: z.string(),
    connection: z.string(),
    object: z.string(),
    entity: z.string(),
    preset: z.string().nullable(),
    fields: z.record(
      z.string(),
      z.object({
        field: z
          .string()
          .nullable()
          .openapi({ description: 'The tool’s field; null: read by an expression.' }),
        direction: z.enum(['both', 'in', 'out']),
        in: PIPELINE.nullable().openapi({ description: 'An expression, or the names of transforms.' }),
        out: PIPELINE.nullable(),
        values: z.record(z.string(), VALUE).nullable(),
        reference: z.string().nullable(),
      }),
    ),
  })
  .openapi('Mapping');

const NAMED = { name: name('The name of a mapping: its file without the ending.') };

function mappingOr404(deps: V1Deps, wanted: string): { hub: Hub; spec: MappingSpec } {
  const hub = hubOf(deps);
  const { mappings } = hub.config;
  const spec = Object.hasOwn(mappings, wanted) ? mappings[wanted] : undefined;
  if (!spec) throw notFound('mapping', `There are ${Object.keys(mappings).join(', ') || 'none'}.`);
  return { hub, spec };
}

const pipeline = (way: FieldSpec['in']) =>
  way === undefined ? null : 'expression' in way ? way.expression : way.steps.map((step) => step.transform);

const show = ({ name: own, connection, object, entity, preset, fields }: MappingSpec) => ({
  name: own,
  connection,
  object,
  entity,
  preset: preset ?? null,
  fields: Object.fromEntries(
    Object.entries(fields).map(([attribute, spec]) => [
      attribute,
      {
        field: spec.field ?? null,
        direction: spec.direction,
        in: pipeline(spec.in),
        out: pipeline(spec.out),
        values: spec.values ?? null,
        reference: spec.reference ?? null,
      },
    ]),
  ),
});

const list = operation({
  method: 'get',
  path: '/v1/mappings',
  id: 'listMappings',
  summary: 'Lists the mappings, presets filled in',
  tag: 'Tools',
  role: 'viewer',
  problems: [501],
  answer: { description: 'All of them: there is no second page.', schema: pageOf(MAPPING, 'MappingPage') },
  handle: async (_, { deps }) => ({
    body: { items: Object.values(hubOf(deps).config.mappings).map(show), next: null },
  }),
});

const one = operation({
  method: 'get',
  path: '/v1/mappings/{name}',
  id: 'getMapping',
  summary: 'Shows a mapping',
  tag: 'Tools',
  role: 'viewer',
  params: NAMED,
  problems: [404, 501],
  answer: { description: 'The mapping.', schema: MAPPING },
  handle: async ({ params }, { deps }) => ({ body: show(mappingOr404(deps, params.name).spec) }),
});

const PREVIEW = z
  .object({
    records: z.array(
      z.object({
        id: z.string(),
        fields: z.record(z.string(), z.unknown()).openapi({ description: 'As the tool shows it.' }),
        values: VALUES.openapi({ description: 'What the mapping makes of it.' }),
        problems: z.array(
          z.object({
            attribute: z.string(),
            field: z.string().optional(),
            found: z.string(),
            message: z.string(),
          }),
        ),
        changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })).openapi({
          description: 'What writing it back would change by itself: formats, defaults, cut text.',
        }),
      }),
    ),
  })
  .openapi('Preview');

const preview = operation({
  method: 'post',
  path: '/v1/mappings/{name}/preview',
  id: 'previewMapping',
  summary: 'Shows what a mapping makes of real records of the tool',
  description:
    'Reads one page of the tool. With `text`, a mapping that is not in force yet is tried in its place.',
  tag: 'Tools',
  role: 'operator',
  changes: false,
  params: NAMED,
  body: z.strictObject({
    limit: z.int().min(1).max(50).default(5),
    ids: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(50)
      .optional()
      .openapi({ description: 'These records of the tool; absent: the first ones.' }),
    text: z
      .string()
      .max(200_000)
      .optional()
      .openapi({ description: 'A mapping file’s YAML, tried instead of the one in force.' }),
  }),
  problems: [404, 422, 501, 502],
  answer: { description: 'Record by record.', schema: PREVIEW },
  async handle({ params, body }, { deps, signal }) {
    const { hub, spec: active } = mappingOr404(deps, params.name);
    const spec = body.text === undefined ? active : await tried(deps, hub, params.name, body.text);
    const tool = hub.tools.get(spec.connection)!;
    const stream = await streamOf(hub.config, tool, spec.object);
    if (stream.read === false || !tool.connector.read)
      throw unprocessable(
        `${spec.connection} ${spec.object} cannot be read`,
        'Preview a mapping that reads.',
      );
    const mapping = compileMapping(spec, {
      entity: hub.config.entities[spec.entity]!,
      schema: stream.fields,
      open: stream.open ?? false,
      objectOf: (entity) => objectOf(hub.config, spec.connection, entity),
      ...hub.config.hub,
    });
    const [idField] = stream.read.lookupBy;
    if (body.ids && idField === undefined)
      throw unprocessable(`${spec.connection} ${spec.object} cannot be looked up by id`, 'Leave ids out.');
    const select: Select = body.ids ? { by: idField!, in: body.ids } : { since: null };
    const { changes } = await tool.connector.read(
      tool.context(signal),
      stream.name,
      select,
      mapping.readFields,
    );
    const samples = changes.filter(isRecord).slice(0, body.ids?.length ?? body.limit);
    const shown = await previewOf(mapping, samples);
    return { body: { records: shown.map((each, i) => ({ ...each, fields: samples[i]!.fields })) } };
  },
});

const isRecord = (change: Change): change is Change & { op: 'upsert' } => change.op === 'upsert';

async function tried({ db }: V1Deps, hub: Hub, own: string, text: string): Promise<MappingSpec> {
  const files = (await activeRevision(db()))?.files ?? {};
  const { spec, problems } = parseMapping(`mappings/${own}.yaml`, text, neighboursIn(files));
  const errors = problems.filter(({ severity }) => severity === 'error').map(formatProblem);
  if (spec && !hub.tools.has(spec.connection)) errors.push(`there is no connection "${spec.connection}"`);
  if (spec && !Object.hasOwn(hub.config.entities, spec.entity))
    errors.push(`there is no entity "${spec.entity}"`);
  if (!spec || errors.length > 0)
    throw unprocessable(
      'this mapping does not hold together',
      'Mend what `errors` names.',
      errors.map((message) => ({ where: 'body.text', message })),
    );
  return spec;
}

const check = operation({
  method: 'post',
  path: '/v1/mappings/{name}/check',
  id: 'checkMapping',
  summary:
    'Checks how a mapping fits the live schemas and real records of its tool and of those it is synced with',
  description: 'What `nayose check MAPPING --json` says. No record is written.',
  tag: 'Tools',
  role: 'operator',
  changes: false,
  params: NAMED,
  emptyBody: true,
  body: CHECK_ORDER,
  problems: [404, 501],
  answer: { description: 'What was found, each with its fix.', schema: REPORT },
  async handle({ params, body }, { deps, signal }) {
    const { hub } = mappingOr404(deps, params.name);
    return { body: await checked(deps, hub, { mapping: params.name }, body.sample, signal) };
  },
});

export const mappingOperations = [list, one, preview, check];
