import { z } from 'zod';

const streamSchema = z.strictObject({
  label: z.string().optional(),
  /** Field names and their types; fields that are not listed pass too. */
  fields: z
    .record(
      z.string(),
      z.enum(['text', 'email', 'phone', 'url', 'number', 'boolean', 'date', 'datetime', 'json']),
    )
    .default({}),
});

/** How a receiver wants its messages written. Slack and Teams sign nothing: their address is the secret. */
export const MESSAGE_FORMATS = ['standard', 'slack', 'teams'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

/** Base64 as Standard Webhooks wants it, with or without the `whsec_` in front; undefined when it is not. */
export function standardKey(secret: string): string | undefined {
  const key = secret.replace(/^whsec_/, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(key) && key.length % 4 === 0 ? key : undefined;
}

/**
 * A connection of type webhook: what comes in (`secret` or `hookKey`), what goes out (`url`), or both. Paths
 * (`id`, `stream`, `at`, `record`) are field names joined by dots, from the top of each JSON object.
 */
export const webhookConfig = z
  .strictObject({
    type: z.literal('webhook').optional(),
    secret: z.string().min(1).optional(),
    /** How `secret` signs what comes in. */
    scheme: z.enum(['standard', 'hmac']).default('standard'),
    /** For `hmac`: the header that carries HMAC-SHA256 of the raw body. */
    header: z.string().min(1).default('x-signature'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    /** For `hmac`: what stands before the signature in the header, such as `sha256=`. */
    prefix: z.string().default(''),
    /** For `hmac`: the header with the time that the signature covers. Messages older than five minutes are refused. */
    timestampHeader: z.string().min(1).optional(),
    /** For `hmac`: the text that is signed, such as `v0:{timestamp}:{body}`. Default: the body, after the time and a dot if there is one. */
    signed: z
      .string()
      .regex(/^(?:(?!\{body\}).)*\{body\}(?:(?!\{body\}).)*$/s, 'a text with {body} in it, once')
      .optional(),
    /** The secret last part of the address, for a sender that cannot sign. */
    hookKey: z.string().min(16, 'at least 16 characters, or it can be guessed').optional(),
    id: z.string().min(1).default('id'),
    stream: z.string().min(1).optional(),
    at: z.string().min(1).optional(),
    /** Where the record's fields stand, when not at the top. */
    record: z.string().min(1).optional(),
    streams: z.record(z.string(), streamSchema).optional(),
    url: z.url({ protocol: /^https?$/ }).optional(),
    /**
     * Secrets that `secret` has replaced, while the other side changes over: what is sent carries a signature by each, and by
     * `secret` first; what comes in is believed by any.
     */
    previousSecrets: z.array(z.string().min(1)).max(5).default([]),
    /** Of the messages (alerts) that are sent to `url`. */
    format: z.enum(MESSAGE_FORMATS).default('standard'),
    allowPrivate: z.boolean().default(false),
  })
  .superRefine((config, issues) => {
    const wrong = (path: string, message: string, fix?: string) =>
      issues.addIssue({
        code: 'custom',
        path: [path],
        message,
        ...(fix === undefined ? {} : { params: { fix } }),
      });
    if (config.secret === undefined && config.hookKey === undefined && config.url === undefined)
      wrong(
        'secret',
        'this webhook neither receives nor sends',
        'add a secret (to receive), a url (to send), or both',
      );
    if (config.url !== undefined && config.secret === undefined && config.format === 'standard')
      wrong('secret', 'is missing', 'add a secret: it signs what is sent to url');
    if (
      config.secret !== undefined &&
      config.scheme === 'standard' &&
      standardKey(config.secret) === undefined
    )
      wrong(
        'secret',
        'is not a Standard Webhooks secret, which is base64 and often begins with whsec_',
        'for another kind of secret say scheme: hmac',
      );
    if (config.previousSecrets.length > 0 && config.secret === undefined)
      wrong('previousSecrets', 'there is no secret that replaced them', 'give it as secret');
    if (config.signed?.includes('{timestamp}') && config.timestampHeader === undefined)
      wrong('timestampHeader', 'is missing', 'name the header that {timestamp} in signed comes from');
    if (config.timestampHeader !== undefined && config.signed?.includes('{timestamp}') === false)
      wrong(
        'signed',
        'has no {timestamp}, and a time that is not signed protects from no replay',
        'put {timestamp} into it',
      );
    for (const [i, previous] of config.previousSecrets.entries())
      if (config.scheme === 'standard' && standardKey(previous) === undefined)
        wrong('previousSecrets', `its ${i + 1}. entry is not base64, as a Standard Webhooks secret is`);
    if (config.streams !== undefined && Object.keys(config.streams).length === 0)
      wrong('streams', 'is empty', 'name at least one stream, or leave streams out');
  });

export type WebhookConfig = z.infer<typeof webhookConfig>;

/** The stream of everything when none is configured. */
export const ANY_STREAM = 'records';
