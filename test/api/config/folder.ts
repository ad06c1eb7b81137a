/** Small connectors and a whole folder, for the tests of the config. */
import { z } from 'zod';
import type { ConnectorSchemas } from '../../../api/config/connections.ts';
import { type ConfigFiles, readConfig } from '../../../api/config/read.ts';

export const CONNECTORS: ConnectorSchemas = {
  salesforce: {
    config: z.strictObject({
      type: z.literal('salesforce').optional(),
      loginUrl: z.url().default('https://login.salesforce.com'),
      auth: z.discriminatedUnion('grant', [
        z.strictObject({
          grant: z.literal('client_credentials'),
          clientId: z.string(),
          clientSecret: z.string(),
        }),
        z.strictObject({ grant: z.literal('token'), accessToken: z.string() }),
      ]),
    }),
  },
  hubspot: {
    config: z.object({
      accessToken: z.string().min(1),
      clientSecret: z.string().optional(),
      baseUrl: z.url().optional(),
    }),
  },
  webhook: {
    config: z.strictObject({
      secret: z.string().optional(),
      hookKey: z.string().min(16).optional(),
      url: z.url().optional(),
    }),
  },
  csv: {
    config: z.strictObject({ path: z.string(), encoding: z.enum(['utf-8', 'shift_jis']).default('utf-8') }),
  },
};

export const ENV = {
  SF_ID: 'the-id-of-the-app',
  SF_SECRET: 'hunter2-salesforce',
  HUBSPOT_TOKEN: 'pat-na1-hubspot',
  FORMS_SECRET: 'whsec_c2VjcmV0',
};

export const HUB = `connections:
  crm:   { type: salesforce, loginUrl: https://login.salesforce.com, auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" } }
  ma:    { type: hubspot, accessToken: "\${HUBSPOT_TOKEN}" }
  forms: { type: webhook, secret: "\${FORMS_SECRET}", url: https://example.com/in }
  erp:   { type: csv, path: ./erp, encoding: shift_jis }
entities:
  person: { extends: person, attributes: { score: { type: number } }, survivorship: { score: max, phone: [{ prefer: [crm] }, latest] } }
syncs:
  people: { entity: person, schedule: "*/5 * * * *", realtime: true, guards: { maxChanged: 20%, maxDeleted: 0 },
            members: [ { mapping: crm-contact, mode: both, create: true }, { mapping: ma-contact, mode: both, create: true }, { mapping: form-lead, mode: read } ] }
  companies: { entity: company, members: [crm-account, ma-company] }
alerts:
  hot-lead: { entity: person, when: "score >= 80 and $previous.score < 80", to: forms }
`;

export const FILES: ConfigFiles = {
  'hub.yaml': HUB,
  'mappings/crm-contact.yaml': 'connection: crm\npreset: salesforce/contact\nfields: { score: Score__c }\n',
  'mappings/crm-account.yaml': 'connection: crm\npreset: salesforce/account\n',
  'mappings/ma-contact.yaml': 'connection: ma\npreset: hubspot/contact\n',
  'mappings/ma-company.yaml': 'connection: ma\npreset: hubspot/company\n',
  'mappings/form-lead.yml': 'connection: forms\npreset: webhook/person\n',
};

export const read = (
  files: ConfigFiles,
  more: { env?: Record<string, string | undefined>; overlay?: string } = {},
) =>
  readConfig(files, {
    env: more.env ?? ENV,
    connectors: CONNECTORS,
    ...(more.overlay ? { overlay: more.overlay } : {}),
  });

/** The config of a folder that must be right. */
export function good(files: ConfigFiles, more: { overlay?: string } = {}) {
  const result = read(files, more);
  if ('problems' in result) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.config;
}
