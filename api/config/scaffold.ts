import type { ConfigFiles } from './read.ts';
import { HUB_DEFAULTS } from './types.ts';

export type Tool = 'salesforce' | 'hubspot' | 'webhook' | 'csv';
export type BuiltinEntity = 'person' | 'company' | 'deal';

export interface Choices {
  tools: Tool[];
  /** Default: person, and company where two tools know companies. */
  entities?: BuiltinEntity[];
  region?: string;
  timeZone?: string;
  /** From `jsonSchemas`: written beside the config, and named in it for editors. */
  schemas?: { hub: object; mapping: object };
}

interface ToolKit {
  connection: string;
  yaml: string[];
  env: [name: string, note: string][];
  /** By entity: the mapping's name and its preset. */
  mappings: Partial<Record<BuiltinEntity, { name: string; preset: string }>>;
  writes: boolean;
}

/** Quoted, because braces mean a map in YAML. */
const variable = (name: string) => `"$\{${name}}"`;

const KITS: Record<Tool, ToolKit> = {
  salesforce: {
    connection: 'crm',
    yaml: [
      'type: salesforce',
      'loginUrl: https://login.salesforce.com # or https://test.salesforce.com, or your own domain',
      `auth: { grant: client_credentials, clientId: ${variable('SF_ID')}, clientSecret: ${variable('SF_SECRET')} }`,
    ],
    env: [
      ['SF_ID', 'consumer key of the connected app (client credentials flow enabled)'],
      ['SF_SECRET', 'consumer secret of the connected app'],
    ],
    mappings: {
      person: { name: 'crm-contact', preset: 'salesforce/contact' },
      company: { name: 'crm-account', preset: 'salesforce/account' },
      deal: { name: 'crm-opportunity', preset: 'salesforce/opportunity' },
    },
    writes: true,
  },
  hubspot: {
    connection: 'ma',
    yaml: [
      'type: hubspot',
      `accessToken: ${variable('HUBSPOT_TOKEN')}`,
      `# clientSecret: ${variable('HUBSPOT_SECRET')} # to receive its webhooks`,
    ],
    env: [['HUBSPOT_TOKEN', 'access token of the private app, with the crm.objects and crm.schemas scopes']],
    mappings: {
      person: { name: 'ma-contact', preset: 'hubspot/contact' },
      company: { name: 'ma-company', preset: 'hubspot/company' },
      deal: { name: 'ma-deal', preset: 'hubspot/deal' },
    },
    writes: true,
  },
  webhook: {
    connection: 'forms',
    yaml: ['type: webhook', `secret: ${variable('FORMS_SECRET')} # signs what comes in: POST /hooks/forms`],
    env: [['FORMS_SECRET', 'shared secret of the webhook: whsec_ and base64']],
    mappings: { person: { name: 'form-lead', preset: 'webhook/person' } },
    writes: false,
  },
  csv: {
    connection: 'files',
    yaml: [
      'type: csv',
      'path: ./files # each .csv in it is an object; put people.csv there',
      'encoding: utf-8 # or shift_jis',
    ],
    env: [],
    mappings: {
      person: { name: 'files-people', preset: 'csv/person' },
      company: { name: 'files-companies', preset: 'csv/company' },
    },
    writes: false,
  },
};

const SYNCS: Record<BuiltinEntity, string> = { company: 'companies', person: 'people', deal: 'deals' };

/** The files of a new config folder by their path in it. Pure: the caller asks the questions and writes. */
export function scaffold(choices: Choices): ConfigFiles {
  const tools = [...new Set(choices.tools)];
  if (tools.length === 0) throw new Error('choose at least one tool');
  const kits = tools.map((tool) => KITS[tool]);
  const entities = choices.entities ?? defaultEntities(kits);
  const files: ConfigFiles = {};
  const comment = (schema: string) => (choices.schemas ? `# yaml-language-server: $schema=${schema}\n` : '');

  for (const kit of kits)
    for (const entity of entities) {
      const mapping = kit.mappings[entity];
      if (mapping)
        files[`mappings/${mapping.name}.yaml`] =
          `${comment('../schemas/mapping.schema.json')}connection: ${kit.connection}\npreset: ${mapping.preset}\n` +
          '# fields:                       # add to the preset, change it, or remove a line of it with null\n' +
          '#   score: Score__c\n#   fax: null\n';
    }
  files['hub.yaml'] = comment('schemas/hub.schema.json') + hubYaml(kits, entities, choices);
  files['.env.example'] = envExample(kits);
  files['.gitignore'] = '.env\n.nayose/\n';
  if (choices.schemas) {
    files['schemas/hub.schema.json'] = `${JSON.stringify(choices.schemas.hub, null, 2)}\n`;
    files['schemas/mapping.schema.json'] = `${JSON.stringify(choices.schemas.mapping, null, 2)}\n`;
  }
  return files;
}

function defaultEntities(kits: ToolKit[]): BuiltinEntity[] {
  const withCompanies = kits.filter(({ mappings }) => mappings.company).length;
  return withCompanies > 1 ? ['company', 'person'] : ['person'];
}

function hubYaml(kits: ToolKit[], entities: BuiltinEntity[], choices: Choices): string {
  const lines = [
    'hub:',
    `  region: ${choices.region ?? HUB_DEFAULTS.region} # of phone numbers that name no country`,
    `  timeZone: ${choices.timeZone ?? HUB_DEFAULTS.timeZone} # of times that name no zone, and of schedules`,
    'connections:',
  ];
  for (const { connection, yaml } of kits)
    lines.push(`  ${connection}:`, ...yaml.map((line) => `    ${line}`));
  const syncs = (['company', 'person', 'deal'] as const).flatMap((entity) => {
    const members = entities.includes(entity)
      ? kits.flatMap((kit) => {
          const mapping = kit.mappings[entity];
          return mapping
            ? [
                `      - { mapping: ${mapping.name}, ${kit.writes ? 'mode: both, create: true' : 'mode: read'} }`,
              ]
            : [];
        })
      : [];
    if (members.length === 0) return [];
    return [
      `  ${SYNCS[entity]}:`,
      `    entity: ${entity}`,
      '    schedule: "*/5 * * * *"',
      '    realtime: true',
      '    guards: { maxDeleted: 0 } # maxChanged: 20% stops a run that would write to more records than that',
      '    members:',
      ...members,
    ];
  });
  if (syncs.length > 0) lines.push('syncs:', ...syncs);
  return `${lines.join('\n')}\n`;
}

function envExample(kits: ToolKit[]): string {
  const lines = ['# Copy to .env and fill in. Never commit .env.'];
  for (const [name, note] of kits.flatMap(({ env }) => env)) lines.push('', `# ${note}`, `${name}=`);
  lines.push(
    '',
    '# PostgreSQL; left out: an embedded database in ./.nayose',
    '# DATABASE_URL=postgres://user:password@localhost:5432/nayose',
    '# encrypts stored secrets',
    '# NAYOSE_KEY=',
  );
  return `${lines.join('\n')}\n`;
}
