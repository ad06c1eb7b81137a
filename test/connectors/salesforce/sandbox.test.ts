import { beforeEach, describe, expect, test } from 'vitest';
import {
  createSalesforceSandbox,
  type SalesforceSandbox,
} from '../../../connectors/salesforce/sandbox/index.ts';
import { clock, people } from './harness.ts';

const DATA = '/services/data/v62.0';

/** Calls the app in this process, logged in. */
async function caller(sandbox: SalesforceSandbox) {
  const { clientId, clientSecret } = sandbox.credentials;
  const login = await sandbox.app.request('http://org.test/services/oauth2/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await sandbox.app.request(
      `http://org.test${path.startsWith('/services') ? '' : DATA}${path}`,
      {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    const json = /^[[{]/.test(text) ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    return { status: response.status, json: json as never, text, headers: response.headers };
  };
}

const time = clock('2026-03-01T09:00:00Z');
let sandbox: SalesforceSandbox;
let call: Awaited<ReturnType<typeof caller>>;
beforeEach(async () => {
  sandbox = createSalesforceSandbox({ now: time.now });
  call = await caller(sandbox);
});
const soql = async (q: string, all = false) => {
  const answer = await call('GET', `/${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(q)}`);
  return answer as {
    status: number;
    json: { totalSize: number; records: Record<string, unknown>[] } & {
      message: string;
      errorCode: string;
    }[];
  };
};
const names = async (where: string, order = 'LastName') =>
  (await soql(`SELECT LastName FROM Contact ${where} ORDER BY ${order}`)).json.records.map((r) => r.LastName);

describe('SOQL', () => {
  beforeEach(() => {
    const [a, b] = sandbox.seed('Account', [{ fields: { Name: 'Alpha' } }, { fields: { Name: 'Beta' } }]);
    sandbox.seed('Contact', [
      {
        fields: { LastName: 'abe', Score__c: 1, AccountId: a!, Birthdate: '1980-01-01' },
        at: '2026-01-01T00:00:00Z',
      },
      { fields: { LastName: 'Baba', Score__c: 2, AccountId: b! }, at: '2026-02-01T00:00:00Z' },
      { fields: { LastName: 'CHIBA', HasOptedOutOfEmail: true }, at: '2026-02-28T23:00:00Z' },
      { fields: { LastName: '100%_x', Score__c: 10 }, at: '2026-03-01T01:00:00Z' },
    ]);
  });

  test.for([
    [`WHERE LastName = 'ABE'`, ['abe']],
    [`WHERE LastName != 'abe'`, ['100%_x', 'Baba', 'CHIBA']],
    [`WHERE LastName LIKE '%ba'`, ['Baba', 'CHIBA']],
    [`WHERE LastName LIKE '100\\%\\__'`, ['100%_x']],
    [`WHERE LastName LIKE 'a_e'`, ['abe']],
    ['WHERE Score__c != 1', ['100%_x', 'Baba', 'CHIBA']],
    ['WHERE Score__c >= 2', ['100%_x', 'Baba']],
    ['WHERE Score__c = null', ['CHIBA']],
    ['WHERE NOT (Score__c = null OR Score__c > 5)', ['abe', 'Baba']],
    [`WHERE LastName IN ('abe', 'chiba')`, ['abe', 'CHIBA']],
    [`WHERE LastName NOT IN ('abe', 'chiba')`, ['100%_x', 'Baba']],
    [`WHERE Account.Name = 'beta' AND Score__c < 5`, ['Baba']],
    ['WHERE HasOptedOutOfEmail = TRUE', ['CHIBA']],
    ['WHERE Birthdate < 1990-01-01', ['abe']],
    ['WHERE SystemModstamp > 2026-02-01T00:00:00Z AND SystemModstamp < 2026-03-01T09:00:00+09:00', ['CHIBA']],
    ['WHERE SystemModstamp >= TODAY', ['100%_x']],
    ['WHERE SystemModstamp >= LAST_N_DAYS:1', ['100%_x', 'CHIBA']],
  ] as [string, string[]][])('%s', async ([where, expected]) => {
    expect(await names(where)).toEqual(expected);
  });

  test('orders by several fields, nulls first unless told, and limits', async () => {
    expect(await names('', 'Score__c DESC NULLS LAST, LastName')).toEqual(['100%_x', 'Baba', 'abe', 'CHIBA']);
    expect(await names('', 'Score__c')).toEqual(['CHIBA', 'abe', 'Baba', '100%_x']);
    expect(await names('', 'LastName LIMIT 1 OFFSET 1')).toEqual(['abe']);
    expect((await soql('SELECT COUNT() FROM Contact WHERE Score__c > 0')).json).toMatchObject({
      totalSize: 3,
    });
  });

  test.for([
    [`SELECT Id FROM Contact WHERE LastName = 'x`, 'MALFORMED_QUERY'],
    [`SELECT Id FROM Contact WHERE LastName = 'x\\'`, 'MALFORMED_QUERY'],
    [`SELECT Id FROM Contact WHERE LastName = 'x\\q'`, 'MALFORMED_QUERY'],
    [`SELECT Id FROM Contact WHERE A = 'x' AND B = 'y' OR C = 'z'`, 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE LastName IN ()', 'MALFORMED_QUERY'],
    ['SELECT * FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact; DELETE', 'MALFORMED_QUERY'],
    ['SELECT Nope__c FROM Contact', 'INVALID_FIELD'],
    ['SELECT Nope.Name FROM Contact', 'INVALID_FIELD'],
    [`SELECT Id FROM Contact WHERE Score__c = '1'`, 'INVALID_FIELD'],
    [`SELECT Id FROM Contact WHERE SystemModstamp > '2026-01-01T00:00:00Z'`, 'INVALID_FIELD'],
    [`SELECT Id FROM Contact WHERE Description = 'x'`, 'INVALID_FIELD'],
    ['SELECT Id FROM Nope', 'INVALID_TYPE'],
  ])('%s is %s', async ([query, code]) => {
    const { status, json } = await soql(query!);
    expect([status, json[0]!.errorCode]).toEqual([400, code]);
  });

  test('query leaves out deleted records, queryAll does not', async () => {
    const [abe] = sandbox.records('Contact');
    sandbox.remove('Contact', abe!.id);
    expect((await soql('SELECT Id FROM Contact')).json.totalSize).toBe(3);
    expect(
      (await soql('SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = true', true)).json.totalSize,
    ).toBe(1);
  });
});

describe('single records', () => {
  test('are made, read, changed and deleted, by either form of id', async () => {
    const made = await call('POST', '/sobjects/Contact', { LastName: 'A', Email: 'a@example.com' });
    expect(made).toMatchObject({ status: 201, json: { success: true } });
    const { id } = made.json as { id: string };
    const path = `/sobjects/Contact/${id.slice(0, 15)}`;
    expect((await call('PATCH', path, { Title: 'T' })).status).toBe(204);
    expect((await call('GET', `${path}?fields=Id,Title`)).json).toMatchObject({ Id: id, Title: 'T' });
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await call('GET', path)).toMatchObject({
      status: 404,
      json: [{ errorCode: 'ENTITY_IS_DELETED' }],
    });
    expect(await call('GET', '/sobjects/Contact/003AA0000000000AAA')).toMatchObject({
      status: 404,
      json: [{ errorCode: 'NOT_FOUND' }],
    });
    expect(sandbox.books).toMatchObject({
      created: { Contact: 1 },
      updated: { Contact: 1 },
      deleted: { Contact: 1 },
      writes: { [`Contact/${id}`]: 3 },
    });
    expect(sandbox.books.byRoute['PATCH /services/data/v62.0/sobjects/Contact/{id}']).toBe(1);
  });

  test('several errors come together, as Salesforce words them', async () => {
    const { status, json } = await call('POST', '/sobjects/Contact', {
      Email: 'bad',
      FirstName: 'x'.repeat(41),
    });
    expect(status).toBe(400);
    expect((json as { errorCode: string }[]).map((e) => e.errorCode).toSorted()).toEqual([
      'INVALID_EMAIL_ADDRESS',
      'REQUIRED_FIELD_MISSING',
      'STRING_TOO_LONG',
    ]);
  });

  test('upsert finds by external id whatever its case, and makes a duplicate of one merged away', async () => {
    const path = (key: string) => `/sobjects/Contact/Nayose_Id__c/${encodeURIComponent(key)}`;
    const first = await call('PATCH', path('G/1#x'), { LastName: 'A' });
    expect(first).toMatchObject({ status: 201, json: { created: true } });
    const { id } = first.json as { id: string };
    expect(await call('PATCH', path('g/1#X'), { LastName: 'B' })).toMatchObject({
      status: 200,
      json: { id, created: false },
    });
    const [other] = sandbox.seed('Contact', people(1));
    sandbox.merge('Contact', other!, id);
    expect(await call('PATCH', path('G/1#x'), { LastName: 'C' })).toMatchObject({ status: 201 });
    expect(sandbox.records('Contact')[0]).toMatchObject({ deleted: true, fields: { MasterRecordId: other } });
  });

  test('an update that changes nothing is written down as such, and still bumps the stamps', async () => {
    const [id] = sandbox.seed('Contact', [{ fields: { LastName: 'A', Title: 'T' } }]);
    time.forward(10);
    await call('PATCH', `/sobjects/Contact/${id}`, { Title: ' T ' });
    expect(sandbox.books.noops).toBe(1);
    expect(sandbox.records('Contact')[0]!.modifiedAt).toBe(time.now().toISOString());
  });
});

describe('collections', () => {
  const records = (...rows: object[]) => rows.map((row) => ({ attributes: { type: 'Contact' }, ...row }));

  test('allOrNone puts everything back', async () => {
    const [id] = sandbox.seed('Contact', people(1));
    const { json } = await call('POST', '/composite/sobjects', {
      allOrNone: true,
      records: records({ LastName: 'A' }, {}),
    });
    expect(json).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ]);
    expect(sandbox.records('Contact').map((r) => r.id)).toEqual([id]);
    expect(sandbox.books.created).toEqual({});
  });

  test('are limited to 200 rows, and upsert by external id', async () => {
    const many = records(...Array.from({ length: 201 }, () => ({ LastName: 'A' })));
    expect(await call('POST', '/composite/sobjects', { records: many })).toMatchObject({
      status: 400,
      json: [{ errorCode: 'EXCEEDED_ID_LIMIT' }],
    });
    const rows = records(
      { Nayose_Id__c: 'G-1', LastName: 'A' },
      { Nayose_Id__c: 'G-1', LastName: 'B' },
      { LastName: 'C' },
    );
    expect(
      (await call('PATCH', '/composite/sobjects/Contact/Nayose_Id__c', { records: rows })).json,
    ).toMatchObject([
      { success: true, created: true },
      { success: true, created: false },
      { success: false },
    ]);
  });
});

describe('what hangs on an account', () => {
  test('goes with it when deleted, and moves when it is merged', () => {
    const [kept, folded, gone] = sandbox.seed(
      'Account',
      ['K', 'F', 'G'].map((Name) => ({ fields: { Name } })),
    );
    const [moved, lost] = sandbox.seed(
      'Contact',
      [folded, gone].map((AccountId) => ({ fields: { LastName: 'X', AccountId: AccountId! } })),
    );
    sandbox.merge('Account', kept!, folded!);
    sandbox.remove('Account', gone!);
    const byId = new Map(sandbox.records('Contact').map((r) => [r.id, r]));
    expect(byId.get(moved!)).toMatchObject({ deleted: false, fields: { AccountId: kept } });
    expect(byId.get(lost!)).toMatchObject({ deleted: true });
  });
});

describe('replication', () => {
  const window = (start: string, end: string) =>
    `start=${encodeURIComponent(start)}&end=${encodeURIComponent(end)}`;

  test('tells what was updated and deleted in a window, and refuses one that is too short or too old', async () => {
    const now = time.now().getTime();
    const iso = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    const [kept, gone] = sandbox.seed('Contact', people(2));
    sandbox.remove('Contact', gone!);
    const around = window(iso(-120), iso(120));
    expect((await call('GET', `/sobjects/Contact/updated?${around}`)).json).toMatchObject({ ids: [kept] });
    expect((await call('GET', `/sobjects/Contact/deleted?${around}`)).json).toMatchObject({
      deletedRecords: [{ id: gone }],
    });
    for (const bad of [window(iso(0), iso(30)), window(iso(-16 * 86_400), iso(0))])
      expect((await call('GET', `/sobjects/Contact/deleted?${bad}`)).json).toMatchObject([
        { errorCode: 'INVALID_REPLICATION_DATE' },
      ]);
  });
});

describe('bulk query', () => {
  test('pages its results by locator', async () => {
    sandbox.seed('Contact', people(5));
    const { json } = await call('POST', '/jobs/query', {
      operation: 'query',
      query: 'SELECT Id, LastName FROM Contact',
    });
    const { id } = json as { id: string };
    const states = [];
    for (let i = 0; i < 2; i += 1)
      states.push(((await call('GET', `/jobs/query/${id}`)).json as { state: string }).state);
    expect(states).toEqual(['InProgress', 'JobComplete']);
    const first = await call('GET', `/jobs/query/${id}/results?maxRecords=3`);
    expect(first.headers.get('Sforce-Locator')).toBe('3');
    const rest = await call('GET', `/jobs/query/${id}/results?maxRecords=3&locator=3`);
    expect(rest.headers.get('Sforce-Locator')).toBe('null');
    expect([first, rest].map((page) => page.text.trim().split('\n').length - 1)).toEqual([3, 2]);
  });
});

describe('the gate', () => {
  test('refuses no token, an expired token, and calls past the daily limit, in Salesforce’s words', async () => {
    expect((await sandbox.app.request(`http://org.test${DATA}/sobjects`)).status).toBe(401);
    sandbox.limit.max = sandbox.limit.used + 1;
    const last = await call('GET', '/limits');
    expect(last.headers.get('Sforce-Limit-Info')).toBe(`api-usage=${sandbox.limit.max}/${sandbox.limit.max}`);
    expect(await call('GET', '/limits')).toMatchObject({
      status: 403,
      json: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    });
    sandbox.expireTokens();
    expect(await call('GET', '/limits')).toMatchObject({
      status: 401,
      json: [{ errorCode: 'INVALID_SESSION_ID' }],
    });
  });

  test('tells a fault how many records a call would create, and counts from 1', async () => {
    const seen: [number, number][] = [];
    const before = sandbox.books.calls;
    sandbox.fault = ({ n, creates }) => {
      seen.push([n - before, creates]);
      return { status: 503 };
    };
    await call('POST', '/sobjects/Contact', { LastName: 'A' });
    await call('POST', '/composite/sobjects', {
      records: [{ attributes: { type: 'Contact' } }, { attributes: { type: 'Contact' } }],
    });
    await call('POST', '/composite/sobjects/Contact', { ids: [], fields: [] });
    await call('GET', '/limits');
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 0],
      [4, 0],
    ]);
    expect(sandbox.records('Contact')).toEqual([]);
  });

  test('two sandboxes of different seeds share no id', () => {
    const other = createSalesforceSandbox({ seed: 2 });
    const ids = [sandbox, other].flatMap((one) => one.seed('Contact', people(50)));
    expect(new Set(ids).size).toBe(100);
  });

  test('a seed or an edit that names an unknown object, field or record is a plain error', () => {
    expect(() => sandbox.seed('Nope', [])).toThrow(/no object Nope/);
    expect(() => sandbox.seed('Contact', [{ fields: { Nope__c: 1 } }])).toThrow(/no field Nope__c/);
    expect(() => sandbox.edit('Contact', '003AA0000000000AAA', {})).toThrow(/not in the sandbox/);
  });
});
