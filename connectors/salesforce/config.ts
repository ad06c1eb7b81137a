import { z } from 'zod';
import { isId } from './ids.ts';

const address = (example: string) =>
  z.url({ protocol: /^https?$/, error: `expected an address such as ${example}` });
const filled = (what: string) =>
  z.string({ error: `expected ${what}` }).min(1, `expected ${what}, found nothing`);

const clientId = filled('the consumer key of the connected app');

/** How the hub logs in. `token` cannot log in again: when its token expires, a person has to give a new one. */
export const Auth = z.discriminatedUnion(
  'grant',
  [
    z.strictObject({
      grant: z.literal('client_credentials'),
      clientId,
      clientSecret: filled('the consumer secret of the connected app'),
    }),
    z.strictObject({
      grant: z.literal('jwt'),
      clientId,
      privateKey: filled('a private key (PEM)').regex(
        /-----BEGIN PRIVATE KEY-----/,
        'expected a PKCS#8 key in PEM (BEGIN PRIVATE KEY); convert with: openssl pkcs8 -topk8 -nocrypt -in key.pem',
      ),
      username: filled('the user to act as'),
    }),
    z.strictObject({
      grant: z.literal('refresh_token'),
      clientId,
      clientSecret: filled('the consumer secret').optional(),
      refreshToken: filled('a refresh token'),
    }),
    z.strictObject({
      grant: z.literal('token'),
      accessToken: filled('an access token'),
      instanceUrl: address('https://example.my.salesforce.com'),
    }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? 'one of client_credentials, jwt, refresh_token, token'
        : 'a map such as { grant: client_credentials, clientId: …, clientSecret: … }',
  },
);

export const Config = z.strictObject({
  type: z.literal('salesforce').optional(),
  loginUrl: address('https://login.salesforce.com').default('https://login.salesforce.com'),
  /** Overrides the address that the login names. */
  instanceUrl: address('https://example.my.salesforce.com')
    .refine(
      (url) => !url.includes('.lightning.force.com'),
      'give the my.salesforce.com address, not lightning’s',
    )
    .optional(),
  apiVersion: z
    .string({ error: "expected an API version in quotes, such as '62.0'" })
    .regex(/^\d{2,3}\.0$/, "expected an API version such as '62.0'")
    .refine((version) => Number(version) >= 52, 'at least 52.0')
    .default('62.0'),
  auth: Auth,
  /** false: Bulk API 2.0 is never used, and collections of 200 carry everything. */
  bulk: z.boolean().default(true),
  /** From this many ops in one write on, Bulk API 2.0 carries them. Absent: whichever way costs fewer calls. */
  bulkThreshold: z.int().min(200, 'at least 200, because a bulk job pays from there on').optional(),
  /** Records that a duplicate rule would stop are saved all the same, where the rule lets users do so. Bulk jobs cannot ask for it. */
  allowDuplicates: z.boolean().default(false),
  /** API calls a day that this connection may make, until Salesforce says what the org's limit is. */
  dailyCalls: z.int().positive().default(100_000),
  /** Signs what a Flow or trigger sends to the hub: see hook.ts. */
  hookSecret: filled('a secret').min(16, 'a hook secret has at least 16 characters').optional(),
  /** The secret part of an unsigned hook's address. */
  hookKey: filled('a secret').min(16, 'at least 16 characters, or it can be guessed').optional(),
  /** The organization that the credentials must belong to. Outbound messages of others are refused. */
  organizationId: z
    .string()
    .refine(isId, 'an organization id has 15 or 18 characters and begins with 00D')
    .optional(),
  /** Follow Change Data Capture: a change here is seen within seconds. Node only. */
  changeDataCapture: z.boolean().default(false),
  /**
   * Names this hub in the change events of its own writes, so that it does not look at those again. No other
   * program may use the same name in this org: its changes would be passed over.
   */
  clientName: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'letters, digits, _, . and -, at most 64')
    .optional(),
});

export type SalesforceConfig = z.infer<typeof Config>;
