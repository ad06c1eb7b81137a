import fc from 'fast-check';
import { sample } from '../../../api/v1/docs/sample.ts';
import { LARGEST_BODY } from '../../../api/v1/frame/input.ts';
import { DOCUMENTED, type Documented, SCHEMAS } from './requests.ts';

export { fc };

const NASTY = [
  '',
  ' ',
  '\u0000',
  "' or 1=1 --",
  '"; drop table token; --',
  '../../etc/passwd',
  '%',
  '_',
  '\\',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  '髙橋 𠮷野',
  'a'.repeat(3000),
  '-1',
  '1e999',
  '9007199254740993',
  'NaN',
  'null',
  'true',
  '2026-02-30T25:61:00Z',
];
/** Names that the simulated hub really has. */
const REAL = [
  'crm',
  'ma',
  'people',
  'companies',
  'crm-contact',
  'ma-contact',
  'person',
  'company',
  'crm/Contact/1',
];

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 4, arbitrary: fc.constantFrom(...REAL) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** Percent-encoded as it should be, or left as it is where an address can carry that. */
const piece = fc
  .tuple(text, fc.boolean())
  .map(([value, raw]) => (raw ? value.replace(/[\s#?/\\]/g, '') : encodeURIComponent(value.toWellFormed())));

/** Tools are asked for real in other tests: here their names stay unknown. */
const callsTools = ({ id }: Documented) =>
  ['getSchema', 'checkConnection', 'checkMapping', 'previewMapping'].includes(id);

const cursor = fc.oneof(
  text.map((value) => encodeURIComponent(value.toWellFormed())),
  fc.json().map((value) => Buffer.from(value.toWellFormed()).toString('base64url')),
);

const query = (names: readonly string[]) =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...names, 'limit', 'cursor'), piece), fc.oneof(piece, cursor)), {
      maxLength: 3,
    })
    .map((pairs) => (pairs.length > 0 ? `?${pairs.map((pair) => pair.join('=')).join('&')}` : ''));

/** A well-formed body with something else somewhere in it. */
const twisted = (operation: Documented) => {
  const whole = sample(operation.body!.schema, SCHEMAS);
  if (typeof whole !== 'object' || whole === null) return fc.jsonValue();
  const kept = fc.subarray(Object.entries(whole)).map((entries) => Object.fromEntries(entries));
  const other = fc.dictionary(
    fc.oneof(fc.constantFrom(...Object.keys(whole), 'extra'), text),
    fc.oneof(fc.jsonValue(), text),
    { maxKeys: 3 },
  );
  return fc.oneof(
    kept,
    fc.tuple(kept, other).map(([some, more]) => ({ ...some, ...more })),
  );
};

const body = (operation: Documented): fc.Arbitrary<string | Uint8Array<ArrayBuffer> | null> =>
  fc.oneof(
    fc.constant(null),
    fc.json(),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
    text,
    fc.constant('['.repeat(5000)),
    {
      weight: 4,
      arbitrary: operation.body
        ? twisted(operation).map((value) => JSON.stringify(value))
        : fc.constant(null),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 100 }).map((n) => (n === 1 ? 'x'.repeat(LARGEST_BODY + 1) : '{}')),
    },
  );

/** What an HTTP header can hold. */
const headerText = text.map((value) => value.replace(/[^\x21-\x7e]/g, 'x').slice(0, 400));

const headers = (operation: Documented) =>
  fc.record(
    {
      'content-type': fc.constantFrom(
        operation.body && operation.body.type !== '*/*' ? operation.body.type : 'application/json',
        'application/json',
        'text/plain',
        'application/json; charset=x',
        'multipart/form-data',
      ),
      'idempotency-key': headerText,
      'if-match': fc.oneof(headerText, fc.constantFrom('*', '"1"', 'W/"1"')),
      'x-request-id': headerText,
      cookie: headerText.map((value) => `nayose_session=${value}`),
      'content-length': fc.constantFrom('0', '-1', 'many', '99999999999999999999'),
      'last-event-id': headerText,
      'x-forwarded-for': headerText,
      'x-forwarded-host': headerText,
      'x-forwarded-proto': headerText,
      'x-hubspot-signature-v3': headerText,
      'x-hubspot-request-timestamp': headerText,
      'webhook-id': headerText,
    },
    { requiredKeys: ['content-type'] },
  );

const target = (operation: Documented) => {
  const parts = operation.path.split(/(\{\w+\})/);
  const filled = fc.tuple(
    ...parts.map((part) =>
      !part.startsWith('{') ? fc.constant(part) : callsTools(operation) ? fc.constant('none') : piece,
    ),
  );
  const names = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  return fc
    .tuple(
      filled.map((all) => all.join('')),
      query(names),
    )
    .map((both) => both.join(''));
};

const TOKENS = ['viewer', 'operator', 'admin', 'admin', 'admin', 'no-token-of-this-hub', undefined];

const toOperation = (operation: Documented) =>
  fc
    .record({
      path: target(operation),
      method: fc.oneof(
        { weight: 8, arbitrary: fc.constant(operation.method) },
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      ),
      as: fc.constantFrom(...TOKENS),
      headers: headers(operation) as fc.Arbitrary<Record<string, string>>,
      body: body(operation),
    })
    .map(({ method, body: sent, as, ...rest }) => ({
      ...rest,
      ...(as === undefined ? {} : { as }),
      method,
      body: method === 'GET' ? null : sent,
    }));

/** A request to some operation of the document, well formed in most parts and odd in some. */
export const anyRequest = fc.constantFrom(...DOCUMENTED).chain(toOperation);
