import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Context, Inbound } from '../../../connectors/contract.ts';
import { signHook } from '../../../connectors/salesforce/hook.ts';
import { type SalesforceConfig, salesforce } from '../../../connectors/salesforce/index.ts';
import { readXml, XmlError } from '../../../connectors/salesforce/outbound-xml.ts';

const KEY = 'a-secret-part-of-an-address';
const NOW = new Date('2026-03-01T00:00:00Z');
const ID = '0035g00000A1b2CAAR';

const context = (config: object = {}): Context<SalesforceConfig> => ({
  config: salesforce.config.parse({
    auth: { grant: 'token', accessToken: 't', instanceUrl: 'https://x.my.salesforce.com' },
    hookKey: KEY,
    ...config,
  }),
  fetch: () => Promise.reject(new Error('a hook calls nobody')),
  now: () => NOW,
  signal: new AbortController().signal,
  log: { debug() {}, info() {}, warn() {} },
});

const notification = (id: string, object = 'Contact', more = '') =>
  `<Notification><Id>04l5g000000abcdAAA</Id><sObject xsi:type="sf:${object}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>${id}</sf:Id>${more}</sObject></Notification>`;
const message = (notifications: string, org = '00D5g0000012345EAA') =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">
   <OrganizationId>${org}</OrganizationId>
   <ActionId>04k5g000000abcdAAA</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>https://x.my.salesforce.com/services/Soap/c/62.0/00D?a=1&amp;b=2</EnterpriseUrl>
   <PartnerUrl>https://x.my.salesforce.com/services/Soap/u/62.0/00D</PartnerUrl>
   ${notifications}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>`;
const inbound = (body: string, url = `https://hub.test/hooks/crm/${KEY}`): Inbound => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'text/xml; charset=UTF-8' },
  body: new TextEncoder().encode(body),
});
const parse = (body: string, config: object = {}) =>
  salesforce.hook!.parse(inbound(body), context(config)).map(({ stream, id, op }) => [stream, id, op]);

describe('what is no outbound message is rejected, and nothing of it is quoted', () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>';
  test.each([
    ['nothing in it', message('')],
    ['another envelope', '<a/>'],
    ['an envelope of another namespace', message(notification(ID)).replace('xmlsoap.org', 'xmlsoap.net')],
    ['notifications of another namespace', message(notification(ID)).replace('2005/09', '2004/09')],
    ['an id that is none', message(notification("003' OR '1'='1"))],
    ['an object that is none', message(notification(ID, 'Contact; DROP'))],
    ['no record', message('<Notification><Id>04l5g000000abcdAAA</Id></Notification>')],
    ['a document type', message(notification(ID)).replace('?>', `?>${bomb}`)],
    ['an entity of its own', message(notification(ID, 'Contact', '<sf:LastName>&b;</sf:LastName>'))],
    ['an entity without an end', message(notification(ID, 'Contact', '<sf:LastName>&amp</sf:LastName>'))],
    ['a character that is none', message(notification(ID, 'Contact', '<sf:LastName>&#xD800;</sf:LastName>'))],
    ['a processing instruction', message('<?php secret-text ?>')],
    ['half of it', message(notification(ID)).slice(0, 700)],
    ['two roots', `${message(notification(ID))}<a/>`],
    ['text after it', `${message(notification(ID))} secret-text`],
    ['crossed tags', message('<a><b></a></b>')],
    ['a prefix of nowhere', message('<q:a/>')],
    ['an attribute twice', message('<a x="1" x="2"/>')],
    ['an unquoted attribute', message('<a x=1/>')],
    ['deep nesting', message('<a>'.repeat(100_000))],
    ['too many elements', message('<a/>'.repeat(60_000))],
    ['too many notifications', message(notification(ID).repeat(1001))],
    ['many opening brackets', '<'.repeat(500_000)],
    ['a tag that never ends', `<a ${'x="1" '.repeat(50_000)}`],
  ])('%s', (_, body) => {
    const parsed = () => salesforce.hook!.parse(inbound(body), context());
    expect(parsed).toThrow(expect.objectContaining({ kind: 'rejected' }));
    expect(parsed).not.toThrow('secret-text');
  });

  test('another organization', () => {
    const ours = message(notification(ID));
    expect(() => parse(ours, { organizationId: '00D5g0000099999EAA' })).toThrow('another organization');
    expect(() => parse(message(notification(ID), 'x'), { organizationId: '00D5g0000012345' })).toThrow(
      'another',
    );
    expect(parse(ours, { organizationId: '00D5g0000012345' })).toHaveLength(1);
    expect(parse(ours, { organizationId: '00D5g0000012345EAA' })).toHaveLength(1);
  });

  test('any text at all leads to changes or to one kind of error (property)', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '<a>',
        '</a>',
        '<a b="c"/>',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '&amp;',
        '&#',
        '<?xml',
        'xmlns:a="b"',
        '<a:b>',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        try {
          readXml(pieces.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(XmlError);
        }
      }),
    );
  });
});

describe('an outbound message', () => {
  test('names the records to look at, each once, in the 18-character form', () => {
    const many = Array.from({ length: 100 }, (_, i) => `0035g00000A1b2${String.fromCharCode(65 + (i % 4))}`);
    const changes = parse(
      message(many.map((id) => notification(id)).join('') + notification('0015g00000A1b2C', 'Account')),
    );
    expect(changes).toHaveLength(5);
    expect(changes.at(-1)![0]).toBe('Account');
    for (const [, id, op] of changes) expect([id!.length, op]).toEqual([18, 'touch']);
  });

  test('may carry anything XML can: comments, CDATA, references, other prefixes, a byte order mark', () => {
    const more = '<!-- a --><sf:Name><![CDATA[<田中> & ]]>&#x1F600;&lt;</sf:Name><sf:Empty/>';
    const other = message(notification(ID, 'Custom__c', more)).replaceAll('soapenv', 'S');
    expect(parse(`\uFEFF${other}`)).toEqual([['Custom__c', expect.any(String), 'touch']]);
    expect(readXml('<a b="&quot;&#65;">x<!--y--><![CDATA[&amp;]]></a>')).toMatchObject({
      text: 'x&amp;',
      attributes: new Map([['b', '"A']]),
    });
  });

  test('needs the secret part of the address, whatever else is known', async () => {
    const verify = (url: string, config: object = {}) =>
      salesforce.hook!.verify(inbound(message(notification(ID)), url), context(config));
    const hookSecret = 'a-secret-of-the-flow';
    expect(await verify(`https://hub.test/hooks/crm/${KEY}`)).toBe(true);
    expect(await verify(`https://hub.test/hooks/crm/${KEY}`, { hookSecret })).toBe(true);
    for (const path of ['', `/${KEY}x`, '/', '/%ff', '/%'])
      expect(await verify(`https://hub.test/hooks/crm${path}`)).toBe(false);
    expect(await verify(`https://hub.test/hooks/crm/${KEY}`, { hookKey: undefined })).toBe(false);
  });

  test('is answered as Salesforce wants it', () => {
    const said = salesforce.hook!.acknowledge!(inbound(message(notification(ID))))!;
    expect([said.status, said.headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    const body = readXml(said.body).children[0]!;
    expect(body.children[0]).toMatchObject({
      namespace: 'http://soap.sforce.com/2005/09/outbound',
      name: 'notificationsResponse',
      children: [{ name: 'Ack', text: 'true' }],
    });
    expect(salesforce.hook!.acknowledge!(inbound('{}'))).toBeUndefined();
  });
});

test('a Flow’s callout: with a secret it must be signed; without one the address serves', async () => {
  const body = JSON.stringify({ object: 'Contact', ids: [ID] });
  const hookSecret = 'a-secret-of-the-flow';
  const json = { ...inbound(body), headers: {} };
  expect(await salesforce.hook!.verify(json, context())).toBe(true);
  expect(await salesforce.hook!.verify({ ...json, url: 'https://hub.test/hooks/crm' }, context())).toBe(
    false,
  );
  expect(await salesforce.hook!.verify(json, context({ hookSecret }))).toBe(false);
  const headers = await signHook(hookSecret, body, NOW);
  expect(await salesforce.hook!.verify({ ...json, headers }, context({ hookSecret }))).toBe(true);
  expect(salesforce.hook!.parse(json, context())).toMatchObject([{ stream: 'Contact', op: 'touch' }]);
});
