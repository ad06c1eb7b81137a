import { z } from '@hono/zod-openapi';
import type { WebhookConfig } from '../../connectors/webhook/config.ts';
import { rotateSecret } from '../../connectors/webhook/rotation.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { notFound, notHere, unprocessable } from './frame/refusal.ts';
import { name, TIME } from './shapes.ts';

const HOUR_MS = 3_600_000;

const rotate = operation({
  method: 'post',
  path: '/v1/connections/{name}/rotate-secret',
  id: 'rotateWebhookSecret',
  summary: 'Makes a new secret for a webhook connection and shows it, this once',
  description:
    'It signs and is believed at once; until the overlap is over messages carry a signature by each, and both are believed. It is kept encrypted in the hub, in place of the one in hub.yaml; another secret there ends it. Give it to the other side within the overlap.',
  tag: 'Tools',
  role: 'admin',
  secretAnswer: true,
  params: { name: name('The name of a connection in hub.yaml.') },
  body: z.strictObject({
    overlapHours: z.number().min(0).max(720).default(24).openapi({
      description: 'How long the secret that is replaced counts; 0 ends it at once, as after a leak.',
    }),
  }),
  problems: [404, 422, 501],
  answer: {
    description: 'The secret.',
    schema: z.object({ secret: z.string(), previousUntil: TIME }).openapi('NewWebhookSecret'),
  },
  async handle({ params, body }, { deps, signal }) {
    const hub = hubOf(deps);
    const tool = hub.tools.get(params.name);
    if (!tool) throw notFound('connection', 'GET /v1/connections lists them.');
    const config = tool.config.config as WebhookConfig;
    if (tool.config.type !== 'webhook' || config.secret === undefined)
      throw unprocessable(
        'this connection has no secret of its own',
        'Secrets of webhook connections can be rotated; those of other tools are made by the tools.',
      );
    const { vault, now } = tool.context(signal);
    if (!vault) throw notHere('nothing can be kept encrypted here', 'Start the server with NAYOSE_KEY.');
    const random = crypto.getRandomValues(new Uint8Array(32));
    return { body: await rotateSecret({ config, vault, now }, body.overlapHours * HOUR_MS, random) };
  },
});

export const webhookSecretOperations = [rotate];
