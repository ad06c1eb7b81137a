// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the files' own variables
/**
 * Wrong configurations and the whole message that each of them gets, against the real connectors. The messages lie in messages.txt, to be
 * read: whoever changes one sees it there as its user will.
 */
import { expect, test } from 'vitest';
import { readConfig } from '../../../api/config/read.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { formatProblem } from '../../../mappings/problem.ts';

const ENV = { SF_ID: 'id', SF_SECRET: 'hunter2', HUBSPOT_TOKEN: 'pat-1', FORMS_SECRET: 'whsec_c2VjcmV0' };
const HUB = `connections:
  crm:
    type: salesforce
    auth: { grant: client_credentials, clientId: "\${SF_ID}", clientSecret: "\${SF_SECRET}" }
  ma: { type: hubspot, accessToken: "\${HUBSPOT_TOKEN}" }
  forms: { type: webhook, secret: "\${FORMS_SECRET}", url: https://example.com/in }
  erp: { type: csv, path: ./erp, encoding: shift_jis }
entities:
  person: { attributes: { score: number }, survivorship: { score: max } }
syncs:
  people:
    entity: person
    schedule: "*/5 * * * *"
    members:
      - { mapping: crm, mode: both, create: true }
      - { mapping: ma, mode: both, create: true }
alerts:
  hot: { entity: person, when: "score >= 80", to: forms }
webhooks:
  - { to: forms, events: [merged] }
`;

type Files = Record<string, string>;

const RIGHT: Files = {
  'hub.yaml': HUB,
  'mappings/crm.yaml': 'connection: crm\npreset: salesforce/contact\nfields:\n  score: Score__c\n',
  'mappings/ma.yaml': 'connection: ma\npreset: hubspot/contact\n',
};

/** The right folder with one text of hub.yaml replaced. */
function H(from: string, to: string): Files {
  if (!HUB.includes(from)) throw new Error(`hub.yaml has no ${from}`);
  return { ...RIGHT, 'hub.yaml': HUB.replace(from, () => to) };
}
/** With another mapping of crm. */
const M = (text: string): Files => ({ ...RIGHT, 'mappings/crm.yaml': text });
/** With a mapping of crm that has this one line. */
const F = (line: string) => M(`connection: crm\nobject: Contact\nentity: person\nfields:\n  ${line}\n`);

const WRONG: [name: string, files: Files, overlay?: string][] = [
  ['hub.yaml list', { ...RIGHT, 'hub.yaml': '- a\n' }],
  ['hub text', { ...RIGHT, 'hub.yaml': 'hello\n' }],
  ['connections null', H(HUB.slice(0, HUB.indexOf('entities:')), 'connections:\n')],
  ['connections missing', { ...RIGHT, 'hub.yaml': 'syncs: {}\n' }],
  ['connections list', { ...RIGHT, 'hub.yaml': 'connections:\n  - type: csv\n' }],
  ['connection string', H('{ type: csv, path: ./erp, encoding: shift_jis }', 'csv')],
  ['type number', H('type: csv', 'type: 3')],
  [
    'auth missing',
    H('    auth: { grant: client_credentials, clientId: "${SF_ID}", clientSecret: "${SF_SECRET}" }\n', ''),
  ],
  ['grant missing', H('grant: client_credentials, ', '')],
  ['grant wrong', H('client_credentials', 'client_credential')],
  ['grant oauth', H('client_credentials', 'password')],
  [
    'jwt without key',
    H(
      '{ grant: client_credentials, clientId: "${SF_ID}", clientSecret: "${SF_SECRET}" }',
      '{ grant: jwt, clientId: x, username: a@b.c, privateKey: abc }',
    ),
  ],
  ['api version', H('type: salesforce\n', 'type: salesforce\n    apiVersion: 62\n')],
  ['api version 2', H('type: salesforce\n', 'type: salesforce\n    apiVersion: "40.0"\n')],
  ['login url', H('type: salesforce\n', 'type: salesforce\n    loginUrl: login.salesforce.com\n')],
  ['bulk text', H('type: salesforce\n', 'type: salesforce\n    bulk: "no"\n')],
  ['bulkThreshold', H('type: salesforce\n', 'type: salesforce\n    bulkThreshold: 10\n')],
  [
    'hubspot both',
    H(
      'accessToken: "${HUBSPOT_TOKEN}"',
      'accessToken: a, oauth: { clientId: a, clientSecret: b, refreshToken: c }',
    ),
  ],
  ['hubspot none', H(', accessToken: "${HUBSPOT_TOKEN}"', '')],
  ['hubspot baseUrl', H('accessToken: "${HUBSPOT_TOKEN}"', 'accessToken: a, baseUrl: api.hubapi.com')],
  ['webhook nothing', H('secret: "${FORMS_SECRET}", url: https://example.com/in', '')],
  ['webhook bad secret', H('secret: "${FORMS_SECRET}"', 'secret: "not base64!"')],
  ['webhook url', H('url: https://example.com/in', 'url: example.com')],
  ['webhook ftp', H('url: https://example.com/in', 'url: ftp://example.com')],
  ['webhook scheme', H('url: https://example.com/in', 'url: https://example.com/in, scheme: hmak')],
  [
    'webhook streams',
    H('url: https://example.com/in', 'url: https://example.com/in, streams: { a: { fields: { x: txt } } }'),
  ],
  ['csv no path', H('path: ./erp, ', '')],
  ['csv encoding', H('shift_jis', 'sjis')],
  ['csv delimiter', H('shift_jis', 'utf-8, delimiter: "::"')],
  ['csv utcOffset', H('shift_jis', 'utf-8, utcOffset: JST')],
  ['csv id', H('shift_jis', 'utf-8, id: 3')],
  ['reserve', H('accessToken', 'reserve: 120%, accessToken')],
  ['reserve number', H('accessToken', 'reserve: 0.1, accessToken')],
  ['lanes unknown', H('accessToken', 'lanes: { realtme: 5% }, accessToken')],
  ['pace', H('accessToken', 'pace: 5, accessToken')],
  ['pace per', H('accessToken', 'pace: { calls: 0, per: 100 }, accessToken')],
  ['env unquoted', H('"${HUBSPOT_TOKEN}"', '${HUBSPOT_TOKEN}')],
  ['env unset', H('HUBSPOT_TOKEN', 'HUBSPOT_TOKN')],
  ['env bad', H('${HUBSPOT_TOKEN}', '${}')],
  ['env $NAME', H('"${HUBSPOT_TOKEN}"', '$HUBSPOT_TOKEN')],
  ['secret ref', H('${HUBSPOT_TOKEN}', '${secret:ma.token}')],
  ['env unclosed', H('"${HUBSPOT_TOKEN}"', '"${HUBSPOT_TOKEN"')],
  ['tab', H('  ma:', '\tma:')],
  ['dup', H('  ma:', '  crm: { type: csv, path: x }\n  ma:')],
  ['unclosed', H('./erp, encoding: shift_jis }', './erp, encoding: shift_jis')],
  ['bad indent', H('    entity: person\n    schedule', '    entity: person\n   schedule')],
  ['colon in value', H('https://example.com/in }', 'https://example.com/in, format: a: b }')],
  ['multi docs', { ...RIGHT, 'hub.yaml': `${HUB}---\na: b\n` }],
  ['entity type', H('score: number', 'score: numbr')],
  ['entity attr map no type', H('score: number', 'score: { label: x }')],
  ['entity attr list', H('score: number', 'score: [number]')],
  ['attr name', H('score: number', '"my score": number')],
  ['attr entity', H('score: number', 'score: { type: reference, entity: compny }')],
  ['extends', H('{ attributes', '{ extends: persn, attributes')],
  ['rule', H('score: max }', 'score: maximum }')],
  ['rule prefer text', H('score: max }', 'score: { prefer: crm } }')],
  ['rule prefer', H('score: max }', 'score: [{ prefer: [cmr] }, latest] }')],
  ['rule prefr', H('score: max }', 'score: [{ prefr: [crm] }, latest] }')],
  ['rule rank', H('score: max }', 'score: { rank: [] } }')],
  ['rule email', H('score: max }', 'email: max }')],
  ['rule attr', H('score: max }', 'scor: max }')],
  ['sync no entity', H('    entity: person\n    schedule', '    schedule')],
  [
    'sync no members',
    H(
      '    members:\n      - { mapping: crm, mode: both, create: true }\n      - { mapping: ma, mode: both, create: true }\n',
      '',
    ),
  ],
  ['sync member unknown', H('mapping: ma,', 'mapping: maa,')],
  ['sync member map key', H('mapping: ma,', 'maping: ma,')],
  ['sync mode', H('mode: both', 'mode: two-way')],
  ['sync create', H('create: true', 'create: yes')],
  ['create when', H('create: true', 'create: { when: "lifecycel = 1" }')],
  ['create when expression', H('create: true', 'create: { when: "lifecycle = " }')],
  ['create when previous', H('create: true', 'create: { when: "$previous.score > 1" }')],
  ['create when key', H('create: true', 'create: { if: "score > 1" }')],
  ['where', M('connection: crm\npreset: salesforce/contact\nwhere: { Status: { nto: Open } }\n')],
  ['where text', M("connection: crm\npreset: salesforce/contact\nwhere: Status = 'Open'\n")],
  ['onCreate', M('connection: crm\npreset: salesforce/contact\nonCreate: { LeadSource: [Web] }\n')],
  ['csv columns', H('shift_jis', 'utf-8, columns: { people: [id, name] }')],
  ['csv columns twice', H('shift_jis', 'utf-8, writable: true, columns: { people: [id, id] }')],
  ['sync schedule', H('*/5 * * * *', 'every 5 minutes')],
  ['sync schedule 2', H('*/5 * * * *', '99 * * * *')],
  ['sync realtime', H('    members', '    realtime: 1\n    members')],
  ['sync guards', H('    members', '    guards: { maxChanged: 20 % of all }\n    members')],
  ['sync guards key', H('    members', '    guards: { maxDelete: 0 }\n    members')],
  ['sync guards list', H('    members', '    guards: [20%]\n    members')],
  ['sync deletes', H('    members', '    deletes: delete\n    members')],
  ['sync edits', H('    members', '    edits: { rounds: 1 }\n    members')],
  ['sync reconcile', H('    members', '    reconcile: { schedul: "0 3 * * *" }\n    members')],
  ['sync name', H('  people:', '  my people:')],
  ['sync read create', H('mode: both, create', 'mode: read, create')],
  ['sync of list', H('  people:\n', '  - people:\n')],
  ['alerts when', H('score >= 80', 'score >= ')],
  ['alerts attr', H('score >= 80', 'scoer >= 80')],
  ['alerts to', H('to: forms }\nweb', 'to: form }\nweb')],
  ['alerts to csv', H('to: forms }\nweb', 'to: erp }\nweb')],
  ['alerts no when', H('when: "score >= 80", ', '')],
  ['alerts format', H('to: forms }\nweb', 'to: forms, format: slak }\nweb')],
  ['webhooks map', H('  - { to: forms, events: [merged] }', '  { to: forms, events: [merged] }')],
  ['webhooks event', H('[merged]', '[merge]')],
  ['webhooks events text', H('[merged]', 'merged')],
  ['unknown top', H('webhooks:', 'webhook:')],
  ['mapping not map', M('hello\n')],
  ['mapping no connection', M('preset: salesforce/contact\n')],
  ['mapping connection unknown', M('connection: cmr\npreset: salesforce/contact\n')],
  ['mapping preset', M('connection: crm\npreset: contact\n')],
  ['mapping fields list', M('connection: crm\nobject: Contact\nentity: person\nfields:\n  - email: Email\n')],
  ['mapping fields text', M('connection: crm\nobject: Contact\nentity: person\nfields: Email\n')],
  ['mapping entity', M('connection: crm\nobject: Contact\nentity: persn\nfields:\n  email: Email\n')],
  ['attr list', F('email: [Email]')],
  ['attr feild', F('email: { feild: Email }')],
  ['attr direction', F('email: { field: Email, direction: read }')],
  ['attr in map', F('email: { field: Email, in: { email: {} } }')],
  ['attr in number', F('email: { field: Email, in: 3 }')],
  ['attr in bare', F('email: { field: Email, in: email }')],
  ['attr step nested', F('email: { field: Email, in: [[email]] }')],
  ['attr step number', F('email: { field: Email, in: [3] }')],
  ['attr step null', F('email: { field: Email, in: [null] }')],
  ['attr step args text', F('email: { field: Email, in: ["truncate: 80"] }')],
  ['attr step args paren', F('email: { field: Email, in: ["truncate(80)"] }')],
  ['truncate text', F('email: { field: Email, out: [{ truncate: eighty }] }')],
  ['truncate neg', F('email: { field: Email, out: [{ truncate: -1 }] }')],
  ['truncate float', F('email: { field: Email, out: [{ truncate: 1.5 }] }')],
  ['number decimals', F('score: { field: S, in: [{ number: { decimals: -1 } }] }')],
  ['datetime tz', F('score: { field: S, in: [{ datetime: Tokyo }] }')],
  ['replace', F('title: { field: S, out: [{ replace: { find: a } }] }')],
  ['default map', F('title: { field: S, out: [{ default: { a: 1 } }] }')],
  ['map text', F('title: { field: S, out: [{ map: a }] }')],
  ['map none', F('title: { field: S, out: [map] }')],
  ['firstOf none', F('title: { field: S, out: [firstOf] }')],
  ['firstOf text', F('title: { field: S, out: [{ firstOf: fullName }] }')],
  ['values list', F('lifecycle: { field: S, values: [a, b] }')],
  ['values empty', F('lifecycle: { field: S, values: { } }')],
  ['values map', F('lifecycle: { field: S, values: { Open: { a: 1 } } }')],
  ['reference', F('company: { field: AccountId, reference: compny }')],
  ['jsonata unclosed', F('fullName: { in: "FirstName & (LastName" }')],
  ['jsonata string', F('fullName: { in: "FirstName & \' " }')],
  ['jsonata fn', F('fullName: { in: "$uppercas(FirstName)" }')],
  ['jsonata eval', F('fullName: { in: "$eval(FirstName)" }')],
  [
    'jsonata multi-line',
    M(
      'connection: crm\nobject: Contact\nentity: person\nfields:\n  fullName:\n    in: |\n      FirstName\n      & (LastName\n',
    ),
  ],
  ['attr null', F('email: null')],
  ['attr empty', F('email: ""')],
  ['attr bool', F('email: true')],
  ['key number', F('3: x')],
  ['fields two', F('email: { field: Email, in: [email], out: email, direction: in }')],
  ['bom', { ...RIGHT, 'hub.yaml': `\ufeff${HUB.replace('type: csv', 'type: cvs')}` }],
  ['crlf', { ...RIGHT, 'hub.yaml': HUB.replace('type: csv', 'type: cvs').replaceAll('\n', '\r\n') }],
  ['merge key', H('  ma:', '  ma2: { <<: *nope, type: csv }\n  ma:')],
  ['overlay', { ...RIGHT, 'hub.prod.yaml': 'connections:\n  crm: { loginUrl: 3 }\n' }, 'prod'],
  [
    'overlay unknown',
    { ...RIGHT, 'hub.prod.yaml': 'connections:\n  cmr: { loginUrl: https://test.salesforce.com }\n' },
    'prod',
  ],
  ['overlay list', { ...RIGHT, 'hub.prod.yaml': '- a\n' }, 'prod'],
  ['overlay name', { ...RIGHT, 'hub.production.yaml': 'hub: { region: US }\n' }, 'prod'],
  [
    'overlay key',
    { ...RIGHT, 'hub.prod.yaml': 'connection:\n  crm: { loginUrl: https://test.salesforce.com }\n' },
    'prod',
  ],
  [
    'a secret inside a value of the wrong form',
    H('secret: "${FORMS_SECRET}"', 'secret: { a: "${FORMS_SECRET}" }'),
  ],
  ['a quote that is never closed', H('path: ./erp', 'path: "./erp')],
  ['no space after a colon', H('    entity: person\n    schedule', '    entity:person\n    schedule')],
  ['both endings', { ...RIGHT, 'hub.yml': HUB }],
  ['an overlay of another name', { ...RIGHT, 'hub.production.yaml': 'hub: { region: US }\n' }, 'prduction'],
  ['region', H('connections:\n', 'hub: { region: Japan }\nconnections:\n')],
  ['time zone', H('connections:\n', 'hub: { timeZone: Asia/Tokio }\nconnections:\n')],
  ['fallback of a variable', H('${HUBSPOT_TOKEN}', '${HUBSPOT TOKEN:-x}')],
  ['a function that there is not, in an alert', H('score >= 80', '$nunber(score) >= 80')],
  ['a lambda of another name', F('title: { in: "$map(Titles, function($t){ $tt & 1 })" }')],
  [
    'two writers',
    M('connection: crm\nobject: Contact\nentity: person\nfields:\n  email: Email\n  title: Email\n'),
  ],
  ['an attribute that there is not', F('givenNme: FirstName')],
  ['two transforms in one entry', F('email: { field: Email, in: [{ trim: {}, lower: {} }] }')],
  [
    'a broken regular expression',
    F('title: { field: T, in: [{ replace: { find: "(", with: "", regex: true } }] }'),
  ],
  ['a date format', F('birthDate: { field: B, in: [{ date: dd/mm/yyyy }] }')],
  ['a phone region', F('phone: { field: Phone, in: [{ phone: { region: Japan } }] }')],
];

const read = (files: Files, overlay?: string) =>
  readConfig(files, { env: ENV, connectors: CONNECTORS, ...(overlay ? { overlay } : {}) });

const problemsOf = (files: Files, overlay?: string) => {
  const result = read(files, overlay);
  return 'problems' in result ? result.problems : [];
};

test('the folder that all of them start from is right', () => {
  expect(problemsOf(RIGHT)).toEqual([]);
});

test('there are at least 60, each with a name of its own', () => {
  expect(new Set(WRONG.map(([name]) => name)).size).toBe(WRONG.length);
  expect(WRONG.length).toBeGreaterThanOrEqual(60);
});

test.for(WRONG)('%s: file, line and column; what is wrong; what to write instead', ([, files, overlay]) => {
  const problems = problemsOf(files, overlay);
  expect(problems).not.toEqual([]);
  for (const problem of problems) {
    const lines = (files[problem.place.file] ?? '').split(/\r?\n/);
    const line = lines[problem.place.line - 1] ?? '';
    expect(problem.place.column).toBeLessThanOrEqual(line.length + 1);
    // The line as it is written, but for secrets.
    // The first line of a file that should not be there is not shown.
    if (!problem.place.text.includes('*') && problem.place.text !== '') expect(problem.place.text).toBe(line);
    expect(problem.expected ?? problem.fix, problem.message).toBeTruthy();
    const whole = formatProblem(problem);
    expect(whole).not.toMatch(/undefined|\[object|NaN|Invalid input|zod|YAML\.|expected: text, or/i);
    for (const secret of Object.values(ENV).slice(1)) expect(whole).not.toContain(secret);
  }
});

test('the messages are those of messages.txt', async () => {
  const all = WRONG.map(
    ([name, files, overlay]) => `# ${name}\n${problemsOf(files, overlay).map(formatProblem).join('\n')}\n`,
  );
  await expect(all.join('\n')).toMatchFileSnapshot('messages.txt');
});
