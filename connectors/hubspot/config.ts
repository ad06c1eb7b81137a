import { z } from 'zod';

const secret = z.string().min(1, 'is empty: is its environment variable set?');

/** A connection of type hubspot. Exactly one of `accessToken` (a private app's) and `oauth`. */
export const hubspotConfig = z
  .strictObject({
    type: z.literal('hubspot').optional(),
    accessToken: secret.optional(),
    oauth: z.strictObject({ clientId: secret, clientSecret: secret, refreshToken: secret }).optional(),
    /** Of the app that sends the webhooks: proves that they come from HubSpot. */
    clientSecret: secret.optional(),
    baseUrl: z
      .url({ protocol: /^https?$/, error: 'write the whole address, such as https://api.hubapi.com' })
      .default('https://api.hubapi.com')
      .transform((url) => url.replace(/\/+$/, '')),
    /** The portal that the credentials must belong to. */
    portalId: z
      .union([z.string().regex(/^\d+$/, 'a portal id has digits only'), z.number().int().positive()])
      .transform(String)
      .optional(),
    /** Of the app whose token this is: events of our own writes are then told apart. */
    appId: z
      .union([z.string().min(1), z.number().int()])
      .transform(String)
      .optional(),
    /** true: a lifecycle stage that HubSpot would not move backwards is cleared first. false: the stage that stays is taken as it is. */
    lifecycleBackwards: z.boolean().default(false),
    /** Last part of an address for senders that cannot sign. */
    hookKey: z.string().min(16, 'make it at least 16 characters: whoever knows it can send').optional(),
  })
  .superRefine((config, issues) => {
    if (config.accessToken !== undefined && config.oauth !== undefined)
      issues.addIssue({
        code: 'custom',
        path: ['oauth'],
        message: 'there are both accessToken and oauth',
        params: { fix: 'give either accessToken or oauth' },
      });
    if (config.accessToken === undefined && config.oauth === undefined)
      issues.addIssue({
        code: 'custom',
        path: ['accessToken'],
        message: 'is missing',
        params: {
          fix: 'give the token of a private app (HubSpot: Settings, Integrations, Private Apps), or oauth with clientId, clientSecret and refreshToken',
        },
      });
  });

export type HubspotConfig = z.infer<typeof hubspotConfig>;
