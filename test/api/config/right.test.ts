import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchemas } from '../../../api/config/jsonSchema.ts';
import { loadConfig } from '../../../api/config/load.ts';
import { readConfig } from '../../../api/config/read.ts';
import { scaffold, type Tool } from '../../../api/config/scaffold.ts';
import { redact, secretsOf } from '../../../api/config/secrets.ts';
import { objectOf } from '../../../api/config/types.ts';
import { CONNECTORS as SHIPPED } from '../../../connectors/registry.ts';
import { PRESETS } from '../../../mappings/presets/index.ts';
import { TRANSFORMS } from '../../../mappings/transforms/index.ts';
import { CONNECTORS, ENV, FILES, good, HUB, read } from './folder.ts';

describe('the folder of INTERFACE.md', () => {
  const config = good(FILES);

  test('connections carry what their connector made of them', () => {
    expect(config.connections.crm).toMatchObject({
      type: 'salesforce',
      config: { auth: { grant: 'client_credentials', clientId: ENV.SF_ID, clientSecret: ENV.SF_SECRET } },
    });
    expect(config.connections.erp!.config).toEqual({ path: './erp', encoding: 'shift_jis' });
  });

  test('entities extend the built-in ones, which are all there', () => {
    expect(Object.keys(config.entities)).toEqual(['person', 'company', 'deal']);
    expect(config.entities.person).toMatchObject({
      base: 'person',
      attributes: { score: { type: 'number' }, email: { type: 'email' } },
      survivorship: { optOut: ['any'], score: ['max'], phone: [{ prefer: ['crm'] }, 'latest'] },
    });
  });

  test('syncs have their guards as numbers, their members in full, and an order', () => {
    expect(config.syncs.people).toMatchObject({
      schedule: '*/5 * * * *',
      realtime: true,
      guards: { maxChanged: 0.2, maxDeleted: 0 },
    });
    expect(config.syncs.people!.members[2]).toEqual({ mapping: 'form-lead', mode: 'read', create: false });
    expect(config.syncs.companies).toMatchObject({ realtime: false, guards: { maxChanged: undefined } });
    expect(config.syncs.companies!.members[0]).toEqual({
      mapping: 'crm-account',
      mode: 'both',
      create: false,
    });
    expect(config.order).toEqual(['companies', 'people']);
    expect(objectOf(config, 'crm', 'company')).toBe('Account');
    expect(objectOf(config, 'forms', 'company')).toBeUndefined();
  });

  test('defaults of the hub, alerts, no warnings', () => {
    expect(config.hub).toEqual({ region: 'JP', timeZone: 'Asia/Tokyo' });
    expect(config.alerts['hot-lead']).toMatchObject({
      when: 'score >= 80 and $previous.score < 80',
      to: 'forms',
    });
    expect(config.webhooks).toEqual([]);
    expect(config.warnings).toEqual([]);
  });

  test('webhooks: all events of all entities, or those that are named', () => {
    const { webhooks } = good({
      ...FILES,
      'hub.yaml': `${HUB}webhooks: [ { to: forms }, { to: forms, events: [merged], entity: person } ]\n`,
    });
    expect(webhooks).toEqual([
      { to: 'forms', events: ['created', 'updated', 'merged', 'split', 'erased'] },
      { to: 'forms', events: ['merged'], entity: 'person' },
    ]);
  });

  test('nothing can be changed afterwards', () => {
    expect(() => Object.assign(config.hub, { region: 'US' })).toThrow(TypeError);
    expect(Object.isFrozen(config.syncs.people!.members)).toBe(true);
  });
});

describe('what is odd but works is a warning', () => {
  test('a mapping that no sync uses, and a reference that no sync fills', () => {
    const { warnings, order } = good({ ...FILES, 'hub.yaml': HUB.replace(/ {2}companies:.*\n/, '') });
    expect(order).toEqual(['people']);
    expect(warnings.map(({ place, message }) => `${place.file} ${message}`)).toEqual([
      'mappings/crm-account.yaml no sync uses the mapping "crm-account"',
      'mappings/crm-contact.yaml "company" points to company, which no sync brings from crm: it stays empty',
      'mappings/ma-company.yaml no sync uses the mapping "ma-company"',
      'mappings/ma-contact.yaml "company" points to company, which no sync brings from ma: it stays empty',
    ]);
  });

  test('references in a circle keep the order of the file', () => {
    const hub = `connections: { f: { type: csv, path: x } }
entities:
  a: { attributes: { b: { type: reference, entity: b } } }
  b: { attributes: { a: { type: reference, entity: a } } }
syncs:
  first: { entity: a, members: [ma] }
  second: { entity: b, members: [mb] }`;
    const mapping = (entity: string, other: string) =>
      `connection: f\nobject: ${entity}\nentity: ${entity}\nfields: { ${other}: { field: x, reference: ${other} } }`;
    const config = good({
      'hub.yaml': hub,
      'mappings/ma.yaml': mapping('a', 'b'),
      'mappings/mb.yaml': mapping('b', 'a'),
    });
    expect(config.order).toEqual(['second', 'first']);
    expect(config.entities.a!.base).toBe('none');
  });
});

describe('the environment', () => {
  const hub = (path: string) => ({ 'hub.yaml': `connections: { f: { type: csv, path: ${path} } }` });
  const pathOf = (path: string, env: Record<string, string>) => {
    const result = read(hub(path), { env });
    return 'config' in result
      ? (result.config.connections.f!.config as { path: string }).path
      : result.problems[0]!.message;
  };
  test('inside a text, twice, with another value when unset, and escaped', () => {
    expect(pathOf(`"\${A}/x/\${A}\${B:-c:-d}"`, { A: '1' })).toBe('1/x/1c:-d');
    expect(pathOf(`"$\${A}"`, {})).toBe(`\${A}`);
  });
  test('what a variable holds is never read again as a variable or as YAML', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        expect(pathOf(`"\${A}"`, { A: value, B: 'b' })).toBe(value);
      }),
    );
  });
});

test('an overlay is laid over hub.yaml: maps merge, null removes, places stay right', () => {
  const over =
    'connections:\n  erp: null\n  ma: { baseUrl: https://hub.example.com }\nsyncs:\n  people: { guards: { maxChanged: 100%, maxMissing: 5%, maxGrowth: 7 }, reconcile: "0 3 * * *" }\n  companies: { reconcile: { schedule: "0 4 * * 0", repair: true } }\n';
  const config = good({ ...FILES, 'hub.test.yaml': over }, { overlay: 'test' });
  expect(Object.keys(config.connections)).toEqual(['crm', 'ma', 'forms']);
  expect(config.connections.ma!.config).toMatchObject({
    accessToken: ENV.HUBSPOT_TOKEN,
    baseUrl: 'https://hub.example.com',
  });
  expect(config.syncs.people!.guards).toEqual({
    maxChanged: Number.MAX_SAFE_INTEGER,
    maxDeleted: 0,
    maxMissing: 0.05,
    maxGrowth: 7,
  });
  expect(Object.values(config.syncs).map(({ reconcile }) => reconcile)).toEqual(
    expect.arrayContaining([
      { schedule: '0 3 * * *', repair: false },
      { schedule: '0 4 * * 0', repair: true },
    ]),
  );
  const wrong = read({ ...FILES, 'hub.test.yaml': over.replace('100%', '-1') }, { overlay: 'test' });
  expect(
    'problems' in wrong && wrong.problems.map(({ place }) => `${place.file}:${place.line}:${place.column}`),
  ).toEqual(['hub.test.yaml:5:35']);
});

describe('secrets', () => {
  test('are found at any depth, also literal ones and logins in addresses', () => {
    const secrets = secretsOf({
      connections: {
        a: {
          name: 'a',
          type: 'x',
          place: { file: '', line: 1, column: 1, text: '' },
          hookKey: 'hook-key-of-a',
          config: {
            auth: { clientSecret: { deep: 'deep-secret' } },
            url: 'https://user:pass-word@h.jp/',
            path: './not-secret',
            token: 'abc',
          },
        },
      },
    });
    expect(secrets).toEqual(['user:pass-word', 'hook-key-of-a', 'deep-secret', 'pass-word']);
  });
  test('are replaced in any text, encoded or not', () => {
    const secrets = ['a"b c/d', 'hunter2-x'];
    expect(
      redact(`x hunter2-x y?k=${encodeURIComponent('a"b c/d')} ${JSON.stringify({ k: 'a"b c/d' })}`, secrets),
    ).toBe('x [secret] y?k=[secret] {"k":"[secret]"}');
  });
});

test('a folder on disk is read; a missing one says how to make it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nayose-config-'));
  try {
    for (const [name, text] of Object.entries({ ...FILES, 'README.md': 'x', 'mappings/note.txt': 'x' })) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), text);
    }
    const options = { env: ENV, connectors: CONNECTORS };
    expect(await loadConfig(dir, options)).toEqual({ config: good(FILES) });
    const none = await loadConfig(join(dir, 'nowhere'), options);
    expect('problems' in none && none.problems[0]!.fix).toBe('make one with: nayose init');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

describe('a new folder', () => {
  const env = Object.fromEntries(
    ['SF_ID', 'SF_SECRET', 'HUBSPOT_TOKEN', 'FORMS_SECRET'].map((name) => [name, 'x'.repeat(20)]),
  );

  test('of any choice of tools is right at once, once its .env is filled in', () => {
    const tool = fc.constantFrom<Tool>('salesforce', 'hubspot', 'webhook', 'csv');
    fc.assert(
      fc.property(
        fc.uniqueArray(tool, { minLength: 1 }),
        fc.option(fc.subarray(['person', 'company', 'deal'] as const, { minLength: 1 })),
        (tools, entities) => {
          const files = scaffold({ tools, ...(entities ? { entities } : {}) });
          const result = read(files, { env });
          expect('problems' in result ? result.problems : []).toEqual([]);
          const asked = [...files['hub.yaml']!.matchAll(/^(?!\s*#).*?\$\{(\w+)\}/gm)].map(
            (match) => match[1],
          );
          for (const name of asked) expect(files['.env.example']).toContain(`\n${name}=`);
          expect(files['.gitignore']).toContain('.env\n');
        },
      ),
    );
  });

  test('suits the connectors that ship with Nayose, and so do the schemas for editors', () => {
    const files = scaffold({
      tools: ['salesforce', 'hubspot', 'webhook', 'csv'],
      schemas: jsonSchemas(SHIPPED),
    });
    const result = readConfig(files, {
      env: { ...env, FORMS_SECRET: ENV.FORMS_SECRET },
      connectors: SHIPPED,
    });
    expect('problems' in result ? result.problems : []).toEqual([]);
    const schema = JSON.parse(files['schemas/hub.schema.json']!) as Parameters<typeof z.fromJSONSchema>[0];
    expect(z.fromJSONSchema(schema).safeParse(parse(files['hub.yaml']!)).error).toBeUndefined();
  });

  test('brings the schemas for editors, where given', () => {
    const files = scaffold({ tools: ['csv'], schemas: jsonSchemas(CONNECTORS) });
    expect(files['hub.yaml']).toMatch(/^# yaml-language-server: \$schema=schemas\/hub\.schema\.json\n/);
    expect(Object.keys(files)).toContain('schemas/mapping.schema.json');
  });

  test('needs a tool', () => expect(() => scaffold({ tools: [] })).toThrow('choose at least one tool'));
});

describe('JSON Schemas for editors', () => {
  const schemas = jsonSchemas(CONNECTORS);
  const accepts = (schema: object, data: unknown) =>
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(data).success;

  test('accept the folder of INTERFACE.md, variables and all', () => {
    expect(accepts(schemas.hub, parse(HUB))).toBe(true);
    for (const [name, text] of Object.entries(FILES))
      if (name.startsWith('mappings/'))
        expect([name, accepts(schemas.mapping, parse(text))]).toEqual([name, true]);
  });

  test('accept every preset written out, and every transform', () => {
    for (const { object, entity, fields } of Object.values(PRESETS))
      expect(accepts(schemas.mapping, { connection: 'x', object, entity, fields })).toBe(true);
    for (const { name, examples } of TRANSFORMS.values())
      for (const { args } of examples)
        expect([
          name,
          args,
          accepts(schemas.mapping, {
            connection: 'x',
            fields: {
              a: {
                field: 'f',
                in: [
                  args === undefined
                    ? TRANSFORMS.get(name)!.args.safeParse({}).success
                      ? name
                      : { [name]: {} }
                    : { [name]: args },
                ],
              },
            },
          }),
        ]).toEqual([name, args, true]);
  });

  test('refuse what loading refuses', () => {
    const hub = parse(HUB) as Record<string, object>;
    expect(accepts(schemas.hub, { ...hub, sync: {} })).toBe(false);
    expect(accepts(schemas.hub, { ...hub, connections: { a: { type: 'hubspt' } } })).toBe(false);
    expect(accepts(schemas.hub, { ...hub, connections: { a: { type: 'csv' } } })).toBe(false);
    expect(accepts(schemas.mapping, { connection: 'x', fields: { a: { field: 'f', in: ['emial'] } } })).toBe(
      false,
    );
    expect(accepts(schemas.mapping, { connection: 'x', fields: { a: { feild: 'f' } } })).toBe(false);
  });
});
