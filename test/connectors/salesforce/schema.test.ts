import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SalesforceConfig } from '../../../connectors/salesforce/config.ts';
import { jobFrom, USUAL_PACE } from '../../../connectors/salesforce/cost.ts';
import { isId, to15, to18 } from '../../../connectors/salesforce/ids.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { field, text } from '../../../connectors/salesforce/sandbox/index.ts';
import { lex } from '../../../connectors/salesforce/sandbox/soql/lex.ts';
import { fitting, identifier, quote } from '../../../connectors/salesforce/soql.ts';
import { bench } from './harness.ts';

const GOOD = { auth: { grant: 'client_credentials', clientId: 'id', clientSecret: 'secret' } };

describe('configuration', () => {
  test('needs little, and fills in the rest', () => {
    expect(salesforce.config.parse(GOOD)).toMatchObject({
      loginUrl: 'https://login.salesforce.com',
      apiVersion: '62.0',
    });
  });

  test.for([
    [{}, /a map such as . grant/],
    [{ auth: { grant: 'password' } }, /one of client_credentials, jwt/],
    [{ auth: { grant: 'client_credentials', clientId: 'x' } }, /expected the consumer secret/],
    [{ auth: { ...GOOD.auth, clientId: '' } }, /consumer key of the connected app, found nothing/],
    [{ auth: { ...GOOD.auth, secret: 'x' } }, /secret/],
    [
      { auth: { grant: 'jwt', clientId: 'x', username: 'u', privateKey: '-----BEGIN RSA PRIVATE KEY-----' } },
      /openssl pkcs8/,
    ],
    [{ auth: { grant: 'token', accessToken: 'x' } }, /expected an address such as/],
    [{ ...GOOD, loginUrl: 'login.salesforce.com' }, /expected an address such as/],
    [{ ...GOOD, instanceUrl: 'https://x.lightning.force.com' }, /my.salesforce.com/],
    [{ ...GOOD, apiVersion: '62' }, /such as '62.0'/],
    [{ ...GOOD, apiVersion: '50.0' }, /at least 52.0/],
    [{ ...GOOD, bulkTreshold: 2000 }, /bulkTreshold/],
    [{ ...GOOD, bulkThreshold: 3 }, /200/],
    [{ ...GOOD, hookSecret: 'short' }, /16 characters/],
  ] as const)('refuses %o by name', ([config, message]) => {
    const parsed = salesforce.config.safeParse(config);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
  });
});

describe('discovery', () => {
  test('describes the standard objects, one call each and one for the list', async () => {
    await using b = await bench();
    const streams = await salesforce.discover(b.ctx);
    const contact = streams.find(({ name }) => name === 'Contact')!;
    expect(
      contact.fields.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
    ).toContainEqual(['HasOptedOutOfEmail', false]);
    expect(streams.map((s) => s.name)).toEqual(['Account', 'Contact', 'Lead', 'Opportunity', 'User']);
    expect(b.calls()).toBe(6);
  });

  test('describes only what is asked for, and leaves out what is not there', async () => {
    await using b = await bench();
    expect((await salesforce.discover(b.ctx, ['Contact', 'Nope__c'])).map((s) => s.name)).toEqual([
      'Contact',
    ]);
    expect(b.logged.join()).toMatch(/Nope__c/);
  });

  test('says of each field what a mapping must know', async () => {
    await using b = await bench({
      schema: {
        Contact: [
          field('multipicklist', 'Interests__c', 'Interests', { options: ['A', 'B'], restricted: true }),
          text('Code__c', 'Code', 10),
        ],
      },
    });
    const [contact] = await salesforce.discover(b.ctx, ['Contact']);
    const fields = new Map(contact!.fields.map((f) => [f.name, f]));
    expect(fields.get('LastName')).toMatchObject({
      type: 'text',
      length: 80,
      required: true,
      writable: true,
    });
    expect(fields.get('Id')).toMatchObject({ required: false, writable: false, unique: true });
    expect(fields.get('Name')).toMatchObject({ writable: false, required: false });
    expect(fields.get('Email')).toMatchObject({ type: 'email', length: 80, unique: false });
    expect(fields.get('HasOptedOutOfEmail')).toMatchObject({ type: 'boolean', required: false });
    expect(fields.get('AccountId')).toMatchObject({ type: 'reference', references: ['Account'] });
    expect(fields.get('Stage__c')!.options?.map((o) => o.value)).toContain('Prospect');
    expect(fields.get('LeadSource')).not.toHaveProperty('options');
    expect(fields.get('Nayose_Id__c')).toMatchObject({ unique: true, length: 36 });
    expect(fields.get('Interests__c')).toMatchObject({ type: 'options' });
    expect(fields.get('MailingAddress')).toMatchObject({ type: 'json', writable: false });
  });

  test('says what can be done: ops, lookups best first, and how a lost create is found', async () => {
    await using b = await bench();
    const [contact] = await salesforce.discover(b.ctx, ['Contact']);
    expect(contact).toMatchObject({
      read: { incremental: true, deletes: 'feed', merges: true },
      write: { ops: ['create', 'update', 'delete'], maxBatch: 200, idempotency: 'external-id' },
    });
    const lookupBy = contact!.read ? contact!.read.lookupBy : [];
    expect(lookupBy.slice(0, 2)).toEqual(['Id', 'Nayose_Id__c']);
    expect(lookupBy).toContain('Email');
    expect(lookupBy).not.toContain('Description');

    await using plain = await bench({ externalId: false }, { bulkThreshold: 2000 });
    const [lead] = await salesforce.discover(plain.ctx, ['Lead']);
    expect(lead!.write).toEqual({
      ops: ['create', 'update', 'delete'],
      idempotency: 'lookup',
      maxBatch: 200,
    });
  });

  test('thousands go as a job where that is cheaper, or as the configuration says, and only where a create can be told again', async () => {
    const bulkOf = async (own: Partial<SalesforceConfig>) => {
      await using b = await bench({}, own);
      const [contact] = await salesforce.discover(b.ctx, ['Contact']);
      return contact!.write ? contact!.write.bulk : undefined;
    };
    expect(await bulkOf({})).toEqual({ from: jobFrom(USUAL_PACE), max: 5_000 });
    expect(await bulkOf({ bulkThreshold: 800 })).toEqual({ from: 800, max: 5_000 });
    expect(await bulkOf({ bulk: false })).toBeUndefined();
    expect(await bulkOf({ allowDuplicates: true })).toBeUndefined();
  });

  test('fields with multi-selects take lists, and come back in the tool’s order', async () => {
    await using b = await bench({
      schema: { Contact: [field('multipicklist', 'Interests__c', 'Interests', { options: ['A', 'B'] })] },
    });
    await salesforce.write!(b.ctx, 'Contact', [
      { key: 'k', op: 'create', fields: { LastName: 'L', Interests__c: ['B', 'A'] } },
    ]);
    const { changes } = await b.readAll('Contact', null, ['Interests__c']);
    expect(changes).toMatchObject([{ fields: { Interests__c: 'A;B' } }]);
  });
});

describe('ids', () => {
  const id15 = fc.stringMatching(/^[A-Za-z0-9]{15}$/);

  test('known pairs', () => {
    expect(to18('0035h00000GoTKM')).toBe('0035h00000GoTKMAA3');
    expect(to18('0015h000005vuvj')).toBe('0015h000005vuvjAAA');
    expect(to18('not an id')).toBe('not an id');
  });

  test('18 characters are a fixed point, and tell apart what differs only by case', () => {
    fc.assert(
      fc.property(id15, id15, (a, b) => {
        expect(isId(to18(a))).toBe(true);
        expect(to18(to18(a))).toBe(to18(a));
        expect(to15(to18(a))).toBe(a);
        expect(to18(a).toLowerCase() === to18(b).toLowerCase()).toBe(a === b);
        expect(to18(a).toLowerCase() === to18(a.toLowerCase()).toLowerCase()).toBe(a === a.toLowerCase());
      }),
    );
  });
});

describe('SOQL is never broken out of', () => {
  test('any text, quoted, is one string with that value', () => {
    const risky = fc.array(
      fc.oneof(
        fc.constantFrom("'", '\\', '\n', '\r', '\t', '%', '_', ' OR '),
        fc.string({ unit: 'grapheme' }),
      ),
    );
    fc.assert(
      fc.property(
        risky.map((parts) => parts.join('')),
        (value) => {
          const unescaped = value.replaceAll(/\\([%_])/g, '\\$1');
          expect(lex(`x = ${quote(value)}`).slice(2)).toEqual([{ kind: 'string', text: unescaped }]);
        },
      ),
    );
  });

  test('identifiers are API names and nothing else', () => {
    for (const name of ['Id', 'Score__c', 'Account.Owner.Name', 'ns__Field__r.X__c'])
      expect(identifier(name)).toBe(name);
    for (const name of ['', 'a b', "x'", '1a', 'a.', 'a..b', 'A,B', 'A(B)', '名前', 'a\n'])
      expect(() => identifier(name)).toThrow(/not a Salesforce API name/);
  });

  test('as many values as fit an address, and at least one', () => {
    const soql = (values: string[]) => `SELECT Id FROM C WHERE E IN (${values.join(',')})`;
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const literals = values.map(quote);
          const count = fitting(soql, literals, 500);
          expect(count).toBeGreaterThanOrEqual(1);
          if (count > 1)
            expect(encodeURIComponent(soql(literals.slice(0, count))).length).toBeLessThanOrEqual(500);
        },
      ),
    );
  });
});
