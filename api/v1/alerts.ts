import { z } from '@hono/zod-openapi';
import { alertCounts } from '../../core/store/alerts.ts';
import { disabledEndpoints } from '../../core/store/messages.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { TIME } from './shapes.ts';

const ALERT = z
  .object({
    name: z.string(),
    entity: z.string(),
    when: z.string(),
    to: z.string().openapi({ description: 'The connection that is told.' }),
    format: z.enum(['standard', 'slack', 'teams']),
    fired: z.int(),
    firedAt: TIME.nullable(),
    errors: z.int().openapi({ description: 'Looks at a record on whose values the condition broke.' }),
    error: z.string().nullable().openapi({ description: 'The last of them.' }),
    errorAt: TIME.nullable(),
    disabled: z
      .string()
      .nullable()
      .openapi({ description: 'Why nothing is sent to its connection any more; null: it is sent.' }),
  })
  .openapi('Alert');

const list = operation({
  method: 'get',
  path: '/v1/alerts',
  id: 'listAlerts',
  summary: 'Lists the alerts, and how often each fired',
  tag: 'Deliveries',
  role: 'viewer',
  answer: {
    description: 'Every alert of the configuration.',
    schema: z.object({ items: z.array(ALERT), next: z.null() }).openapi('AlertPage'),
  },
  async handle(_, { deps }) {
    const { config, engine } = hubOf(deps);
    const counts = new Map((await alertCounts(deps.db())).map((row) => [row.name, row]));
    const disabled = new Map(
      (await disabledEndpoints(deps.db())).map(({ connection, reason }) => [connection, reason]),
    );
    const items = (engine.alerts ?? []).map(({ name, entity, to, format }) => ({
      name,
      entity,
      when: config.alerts[name]!.when,
      to,
      format,
      fired: 0,
      firedAt: null,
      errors: 0,
      error: null,
      errorAt: null,
      ...counts.get(name),
      disabled: disabled.get(to) ?? null,
    }));
    return { body: { items, next: null } };
  },
});

export const alertOperations = [list];
