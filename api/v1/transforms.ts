import { z } from '@hono/zod-openapi';
import { describeTransforms } from '../../mappings/transforms/describe.ts';
import { operation } from './frame/operation.ts';

const TRANSFORM = z
  .object({
    name: z.string(),
    doc: z.string(),
    arguments: z.array(
      z.object({
        name: z.string(),
        takes: z.string(),
        required: z.boolean(),
        default: z.unknown().openapi({ description: 'null: none.' }),
      }),
    ),
    short: z
      .string()
      .nullable()
      .openapi({ description: 'The argument that may be written without its name.' }),
    oneWay: z.boolean().openapi({ description: 'On in it loses what writing would need.' }),
    examples: z.array(
      z.object({
        step: z.string().openapi({ description: 'As it is written in a mapping.' }),
        direction: z.enum(['in', 'out']),
        input: z.unknown(),
        output: z.unknown(),
        fails: z.string().nullable().openapi({ description: 'Why this value cannot be read.' }),
      }),
    ),
  })
  .openapi('Transform');

const list = operation({
  method: 'get',
  path: '/v1/transforms',
  id: 'listTransforms',
  summary: 'Lists what `in` and `out` of a mapping can do to a value',
  description: 'All at once, from their own definitions. The examples are run as tests.',
  tag: 'Configuration',
  role: 'viewer',
  answer: {
    description: 'Every transform, in the order of the documentation.',
    schema: z.object({ items: z.array(TRANSFORM) }).openapi('Transforms'),
  },
  handle: async () => ({ body: { items: describeTransforms() } }),
});

export const transformOperations = [list];
