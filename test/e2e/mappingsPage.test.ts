/** docs/mappings.md is followed word by word: every snippet is read, and the folder that it ends with is run. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ConfigFiles, readConfig } from '../../api/config/read.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { factWorld } from '../facts/world.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/mappings.md', import.meta.url)), 'utf8');
const ENV = { SF_ID: 'id', SF_SECRET: 'secret', HUBSPOT_TOKEN: 'token' };

interface Snippet {
  section: string;
  language: string;
  /** The file that it is; undefined: lines of a mapping, or a message. */
  file: string | undefined;
  wrong: boolean;
  text: string;
}

const SNIPPETS: Snippet[] = PAGE.split(/^## /m)
  .slice(1)
  .flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n'));
    return [...part.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']): Snippet => {
      const [, file, wrong] = /^# ([\w./-]+)( \(wrong\))?\n/.exec(body) ?? [];
      const text = file === undefined ? body : body.slice(body.indexOf('\n') + 1);
      return { section, language, file, wrong: wrong !== undefined, text };
    });
  });

const read = (files: ConfigFiles, overlay?: string) =>
  readConfig(files, { env: ENV, connectors: CONNECTORS, ...(overlay ? { overlay } : {}) });

const problemsOf = (files: ConfigFiles, overlay?: string) => {
  const result = read(files, overlay);
  return ('problems' in result ? result.problems : result.config.warnings).map(formatProblem).join('\n');
};

/** The folder after all snippets up to the end of a section. */
function folderAfter(section: string): ConfigFiles {
  const files: ConfigFiles = {};
  for (const snippet of SNIPPETS) {
    if (snippet.file && !snippet.wrong) files[snippet.file] = snippet.text;
    if (snippet.section === section && snippet === SNIPPETS.findLast((one) => one.section === section)) break;
  }
  return files;
}

test('the page has snippets of every kind', () => {
  expect(SNIPPETS.length).toBeGreaterThan(12);
  expect(SNIPPETS.every(({ language }) => ['yaml', 'csv', ''].includes(language))).toBe(true);
});

describe('the folder is right', () => {
  const sections = [
    ...new Set(SNIPPETS.filter(({ file, wrong }) => file && !wrong).map(({ section }) => section)),
  ];
  test.for(sections)('after "%s"', (section) => {
    expect(problemsOf(folderAfter(section))).toBe('');
  });
  test('with the overlay', () => {
    expect(problemsOf(folderAfter('Files'), 'files')).toBe('');
  });
});

test.for(
  SNIPPETS.filter(({ file, language }) => file === undefined && language === 'yaml').map((one, i) => [
    `${one.section} (${i + 1})`,
    one.text,
  ]),
)('lines of a mapping: %s', ([, text]) => {
  const rest = text!.startsWith('fields:') ? '' : 'fields: { email: Email }\n';
  const { problems } = parseMapping(
    'm.yaml',
    `connection: crm\nobject: Lead\nentity: person\n${text}${rest}`,
  );
  expect(problems.map(formatProblem).join('\n')).toBe('');
});

test('the wrong one gets the message that the page shows', () => {
  const at = SNIPPETS.findIndex(({ wrong }) => wrong);
  const { file, text } = SNIPPETS[at]!;
  const files = { ...folderAfter('A first mapping'), [file!]: text };
  expect(problemsOf(files)).toBe(SNIPPETS[at + 1]!.text.trimEnd());
});

test('run against a Salesforce and a HubSpot: customers become Contacts, others Leads, and then nothing moves', async () => {
  const page = folderAfter('Leads and Contacts');
  await using hub = await factWorld({
    files: (demo) => ({
      ...page,
      'hub.yaml': page['hub.yaml']!.replace(
        /^connections:\n(?: {2}.*\n)+/m,
        () => /^connections:\n(?: {2}.*\n)+/m.exec(demo['hub.yaml']!)![0],
      ),
    }),
  });
  hub.hubspot.seed('contacts', [
    {
      fields: { email: 'taro@aoba.example', lastname: '青葉', firstname: '太郎', lifecyclestage: 'customer' },
    },
    {
      fields: {
        email: 'jiro@midori.example',
        lastname: '緑川',
        firstname: '次郎',
        lifecyclestage: 'salesqualifiedlead',
      },
    },
    {
      fields: {
        email: 'saburo@kiiro.example',
        lastname: '黄川',
        firstname: '三郎',
        lifecyclestage: 'subscriber',
      },
    },
  ]);
  hub.salesforce.seed('Lead', [
    {
      fields: {
        LastName: '灰田',
        Company: '灰田',
        Email: 'shiro@haida.example',
        Status: 'Closed - Not Converted',
      },
    },
  ]);
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  const emails = (object: string) =>
    hub
      .live('salesforce', object)
      .map((id) => hub.inSalesforce(object, id).Email)
      .sort();
  expect(emails('Contact')).toEqual(['taro@aoba.example']);
  expect(emails('Lead')).toEqual(['jiro@midori.example', 'saburo@kiiro.example', 'shiro@haida.example']);
  expect(hub.live('hubspot', 'contacts')).toHaveLength(3);
  const [contact] = hub.live('salesforce', 'Contact');
  expect(hub.inSalesforce('Contact', contact!).Description).toBe('Customer');
  const before = hub.writes();
  expect(await hub.sync()).toMatchObject({ status: 'complete' });
  expect(hub.writes()).toBe(before);
});
