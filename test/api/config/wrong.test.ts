import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../../mappings/problem.ts';
import { ENV, FILES, HUB, read } from './folder.ts';

/** The folder with one text of hub.yaml replaced. */
function changed(from: string, to: string, more: Record<string, string> = {}): string[] {
  if (!HUB.includes(from)) throw new Error(`hub.yaml has no ${from}`);
  return told({ ...FILES, ...more, 'hub.yaml': HUB.replace(from, () => to) });
}

/** The folder with these entries under `webhooks`. */
const hook = (entries: string, hub = HUB) =>
  told({ ...FILES, 'hub.yaml': `${hub}webhooks: [ ${entries} ]\n` });

function told(files: Record<string, string>, env: Record<string, string | undefined> = ENV): string[] {
  const result = read(files, { env });
  return 'config' in result
    ? []
    : result.problems.map(({ place, message, found, expected, fix }) =>
        [
          `${place.file}:${place.line}:${place.column} ${message}`,
          found ?? '',
          expected ?? '',
          fix ?? '',
        ].join(' | '),
      );
}

const MAPPINGS = 'one of crm-account, crm-contact, form-lead, ma-company, ma-contact';

describe('a wrong folder names the file, the place, what was found, what was expected, and the fix', () => {
  const cases: [name: string, found: string[], ...expected: string[]][] = [
    [
      'no hub.yaml',
      told({}),
      'hub.yaml:1:1 there is no hub.yaml in this folder |  |  | make one with: nayose init',
    ],
    [
      'empty hub.yaml',
      told({ 'hub.yaml': '' }),
      'hub.yaml:1:1 this file has a wrong value | nothing | a map of hub, connections, entities, syncs, alerts, webhooks | ',
    ],
    [
      'unknown section',
      changed('syncs:', 'sync:'),
      'hub.yaml:8:1 unknown key "sync" |  | one of hub, connections, entities, syncs, alerts, webhooks | did you mean "syncs"?',
    ],
    [
      'a share that is none',
      changed('type: hubspot,', 'type: hubspot, lanes: { realtime: much },'),
      'hub.yaml:3:46 "realtime" has a wrong value | "much" | a share below 100%, such as 10% | ',
    ],
    [
      'shares that leave nothing',
      changed('type: hubspot,', 'type: hubspot, reserve: 60%, lanes: { incremental: 40% },'),
      'hub.yaml:3:48 leaves nothing to first runs: `reserve` and the shares of `lanes` together must stay below 100% | {"incremental":"40%"} |  | ',
    ],
    [
      'unset variable',
      told(FILES, { ...ENV, SF_SECRET: undefined, SF_SECRTE: 'x' }),
      'hub.yaml:2:141 the environment variable SF_SECRET is not set |  |  | did you mean "SF_SECRTE"?',
    ],
    [
      'empty variable',
      told(FILES, { ...ENV, HUBSPOT_TOKEN: '' }),
      'hub.yaml:3:40 the environment variable HUBSPOT_TOKEN is empty |  |  | set it, for example in .env: HUBSPOT_TOKEN=…',
    ],
    [
      'no name in the braces',
      changed(`\${HUBSPOT_TOKEN}`, `\${HUBSPOT-TOKEN}`),
      `hub.yaml:3:40 \${HUBSPOT-TOKEN} does not name a variable of the environment |  | \${NAME} | for the characters themselves write $\${`,
    ],
    [
      'unquoted variable',
      changed(`"\${HUBSPOT_TOKEN}"`, `\${HUBSPOT_TOKEN}`),
      `hub.yaml:3:40 \${HUBSPOT_TOKEN} must be quoted here, because braces mean a map in YAML | \${HUBSPOT_TOKEN} | "\${HUBSPOT_TOKEN}" | write "\${HUBSPOT_TOKEN}" with the quotes`,
    ],
    [
      'connection name',
      changed('  erp: ', '  3erp:'),
      'hub.yaml:5:3 "3erp" cannot be a name here | "3erp" | letters, digits, - and _, beginning with a letter | ',
    ],
    [
      'no type',
      changed('type: csv, ', ''),
      'hub.yaml:5:3 "type" is missing |  | the type of a tool: salesforce, hubspot, webhook or csv | add type',
    ],
    [
      'unknown type',
      changed('type: hubspot', 'type: hubspt'),
      'hub.yaml:3:18 there is no connector of type "hubspt" |  | one of salesforce, hubspot, webhook, csv | did you mean "hubspot"?',
    ],
    [
      'unknown key of a strict connector',
      changed('path: ./erp', 'path: ./erp, encodign: x'),
      'hub.yaml:5:36 unknown key "encodign" |  | one of path, encoding | did you mean "encoding"?',
    ],
    [
      'unknown key that a lax connector would drop',
      changed(`"\${HUBSPOT_TOKEN}"`, `"\${HUBSPOT_TOKEN}", clientSecrt: x`),
      'hub.yaml:3:60 unknown key "clientSecrt" |  | one of accessToken, clientSecret, baseUrl | did you mean "clientSecret"?',
    ],
    [
      'missing key of a connector',
      changed(`, accessToken: "\${HUBSPOT_TOKEN}"`, ''),
      'hub.yaml:3:3 "accessToken" is missing |  | text | add accessToken',
    ],
    [
      'unknown grant',
      changed('grant: client_credentials', 'grant: client_credential'),
      'hub.yaml:2:85 "grant" has a wrong value | "client_credential" | one of client_credentials, token | did you mean "client_credentials"?',
    ],
    [
      'missing key of a grant',
      changed(`, clientSecret: "\${SF_SECRET}"`, ''),
      'hub.yaml:2:70 "clientSecret" is missing |  | text | add clientSecret',
    ],
    [
      'wrong encoding',
      changed('shift_jis', 'sjis'),
      'hub.yaml:5:46 "encoding" has a wrong value | "sjis" | one of utf-8, shift_jis | ',
    ],
    [
      'a secret of the wrong type is not shown',
      changed(`secret: "\${FORMS_SECRET}"`, 'secret: 12345'),
      'hub.yaml:4:35 "secret" has a wrong value | (hidden) | text | ',
    ],
    [
      'a variable of the wrong form is not shown',
      changed('https://login.salesforce.com', `"\${SF_ID}"`),
      'hub.yaml:2:40 "loginUrl" has a wrong value | (hidden) | an address such as https://example.com | ',
    ],
    [
      'short hook key',
      changed(`secret: "\${FORMS_SECRET}"`, 'hookKey: short'),
      'hub.yaml:4:36 "hookKey" has a wrong value | (hidden) | at least 16 characters | ',
    ],
    [
      'unknown attribute type',
      changed('type: number', 'type: numbr'),
      'hub.yaml:7:59 "type" has a wrong value | "numbr" | one of text, given-name, family-name, full-name, given-kana, family-kana, full-kana, company-name, email, phone, url, domain, postal-code, region, city, street, address, corporate-number, code, date, datetime, number, boolean, option, options, reference | did you mean "number"?',
    ],
    [
      'unknown base',
      changed('extends: person', 'extends: persn'),
      'hub.yaml:7:22 "extends" has a wrong value | "persn" | one of person, company, deal | did you mean "person"?',
    ],
    [
      'survivorship of nothing',
      changed('score: max', 'scroe: max'),
      'hub.yaml:7:87 person has no attribute "scroe" |  | one of familyName, givenName, fullName, familyNameKana, givenNameKana, fullNameKana, email, phone, mobile, fax, title, department, company, companyName, customerCode, website, birthDate, lifecycle, optOut, postalCode, country, region, city, street, address, score | did you mean "score"?',
    ],
    [
      'unknown rule',
      changed('score: max', 'score: maxx'),
      'hub.yaml:7:94 "score" has the wrong form | "maxx" | one of latest, complete, longest, any, all, min, max, sum, union, { prefer: [connection] } or { rank: [value] }, or a list of these | did you mean "max"?',
    ],
    [
      'a rule that does not suit',
      changed('score: max', 'email: max'),
      'hub.yaml:7:94 the rule "max" does not suit "email", which is email |  | for max: an attribute of type number, date, datetime | choose another rule, such as latest',
    ],
    [
      'preferring nobody',
      changed('prefer: [crm]', 'prefer: [cmr]'),
      'hub.yaml:7:118 there is no connection "cmr" |  | one of crm, ma, forms, erp | did you mean "crm"?',
    ],
    [
      'a reference to nowhere',
      changed('{ type: number }', '{ type: reference }'),
      'hub.yaml:7:44 the reference "score" does not say where it points |  | { type: reference, entity: person } | add entity, one of person, company, deal',
      'hub.yaml:7:97 the rule "max" does not suit "score", which is reference |  | for max: an attribute of type number, date, datetime | choose another rule, such as latest',
    ],
    [
      'a reference to an unknown entity',
      changed('{ type: number }', '{ type: reference, entity: compny }'),
      'hub.yaml:7:78 there is no entity "compny" |  | one of person, company, deal | did you mean "company"?',
      'hub.yaml:7:113 the rule "max" does not suit "score", which is reference |  | for max: an attribute of type number, date, datetime | choose another rule, such as latest',
    ],
    [
      'unknown entity of a sync',
      changed('entity: company,', 'entity: compny,'),
      'hub.yaml:11:24 there is no entity "compny" |  | one of person, company, deal | did you mean "company"?',
    ],
    [
      'bad cron',
      changed('*/5 * * * *', '*/5 * * *'),
      `hub.yaml:9:39 not a cron pattern: invalid configuration format ('*/5 * * *'), exactly five, six, or seven space separated parts are required. | "*/5 * * *" |  | every five minutes is "*/5 * * * *"`,
    ],
    [
      'bad share',
      changed('20%', '120%'),
      'hub.yaml:9:92 "maxChanged" has a wrong value | "120%" | a share is at most 100% | ',
    ],
    [
      'half a record',
      changed('20%', '0.5'),
      'hub.yaml:9:92 a count is a whole number; a share is written as 20% | 0.5 |  | ',
    ],
    [
      'a guard in words',
      changed('20%', 'few'),
      'hub.yaml:9:92 "maxChanged" has a wrong value | "few" | a number, or a share such as 20% | ',
    ],
    [
      'growth as a share',
      changed('maxChanged: 20%', 'maxGrowth: 20%'),
      'hub.yaml:9:91 "maxGrowth" has a wrong value | "20%" | a number | ',
    ],
    [
      'unknown mapping',
      changed('mapping: ma-contact', 'mapping: ma-contac'),
      `hub.yaml:10:87 there is no mapping "ma-contac" |  | ${MAPPINGS} | did you mean "ma-contact"?`,
    ],
    [
      'unknown mapping, in short',
      changed('[crm-account,', '[crm-acount,'),
      `hub.yaml:11:43 there is no mapping "crm-acount" |  | ${MAPPINGS} | did you mean "crm-account"?`,
    ],
    [
      'wrong mode',
      changed('mode: read', 'mode: raed'),
      'hub.yaml:10:155 "mode" has a wrong value | "raed" | one of both, read, write | did you mean "read"?',
    ],
    [
      'creating while only reading',
      changed('mode: read', 'mode: read, create: true'),
      'hub.yaml:10:169 "create" does nothing with mode: read |  |  | write mode: both, or remove create',
    ],
    [
      'a member twice',
      changed('[crm-account, ma-company]', '[crm-account, crm-account]'),
      'hub.yaml:11:56 the mapping "crm-account" is twice in this sync |  |  | keep one of the two',
    ],
    [
      'an object twice',
      changed('[crm-account,', '[crm-account, again,', {
        'mappings/again.yaml': FILES['mappings/crm-account.yaml']!,
      }),
      'hub.yaml:11:56 "crm-account" and "again" both bring Account of crm |  |  | keep one of the two',
    ],
    [
      'a mapping of another entity',
      changed('[crm-account,', '[crm-account, form-lead,'),
      'hub.yaml:11:56 the mapping "form-lead" brings person, and this sync is of company |  |  | put it in a sync of person',
    ],
    [
      'no members',
      changed('[crm-account, ma-company]', '[]'),
      'hub.yaml:11:42 "members" has a wrong value | [] | a list of mappings, such as [{ mapping: crm-contact, mode: both, create: true }] | ',
    ],
    [
      'a webhook to nobody',
      hook('{ to: fomrs }'),
      'hub.yaml:14:19 there is no connection "fomrs" |  | one of crm, ma, forms, erp | did you mean "forms"?',
    ],
    [
      'a webhook about an entity that is not there',
      hook('{ to: forms, entity: persn }'),
      'hub.yaml:14:34 there is no entity "persn" |  | one of person, company, deal | did you mean "person"?',
    ],
    [
      'a webhook to a tool that takes no messages',
      hook('{ to: crm }'),
      'hub.yaml:14:19 the connection "crm" cannot be told anything |  | a connection of type webhook with a url | ',
    ],
    [
      'a webhook to an address without a secret',
      hook(
        '{ to: chat }',
        HUB.replace('erp:   {', 'chat:  { type: webhook, url: "https://chat.example/x" }\n  erp:   {'),
      ),
      'hub.yaml:15:19 "chat" is not told what happens to golden records: that goes out in the standard format, signed |  | a connection of type webhook with format: standard and a secret | ',
    ],
    [
      'a webhook told twice',
      hook('{ to: forms }, { to: forms, events: [merged] }'),
      'hub.yaml:14:34 "forms" is told twice |  | one entry a receiver (and entity) with all its events | ',
    ],
    [
      'a webhook of an event that there is not',
      hook('{ to: forms, events: [deleted] }'),
      'hub.yaml:14:35 entry 1 of "events" has a wrong value | "deleted" | one of created, updated, merged, split, erased | ',
    ],
    [
      'an alert to nobody',
      changed('to: forms', 'to: fomrs'),
      'hub.yaml:13:81 there is no connection "fomrs" |  | one of crm, ma, forms, erp | did you mean "forms"?',
    ],
    [
      'an alert that cannot be read',
      changed('score >= 80 and', 'score >= 80 adn'),
      'hub.yaml:13:37 not a JSONata expression: Syntax error: "adn" | "score >= 80 adn $previous.score < 80" | a JSONata expression such as score >= 80 and $previous.score < 80 | ',
    ],
    [
      'an alert to a tool that takes no messages',
      changed('to: forms', 'to: crm'),
      'hub.yaml:13:81 the connection "crm" cannot be told anything |  | a connection of type webhook with a url | ',
    ],
    [
      'an alert about an attribute that is not there',
      changed('$previous.score < 80', '$previous.scor < 80'),
      'hub.yaml:13:37 the entity has no attribute "scor" | "score >= 80 and $previous.scor < 80" | a JSONata expression such as score >= 80 and $previous.score < 80 | did you mean "score"?',
    ],
    [
      'an alert in a format that signs, to an address without a secret',
      told({
        ...FILES,
        'hub.yaml': HUB.replace(
          'erp:   {',
          'chat:  { type: webhook, url: "https://chat.example/x" }\n  erp:   {',
        ).replace('to: forms }', 'to: chat, format: standard }'),
      }),
      'hub.yaml:14:95 "chat" has no secret to sign standard messages with |  |  | leave format out, or give the connection a secret',
    ],
    [
      'a region by name',
      told({ ...FILES, 'hub.yaml': `hub: { region: Japan }\n${HUB}` }),
      'hub.yaml:1:16 "region" has a wrong value | "Japan" | a country code of two capital letters, such as JP | did you mean "JP"?',
    ],
    [
      'a zone that does not exist',
      told({ ...FILES, 'hub.yaml': `hub: { timeZone: Asia/Tokio }\n${HUB}` }),
      'hub.yaml:1:18 "timeZone" has a wrong value | "Asia/Tokio" | a time zone such as Asia/Tokyo | did you mean "Asia/Tokyo"?',
    ],
    [
      'a mapping of an unknown connection',
      told({ ...FILES, 'mappings/ma-contact.yaml': 'connection: mm\npreset: hubspot/contact' }),
      'mappings/ma-contact.yaml:1:13 there is no connection "mm" |  | one of crm, ma, forms, erp | did you mean "ma"?',
    ],
    [
      'a mapping of an unknown entity',
      told({
        ...FILES,
        'mappings/x.yaml': 'connection: ma\nobject: tickets\nentity: ticket\nfields: { a: b }',
      }),
      'mappings/x.yaml:3:9 there is no entity "ticket" |  | one of person, company, deal | ',
    ],
    [
      'a mapping twice',
      told({ ...FILES, 'mappings/form-lead.yaml': FILES['mappings/form-lead.yml']! }),
      'mappings/form-lead.yml:1:1 there are two mappings called "form-lead" |  |  | keep one of the .yaml and .yml files',
    ],
    [
      'a broken mapping is told once, and its members are not',
      told({ ...FILES, 'mappings/ma-contact.yaml': 'connection: [' }),
      'mappings/ma-contact.yaml:1:13 this is not valid YAML: the [ that opens here is not closed before line 1, column 14 | "connection: [" |  | check the commas after it, and close it with ]',
    ],
    [
      'a missing overlay',
      (() => {
        const r = read(FILES, { overlay: 'prod' });
        return 'problems' in r ? r.problems.map(({ message, fix }) => `${message} | ${fix}`) : [];
      })(),
      'there is no hub.prod.yaml in this folder | write the file, or take NAYOSE_ENV out of the environment',
    ],
  ];
  for (const [name, found, ...expected] of cases) test(name, () => expect(found).toEqual(expected));

  test('problems of several files come at once, in order', () => {
    const found = changed('mode: read', 'mode: raed', {
      'mappings/crm-contact.yaml': 'connection: crm\npreset: salesforce/contcat',
    });
    expect(found.map((line) => line.split(' ')[0])).toEqual([
      'hub.yaml:10:155',
      'mappings/crm-contact.yaml:2:9',
    ]);
  });

  test('no message and no quoted line ever shows a secret', () => {
    const hub = HUB.replace(`"\${SF_SECRET}"`, 'literal-secret-1')
      .replace(`secret: "\${FORMS_SECRET}"`, 'secret: { a: literal-secret-2 }')
      .replace('client_credentials', 'nope')
      .replace('shift_jis', `"\${SF_SECRET}"`);
    const result = read({ ...FILES, 'hub.yaml': hub });
    const shown = 'problems' in result ? result.problems.map(formatProblem).join('\n') : '';
    expect(shown).toContain('error');
    for (const secret of ['literal-secret', ...Object.values(ENV)]) expect(shown).not.toContain(secret);
  });
});
