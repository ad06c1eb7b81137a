import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hubspotConfig } from '../../../connectors/hubspot/config.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { fromWire, toWire } from '../../../connectors/hubspot/values.ts';
import { rig } from './harness.ts';

describe('the configuration', () => {
  const wrong: [string, unknown, string][] = [
    ['no way to sign in', {}, 'private app'],
    [
      'two ways to sign in',
      { accessToken: 't', oauth: { clientId: 'a', clientSecret: 'b', refreshToken: 'c' } },
      'there are both',
    ],
    ['an empty token', { accessToken: '' }, 'environment variable'],
    ['an unknown key', { accessToken: 't', acessToken: 't' }, 'acessToken'],
    ['an address that is none', { accessToken: 't', baseUrl: 'api.hubapi.com' }, 'https://'],
    ['a file as address', { accessToken: 't', baseUrl: 'file:///etc' }, 'https://'],
    ['a short hook key', { accessToken: 't', hookKey: 'abc' }, '16'],
    ['half of the OAuth app', { oauth: { clientId: 'a' } }, 'clientSecret'],
  ];
  for (const [name, given, words] of wrong)
    test(`with ${name} is refused`, () => {
      const result = hubspotConfig.safeParse(given);
      expect(JSON.stringify(result.error?.issues)).toContain(words);
    });

  test('has HubSpot as default address, and loses a slash at the end of another', () => {
    expect(hubspotConfig.parse({ accessToken: 't' }).baseUrl).toBe('https://api.hubapi.com');
    expect(hubspotConfig.parse({ accessToken: 't', baseUrl: 'http://127.0.0.1:9/' }).baseUrl).toBe(
      'http://127.0.0.1:9',
    );
  });
});

describe('discovering', () => {
  const machines = {
    name: 'machines',
    required: ['serial'],
    properties: [
      { name: 'serial', label: 'Serial', type: 'string' as const, fieldType: 'text', unique: true },
    ],
  };

  test('finds standard and custom objects, their types, keys, options and references', async () => {
    const owners = [
      { id: '1', email: 'a@x.jp', firstName: 'A', lastName: 'B', archived: false },
      { id: '2', email: 'c@x.jp', firstName: 'C', lastName: 'D', archived: true },
    ];
    const { ctx } = await rig({ customObjects: [machines], owners });
    const streams = new Map((await hubspot.discover(ctx)).map((stream) => [stream.name, stream]));
    expect([...streams.keys()]).toEqual(['contacts', 'companies', 'deals', 'tickets', 'machines']);
    const field = (stream: string, name: string) => streams.get(stream)!.fields.find((f) => f.name === name);
    expect(field('contacts', 'email')).toMatchObject({ type: 'email', unique: true, writable: true });
    expect(field('contacts', 'phone')).toMatchObject({ type: 'phone' });
    expect(field('contacts', 'score')).toMatchObject({ type: 'number' });
    expect(field('contacts', 'hs_email_optout')).toMatchObject({ type: 'boolean' });
    expect(field('contacts', 'birthday')).toMatchObject({ type: 'date' });
    expect(field('contacts', 'interests')).toMatchObject({ type: 'options' });
    expect(field('contacts', 'createdate')).toMatchObject({ type: 'datetime', writable: false });
    expect(field('contacts', 'hubspot_owner_id')).toMatchObject({ options: [{ value: '1', label: 'A B' }] });
    expect(field('contacts', 'lifecyclestage')?.options).toContainEqual({ value: 'lead', label: 'Lead' });
    expect(field('contacts', 'associations.companies')).toMatchObject({
      type: 'reference',
      references: ['companies'],
    });
    expect(field('deals', 'associations.contacts')).toMatchObject({ references: ['contacts'] });
    expect(field('tickets', 'hs_pipeline_stage')).toMatchObject({ required: true });
    expect(field('machines', 'serial')).toMatchObject({ required: true, unique: true });
    expect(streams.get('contacts')!.read).toMatchObject({ lookupBy: ['hs_object_id', 'nayose_id', 'email'] });
    expect(streams.get('contacts')!.write).toMatchObject({ maxBatch: 100, idempotency: 'external-id' });
  });

  test('without a unique property for the hub, creates are found again by look-up', async () => {
    const { ctx } = await rig({ uniqueNayoseId: false });
    const [stream] = await hubspot.discover(ctx, ['companies']);
    expect(stream).toMatchObject({ read: { lookupBy: ['hs_object_id'] }, write: { idempotency: 'lookup' } });
  });

  test('of an object that is not there names those that are', async () => {
    const { ctx } = await rig({ customObjects: [machines] });
    await expect(hubspot.discover(ctx, ['machine'])).rejects.toMatchObject({
      hint: expect.stringContaining('machines'),
    });
  });
});

describe('budgets', () => {
  const answer = (headers: Record<string, string>, status = 200) => new Response(null, { status, headers });
  const date = 'Fri, 01 May 2026 10:20:00 GMT';

  test('are learnt from the headers', () => {
    const observe = hubspot.quota!.observe;
    expect(observe(answer({}))).toEqual([]);
    expect(
      observe(
        answer({ 'X-HubSpot-RateLimit-Daily': '250000', 'X-HubSpot-RateLimit-Daily-Remaining': '249000' }),
      ),
    ).toEqual([{ name: 'daily', remaining: 249_000, limit: 250_000, used: 1000 }]);
    expect(
      observe(answer({ date, 'X-HubSpot-RateLimit-Daily': '5', 'X-HubSpot-RateLimit-Daily-Remaining': '0' })),
    ).toMatchObject([{ used: 5, exhaustedUntil: '2026-05-01T10:30:00.000Z' }]);
    const window = {
      date,
      'X-HubSpot-RateLimit-Max': '100',
      'X-HubSpot-RateLimit-Remaining': '0',
      'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
    };
    expect(observe(answer(window))).toEqual([{ name: 'ten-seconds', limit: 100, per: 10 }]);
    expect(observe(answer(window, 429))).toMatchObject([
      { name: 'ten-seconds', exhaustedUntil: '2026-05-01T10:20:10.000Z' },
    ]);
  });

  test('the account tells when its day ends, also to a private app that may do nothing else', async () => {
    const midnight = new Date('2026-05-01T18:30:00Z'); // In India.
    const now = () => new Date('2026-05-01T10:20:00Z');
    const { ctx, sandbox } = await rig({ scopes: [], dailyLimit: 500, midnight, now });
    sandbox.usage.used = 41;
    expect(await hubspot.quota!.ask!(ctx)).toEqual([
      { name: 'daily', used: 42, limit: 500, resetsAt: '2026-05-01T18:30:00.000Z' },
    ]);
    for (const [fault, kind] of [
      [{ status: 200, body: '{"results":[{"name":1}]}' }, 'transient'],
      [{ status: 200, body: '<html>' }, 'transient'],
      [{ status: 403, body: '{"category":"MISSING_SCOPES"}' }, 'auth'],
      [{ status: 429, body: '{"policyName":"DAILY"}' }, 'quota'],
      ['truncated', 'transient'],
    ] as const) {
      sandbox.fault = () => fault;
      await expect(hubspot.quota!.ask!(ctx)).rejects.toMatchObject({ kind });
    }
    sandbox.fault = () => ({ status: 200, body: '{"results":[]}' });
    expect(await hubspot.quota!.ask!(ctx)).toEqual([]);
  });

  test('a refused search has no headers: its body tells that the day is used up', () => {
    const { observe } = hubspot.quota!;
    const refused = answer({ date }, 429);
    expect(observe(refused, '{"status":"error","policyName":"DAILY"}')).toEqual([
      { name: 'daily', remaining: 0, exhaustedUntil: '2026-05-01T10:30:00.000Z' },
    ]);
    expect(observe(refused, '{"status":"error","policyName":"SECONDLY"}')).toEqual([]);
    expect(observe(answer({ date }), '"policyName":"DAILY"')).toEqual([]);
  });

  test('only reads may be sent again', () => {
    const may = (method: string, path: string) =>
      hubspot.readOnly!(method, new URL(path, 'https://api.hubapi.com'));
    expect(may('POST', '/crm/v3/objects/contacts/search')).toBe(true);
    expect(may('POST', '/crm/objects/2026-03/contacts/batch/read')).toBe(true);
    expect(may('POST', '/crm/v4/associations/contacts/companies/batch/read')).toBe(true);
    for (const path of [
      'contacts',
      'contacts/batch/create',
      'contacts/batch/update',
      'contacts/merge',
      'contacts/batch/upsert',
    ])
      expect(may('POST', `/crm/v3/objects/${path}`)).toBe(false);
    expect(may('PATCH', '/crm/v3/objects/contacts/search')).toBe(false);
  });
});

describe('values on the wire', () => {
  const number = { type: 'number', fieldType: 'number' };
  const multiple = { type: 'enumeration', fieldType: 'checkbox' };
  const datetime = { type: 'datetime', fieldType: 'date' };
  const day = { type: 'date', fieldType: 'date' };

  test('survive the way there and back (property)', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        expect(fromWire(number, toWire(number, value))).toBe(value === 0 ? 0 : value);
      }),
    );
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }),
        (value) => {
          const iso = value.toISOString();
          expect(fromWire(datetime, toWire(datetime, iso))).toBe(iso);
          expect(fromWire(datetime, String(value.getTime() + 100_000))).toBe(
            new Date(value.getTime() + 100_000).toISOString(),
          );
          expect(fromWire(day, toWire(day, iso.slice(0, 10)))).toBe(iso.slice(0, 10));
        },
      ),
    );
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z0-9_]+$/), { minLength: 1 }), (value) => {
        expect(fromWire(multiple, toWire(multiple, value))).toEqual(value);
      }),
    );
  });

  test('clear with an empty text, and an unset value is null', () => {
    expect(toWire(number, null)).toBe('');
    for (const text of ['', null, undefined]) expect(fromWire(multiple, text)).toBeNull();
  });

  test('never append to a multi-select, and never move a day', () => {
    expect(toWire(multiple, ';a;b')).toBe('a;b');
    expect(toWire(day, '2026-04-01T00:30:00+09:00')).toBe('2026-04-01');
    expect(toWire(day, '2024-02-30')).toBe('2024-02-30');
    expect(fromWire(number, '12345678901234567890')).toBe('12345678901234567890');
  });
});
