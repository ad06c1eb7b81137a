import { stringify } from 'yaml';
import type { Use } from '../../mappings/propose/mend.ts';
import type { Line, Proposal } from '../../mappings/propose/propose.ts';
import type { ConfigFiles } from './read.ts';
import { HUB_DEFAULTS } from './types.ts';

export type Tool = 'salesforce' | 'hubspot' | 'webhook' | 'csv';
export type BuiltinEntity = 'person' | 'company' | 'deal';

/** Where a tool is, unless it is where everybody's is. */
export type Urls = Partial<Record<Tool, string>>;

export interface Choices {
  tools: Tool[];
  /** Default: person, and company where two tools know companies. */
  entities?: BuiltinEntity[];
  region?: string;
  timeZone?: string;
  /** From `jsonSchemas`: written beside the config, and named in it for editors. */
  schemas?: { hub: object; mapping: object };
  urls?: Urls;
  /** What was learnt of the accounts: lines beside the presets, attributes of the customer's own. */
  proposals?: ReadonlyMap<BuiltinEntity, Proposal>;
  /** Of mappings that a tool does not allow all of. */
  uses?: ReadonlyMap<string, Use>;
}

type Kit = ToolKit & { tool: Tool };

export interface ToolKit {
  connection: string;
  /** Lines of its connection; `url`: where it is not where everybody's is. */
  yaml(url: string | undefined): string[];
  /** What a person is asked for its address; absent: it has none. */
  address?: { question: string; usual: string };
  env: [name: string, note: string][];
  /** By entity: the mapping's name and its preset. */
  mappings: Partial<Record<BuiltinEntity, { name: string; preset: string }>>;
  writes: boolean;
  /** It tells its schema and its records to whoever has the credentials. */
  tells: boolean;
}

/** Quoted, because braces mean a map in YAML. */
const variable = (name: string) => `"$\{${name}}"`;

export const KITS: Record<Tool, ToolKit> = {
  salesforce: {
    connection: 'crm',
    address: {
      question: 'Where does Salesforce let you log in?',
      usual: 'https://login.salesforce.com',
    },
    yaml: (url) => [
      'type: salesforce',
      url === undefined
        ? 'loginUrl: https://login.salesforce.com # or https://test.salesforce.com, or your own domain'
        : `loginUrl: ${JSON.stringify(url)}`,
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
    tells: true,
  },
  hubspot: {
    connection: 'ma',
    address: { question: 'Where is HubSpot’s API?', usual: 'https://api.hubapi.com' },
    yaml: (url) => [
      'type: hubspot',
      ...(url === undefined ? [] : [`baseUrl: ${JSON.stringify(url)}`]),
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
    tells: true,
  },
  webhook: {
    connection: 'forms',
    yaml: () => [
      'type: webhook',
      `secret: ${variable('FORMS_SECRET')} # signs what comes in: POST /hooks/forms`,
    ],
    env: [['FORMS_SECRET', 'shared secret of the webhook: whsec_ and base64']],
    mappings: { person: { name: 'form-lead', preset: 'webhook/person' } },
    writes: false,
    tells: false,
  },
  csv: {
    connection: 'files',
    yaml: () => [
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
    tells: false,
  },
};

const SYNCS: Record<BuiltinEntity, string> = { company: 'companies', person: 'people', deal: 'deals' };

/** The files of a new config folder by their path in it. Pure: the caller asks the questions and writes. */
export function scaffold(choices: Choices): ConfigFiles {
  const tools = [...new Set(choices.tools)];
  if (tools.length === 0) throw new Error('choose at least one tool');
  const kits = tools.map((tool) => ({ ...KITS[tool], tool }));
  const entities = choices.entities ?? defaultEntities(kits);
  const files: ConfigFiles = {};
  const comment = (schema: string) => (choices.schemas ? `# yaml-language-server: $schema=${schema}\n` : '');

  for (const kit of kits)
    for (const entity of entities) {
      const mapping = kit.mappings[entity];
      if (mapping)
        files[`mappings/${mapping.name}.yaml`] =
          `${comment('../schemas/mapping.schema.json')}connection: ${kit.connection}\npreset: ${mapping.preset}\n` +
          fieldLines(choices.proposals?.get(entity)?.lines.get(mapping.name));
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

/** What these tools are asked to share: people, and companies where two of them know companies. */
export const entitiesOf = (tools: readonly Tool[]): BuiltinEntity[] =>
  defaultEntities(tools.map((tool) => KITS[tool]));

function defaultEntities(kits: ToolKit[]): BuiltinEntity[] {
  const withCompanies = kits.filter(({ mappings }) => mappings.company).length;
  return withCompanies > 1 ? ['company', 'person'] : ['person'];
}

function hubYaml(kits: Kit[], entities: BuiltinEntity[], choices: Choices): string {
  const lines = [
    'hub:',
    `  region: ${choices.region ?? HUB_DEFAULTS.region} # of phone numbers that name no country`,
    `  timeZone: ${choices.timeZone ?? HUB_DEFAULTS.timeZone} # of times that name no zone, and of schedules`,
    'connections:',
  ];
  for (const { connection, yaml, tool } of kits)
    lines.push(`  ${connection}:`, ...yaml(choices.urls?.[tool]).map((line) => `    ${line}`));
  lines.push(...entityLines(choices));
  const syncs = (['company', 'person', 'deal'] as const).flatMap((entity) => {
    const members = entities.includes(entity)
      ? kits.flatMap((kit) => {
          const mapping = kit.mappings[entity];
          return mapping
            ? [
                `      - { mapping: ${mapping.name}, ${kit.writes ? useText(choices.uses?.get(mapping.name)) : 'mode: read'} }`,
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

const useText = ({ mode, create }: Use = { mode: 'both', create: true }) =>
  `mode: ${mode}${create ? ', create: true' : ''}`;

/** The lines beside the preset; none yet: how to write some. */
function fieldLines(lines: ReadonlyMap<string, Line> | undefined): string {
  if (!lines || lines.size === 0)
    return (
      '# fields:                       # add to the preset, change it, or remove a line of it with null\n' +
      '#   score: Score__c\n#   fax: null\n'
    );
  return [
    'fields: # beside the preset, from the names, types and values of the account; null leaves a line of the preset out',
    ...[...lines].map(([attribute, line]) => `  ${attribute}: ${flow(line)}`),
    '',
  ].join('\n');
}

const flow = (line: Line): string =>
  stringify(line, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();

/** Attributes that the accounts have and the built-in entities do not. */
function entityLines({ proposals }: Choices): string[] {
  const own = [...(proposals ?? [])].filter(([, { attributes }]) => attributes.size > 0);
  if (own.length === 0) return [];
  return [
    'entities:',
    ...own.flatMap(([entity, { attributes }]) => [
      `  ${entity}:`,
      `    extends: ${entity}`,
      '    attributes:',
      ...[...attributes].map(([name, type]) => `      ${name}: { type: ${type} }`),
    ]),
  ];
}

function envExample(kits: ToolKit[]): string {
  const lines = ['# Copy to .env and fill in. Never commit .env.'];
  for (const [name, note] of kits.flatMap(({ env }) => env)) lines.push('', `# ${note}`, `${name}=`);
  lines.push(
    '',
    '# PostgreSQL; left out: an embedded database in NAYOSE_DATA',
    '# DATABASE_URL=postgres://user:password@localhost:5432/nayose',
    '# its folder; left out: .nayose in the directory where the command is typed. One for each config folder',
    '# NAYOSE_DATA=/var/lib/nayose',
    '# encrypts stored secrets',
    '# NAYOSE_KEY=',
  );
  return `${lines.join('\n')}\n`;
}
