/** Secrets that the hub made itself, in place of the one in hub.yaml: kept encrypted, beside the configuration. */
import { z } from 'zod';
import type { Context, Log, Vault } from '../contract.ts';
import type { WebhookConfig } from './config.ts';

const NAME = 'signing';
const MOST_BEFORE = 5;

const rotated = z.object({
  /** Of the secret in hub.yaml that was replaced: another one there counts again. */
  base: z.string(),
  secret: z.string(),
  before: z.array(z.object({ secret: z.string(), until: z.string() })),
});
type Rotated = z.infer<typeof rotated>;

export interface Keeping {
  config: WebhookConfig;
  vault?: Vault | undefined;
  now(): Date;
  log?: Log | undefined;
}

/** The same connection with the secrets that count now. What cannot be read is told, and hub.yaml counts. */
export async function withSecrets({ config, vault, now, log }: Keeping): Promise<WebhookConfig> {
  if (config.secret === undefined || !vault) return config;
  const kept = await read(config.secret, vault).catch((error: Error) => {
    log?.warn('the rotated secret of a webhook cannot be read: the one in hub.yaml counts', {
      error: error.message,
    });
    return undefined;
  });
  if (!kept) return config;
  const previousSecrets = living(kept, now()).map(({ secret }) => secret);
  return { ...config, secret: kept.secret, previousSecrets };
}

/** A call's context with the secrets that count now. */
export const withSecretsIn = async (ctx: Context<WebhookConfig>): Promise<Context<WebhookConfig>> => ({
  ...ctx,
  config: await withSecrets(ctx),
});

/** Makes a new secret, which counts at once; the present one counts until the overlap is over. The caller shows it, once. */
export async function rotateSecret(
  { config, vault, now }: Keeping & { vault: Vault },
  overlapMs: number,
  random: Uint8Array,
): Promise<{ secret: string; previousUntil: string }> {
  if (config.secret === undefined) throw new Error('a webhook without a secret has none to rotate');
  const kept = await read(config.secret, vault);
  const until = new Date(now().getTime() + overlapMs).toISOString();
  const secret = `whsec_${btoa(String.fromCharCode(...random))}`;
  const before = [
    { secret: kept?.secret ?? config.secret, until },
    ...(kept ? living(kept, now()) : config.previousSecrets.map((one) => ({ secret: one, until }))),
  ].slice(0, MOST_BEFORE);
  const next: Rotated = { base: await fingerprint(config.secret), secret, before };
  await vault.put(NAME, JSON.stringify(next));
  return { secret, previousUntil: until };
}

const living = ({ before }: Rotated, now: Date) =>
  before.filter(({ until }) => Date.parse(until) > now.getTime());

async function read(configured: string, vault: Vault): Promise<Rotated | undefined> {
  const text = await vault.get(NAME);
  if (text === undefined) return undefined;
  const kept = rotated.parse(JSON.parse(text));
  return kept.base === (await fingerprint(configured)) ? kept : undefined;
}

async function fingerprint(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
