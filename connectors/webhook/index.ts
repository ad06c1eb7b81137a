/** Anything that posts JSON, or takes it: see config.ts for what a connection says. */
import type { Connector, Context, Field, Stream } from '../contract.ts';
import type { Lookup } from '../private.ts';
import { ANY_STREAM, type WebhookConfig, webhookConfig } from './config.ts';
import { parseHook } from './parse.ts';
import { withSecrets, withSecretsIn } from './rotation.ts';
import { send } from './send.ts';
import { messageId, verifyHmac, verifyKey, verifyStandard } from './signature.ts';

const OPS_AT_ONCE = 20;

function streams(config: WebhookConfig): Stream[] {
  return Object.entries(config.streams ?? { [ANY_STREAM]: { label: 'Records', fields: {} } }).map(
    ([name, { label, fields }]) => ({
      name,
      label: label ?? name,
      open: true,
      fields: Object.entries(fields).map(
        ([field, type]): Field => ({
          name: field,
          label: field,
          type,
          required: false,
          writable: config.url !== undefined && config.format === 'standard',
          unique: false,
        }),
      ),
      read: false,
      write:
        config.url === undefined || config.format !== 'standard'
          ? false
          : { ops: ['create', 'update', 'delete', 'merge'], maxBatch: OPS_AT_ONCE, idempotency: 'key' },
    }),
  );
}

/** `lookup` resolves names for the check against private addresses; the system's when left out. */
export function createWebhook(options: { lookup?: Lookup } = {}): Connector<WebhookConfig> {
  return {
    type: 'webhook',
    config: webhookConfig,
    discover: async (ctx: Context<WebhookConfig>, only?: string[]) =>
      streams(ctx.config).filter(({ name }) => only === undefined || only.includes(name)),
    write: async (ctx, stream, ops) => send(await withSecretsIn(ctx), stream, ops, options.lookup),
    hook: {
      async verify(request, ctx) {
        const config = await withSecrets(ctx);
        if (config.secret === undefined) return verifyKey(config, request);
        if (config.hookKey !== undefined && !(await verifyKey(config, request))) return false;
        return config.scheme === 'standard'
          ? verifyStandard(config, request, ctx.now())
          : await verifyHmac(config, request, ctx.now());
      },
      parse: parseHook,
      id: (request, ctx) => messageId(ctx.config, request),
    },
  };
}

export const webhook: Connector<WebhookConfig> = createWebhook();
