import { z } from '@hono/zod-openapi';
import { dropAside, retryAside } from '../../core/store/aside.ts';
import { retryFailures } from '../../core/store/failures.ts';
import { failureGroups } from '../cli/commands/failures/groups.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { VALUE } from './shapes.ts';

const GROUPS = z
  .object({
    groups: z.array(
      z.object({
        cause: z.string(),
        connection: z.string(),
        object: z.string(),
        field: z.string().openapi({ description: 'Empty where it is about the whole record.' }),
        count: z.int(),
        fix: z.string(),
        items: z.array(
          z.object({
            golden: z.string(),
            record: z.string(),
            message: z.string(),
            rounds: z
              .array(z.object({ at: z.string(), wrote: VALUE, became: VALUE }))
              .optional()
              .openapi({ description: 'Of a field that flips: what the hub wrote, and what it became.' }),
            value: VALUE.optional().openapi({ description: 'What was refused, or could not be read.' }),
          }),
        ),
      }),
    ),
  })
  .openapi('Failures');

const ITEMS = z.coerce
  .number()
  .int()
  .min(0)
  .max(1000)
  .default(100)
  .openapi({ description: 'The most items shown of each group; `count` tells how many there are.' });

const list = operation({
  method: 'get',
  path: '/v1/failures',
  id: 'listFailures',
  summary: 'Shows deliveries that need someone, grouped by cause, each with its fix',
  description: 'The same as `nayose failures`.',
  tag: 'Deliveries',
  role: 'viewer',
  query: { items: ITEMS },
  problems: [501],
  answer: { description: 'The largest group first.', schema: GROUPS },
  async handle({ query }, { deps }) {
    const groups = await failureGroups(deps.db(), hubOf(deps));
    return {
      body: { groups: groups.map((group) => ({ ...group, items: group.items.slice(0, query.items) })) },
    };
  },
});

const retry = operation({
  method: 'post',
  path: '/v1/failures/retry',
  id: 'retryFailures',
  summary: 'Makes everything that was refused, held or set aside due again',
  description:
    'Calls no tool: the next run sends it, and webhooks are taken in within a minute. The same as `nayose failures --retry`.',
  tag: 'Deliveries',
  role: 'operator',
  problems: [501],
  answer: {
    description: 'What will be tried again.',
    schema: z.object({ values: z.int(), records: z.int(), webhooks: z.int() }).openapi('Retried'),
  },
  handle: async (_, { deps }) => ({
    body: {
      ...(await retryFailures(deps.db(), Object.keys(hubOf(deps).config.mappings), deps.now().toISOString())),
      webhooks: await retryAside(deps.db()),
    },
  }),
});

const drop = operation({
  method: 'post',
  path: '/v1/failures/drop',
  id: 'dropFailures',
  summary: 'Forgets the webhooks that were set aside',
  description: 'What their records hold is read by the next sync. The same as `nayose failures --drop`.',
  tag: 'Deliveries',
  role: 'operator',
  answer: { description: 'What was forgotten.', schema: z.object({ webhooks: z.int() }).openapi('Dropped') },
  handle: async (_, { deps }) => ({ body: { webhooks: await dropAside(deps.db()) } }),
});

export const failureOperations = [list, retry, drop];
