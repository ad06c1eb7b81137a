import { describe, expect, test } from 'vitest';
import type { Fields, Op, Outcome } from '../../../connectors/contract.ts';
import { collectionCalls, jobFrom, USUAL_PACE } from '../../../connectors/salesforce/cost.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { rowError } from '../../../connectors/salesforce/sandbox/errors.ts';
import { type Bench, bench, byKey, clock, people } from './harness.ts';

const creates = (count: number): Op[] =>
  people(count).map(({ fields }, i) => ({ key: `k${i}`, op: 'create', fields }));
const write = (b: Bench, stream: string, ops: Op[]) => salesforce.write!(b.ctx, stream, ops);
const one = async (b: Bench, stream: string, op: Op): Promise<Outcome> => {
  const [outcome, ...rest] = await write(b, stream, [op]);
  expect(rest).toEqual([]);
  return outcome!;
};
const create = (fields: Record<string, unknown>) =>
  ({ key: 'k', op: 'create', fields: { LastName: 'X', ...fields } }) as Op;

describe('collections', () => {
  test('create 200 in one call, and what was written reads back', async () => {
    await using b = await bench();
    const outcomes = await write(b, 'Contact', creates(200));
    expect(b.calls()).toBe(1);
    expect(new Set(outcomes.map((o) => o.status))).toEqual(new Set(['ok']));
    const ids = outcomes.map((o) => (o.status === 'ok' ? o.id : ''));
    const found = await b.find('Contact', 'Id', ids, ['Email']);
    expect(found.map((c) => c.op === 'upsert' && c.fields.Email)).toEqual(
      people(200).map((p) => p.fields.Email),
    );
    expect(b.sandbox.books.created).toEqual({ Contact: 200 });
  });

  test('update and delete, also when a record is in one write twice', async () => {
    await using b = await bench();
    const [first, second] = b.sandbox.seed('Contact', people(2));
    const outcomes = await write(b, 'Contact', [
      { key: 'a', op: 'update', id: first!, fields: { Title: '部長' } },
      { key: 'b', op: 'update', id: second!.slice(0, 15), fields: { Email: null } },
      { key: 'c', op: 'update', id: first!.slice(0, 15), fields: { Title: '課長' } },
    ]);
    expect(byKey(outcomes).get('b')).toEqual({ key: 'b', status: 'ok', id: second });
    expect(b.calls()).toBe(2);
    expect(b.sandbox.records('Contact').map((r) => [r.fields.Title, r.fields.Email])).toEqual([
      ['課長', 'p0@example.com'],
      [null, null],
    ]);
    expect(await write(b, 'Contact', [{ key: 'd', op: 'delete', id: first! }])).toEqual([
      { key: 'd', status: 'ok', id: first },
    ]);
    expect(b.sandbox.records('Contact')[0]!.deleted).toBe(true);
  });

  test('normalise as Salesforce does: trimmed, blank is null, numbers rounded, lists ordered', async () => {
    await using b = await bench();
    const outcome = await one(b, 'Contact', create({ FirstName: '  花子 ', Title: '   ', Score__c: 1.2345 }));
    expect(outcome.status).toBe('ok');
    expect(b.sandbox.records('Contact')[0]!.fields).toMatchObject({
      FirstName: '花子',
      Title: null,
      Score__c: 1.23,
    });
  });

  test('keep quotes, backslashes, line ends and surrogate pairs', async () => {
    await using b = await bench();
    const Description = 'a "quote", a \\backslash\\, \'single\'\nline 𠮷野家';
    await one(b, 'Contact', create({ Description }));
    const { changes } = await b.readAll('Contact', null, ['Description']);
    expect(changes).toMatchObject([{ fields: { Description } }]);
  });
});

describe('a row that fails, fails alone', () => {
  test.for([
    ['rejected', { LastName: null }, ['LastName'], /REQUIRED_FIELD_MISSING/],
    ['rejected', { FirstName: 'x'.repeat(41) }, ['FirstName'], /STRING_TOO_LONG/],
    ['rejected', { Stage__c: 'Frozen' }, ['Stage__c'], /RESTRICTED_PICKLIST/],
    ['rejected', { Email: 'no at sign' }, ['Email'], /INVALID_EMAIL_ADDRESS/],
    ['rejected', { Name: 'read-only' }, ['Name'], /INVALID_FIELD_FOR_INSERT_UPDATE/],
    ['rejected', { AccountId: '001AA0000000000AAA' }, ['AccountId'], /INVALID_CROSS_REFERENCE_KEY/],
    ['rejected', { LastName: null, Email: 'bad' }, ['Email', 'LastName'], /INVALID_EMAIL.*REQUIRED/],
    ['rejected', { Nope__c: 1 }, ['Nope__c'], /No such column/],
    ['rejected', { Birthdate: '2024/1/2' }, undefined, /JSON_PARSER_ERROR/],
  ] as const)('%s: %o', async ([kind, fields, culprits, message]) => {
    await using b = await bench();
    const ops = [
      ...creates(20),
      { key: 'bad', op: 'create', fields: { LastName: 'B', ...fields } } as Op,
      ...creates(20).map((op) => ({ ...op, key: `x${op.key}` })),
    ];
    const outcomes = byKey(await write(b, 'Contact', ops));
    expect(outcomes.size).toBe(41);
    const bad = outcomes.get('bad')!;
    expect(bad).toMatchObject({ status: 'failed', kind, message: expect.stringMatching(message) });
    expect(bad.status === 'failed' && bad.fields?.toSorted()).toEqual(culprits);
    expect([...outcomes.values()].filter((o) => o.status === 'ok')).toHaveLength(40);
    expect(b.sandbox.books.created).toEqual({ Contact: 40 });
  });

  test('without repeating a private value in its message', async () => {
    await using b = await bench();
    for (const fields of [
      { Email: 'secret-person' },
      { FirstName: `secret${'x'.repeat(60)}` },
      { Stage__c: 'secret' },
      { Birthdate: 'secret day' },
    ])
      expect(JSON.stringify(await one(b, 'Contact', create(fields)))).not.toContain('secret');
  });

  test('a poisoned row among 200 is found in few calls; a column that all rows have, in one', async () => {
    await using b = await bench();
    const ops = creates(200);
    ops[137] = { key: 'k137', op: 'create', fields: { LastName: 'P', Birthdate: '令和6年' } };
    const outcomes = byKey(await write(b, 'Contact', ops));
    expect(outcomes.get('k137')).toMatchObject({ status: 'failed', kind: 'rejected' });
    expect([...outcomes.values()].filter((o) => o.status === 'ok')).toHaveLength(199);
    expect(b.calls()).toBeLessThanOrEqual(17);
    b.forget();
    const all = await write(
      b,
      'Contact',
      people(200).map(({ fields }, i) => ({ key: `n${i}`, op: 'create', fields: { ...fields, Nope__c: 1 } })),
    );
    expect(new Set(all.map((o) => o.status === 'failed' && o.fields?.[0]))).toEqual(new Set(['Nope__c']));
    expect(b.calls()).toBe(1);
  });

  test('a duplicate of a unique value is a conflict that names the other record', async () => {
    await using b = await bench();
    const [holder] = b.sandbox.seed('Contact', [{ fields: { LastName: 'A', Nayose_Id__c: 'G-1' } }]);
    expect(await one(b, 'Contact', create({ Nayose_Id__c: 'g-1' }))).toMatchObject({
      status: 'failed',
      kind: 'conflict',
      id: holder,
      fields: ['Nayose_Id__c'],
    });
  });

  test('a deleted record is gone; a merged one names its survivor; a converted lead is gone', async () => {
    await using b = await bench();
    const [gone, winner, loser] = b.sandbox.seed('Contact', people(3));
    b.sandbox.remove('Contact', gone!);
    b.sandbox.merge('Contact', winner!, loser!);
    const outcomes = byKey(
      await write(b, 'Contact', [
        { key: 'gone', op: 'update', id: gone!, fields: { Title: 'x' } },
        { key: 'loser', op: 'update', id: loser!, fields: { Title: 'x' } },
        { key: 'never', op: 'update', id: '003AA0000000000AAA', fields: { Title: 'x' } },
      ]),
    );
    expect(outcomes.get('gone')).toMatchObject({ kind: 'gone' });
    expect(outcomes.get('gone')).not.toHaveProperty('id');
    expect(outcomes.get('loser')).toMatchObject({ kind: 'gone', id: winner });
    expect(outcomes.get('never')).toMatchObject({ kind: 'gone' });
    expect(b.calls()).toBe(2);
    const [lead] = b.sandbox.seed('Lead', [{ fields: { LastName: 'L', Company: 'C' } }]);
    b.sandbox.convert(lead!);
    expect(await one(b, 'Lead', { key: 'k', op: 'update', id: lead!, fields: { Title: 'x' } })).toMatchObject(
      {
        kind: 'gone',
        message: expect.stringMatching(/CONVERTED/),
      },
    );
  });

  test('a duplicate rule holds the row for a person, unless the connection may overrule it', async () => {
    for (const allowDuplicates of [false, true]) {
      await using b = await bench({ duplicateRules: { Contact: 'Email' } }, { allowDuplicates });
      b.sandbox.seed('Contact', [{ fields: { LastName: 'A', Email: 'a@example.com' } }]);
      const [twin, other] = await write(b, 'Contact', [
        create({ Email: 'A@example.com' }),
        { ...create({ Email: 'b@example.com' }), key: 'other' },
      ]);
      expect(other).toMatchObject({ status: 'ok' });
      if (allowDuplicates) expect(twin).toMatchObject({ status: 'ok' });
      else
        expect(twin).toMatchObject({
          kind: 'rejected',
          message: expect.stringContaining('DUPLICATES_DETECTED'),
        });
    }
  });

  test('a locked row is transient', async () => {
    await using b = await bench();
    b.sandbox.rowFault = ({ fields }) =>
      fields.LastName === 'Name1'
        ? rowError('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access')
        : undefined;
    expect((await write(b, 'Contact', creates(3))).map((o) => o.status === 'failed' && o.kind)).toEqual([
      false,
      'transient',
      false,
    ]);
  });

  test('a merge op is refused, and tells so', async () => {
    await using b = await bench();
    const [x, y] = b.sandbox.seed('Contact', people(2));
    expect(await one(b, 'Contact', { key: 'm', op: 'merge', id: y!, into: x! })).toMatchObject({
      kind: 'rejected',
    });
    expect(b.calls()).toBe(0);
  });
});

describe('an update with ifVersion', () => {
  test('is refused as a conflict after a person edited, and done otherwise', async () => {
    const time = clock('2026-03-01T09:00:00Z');
    await using b = await bench({ now: time.now });
    const [id] = b.sandbox.seed('Contact', people(1));
    const { changes } = await b.readAll('Contact', null, ['Title']);
    const ifVersion = changes[0]!.version!;
    const op: Op = { key: 'k', op: 'update', id: id!, fields: { Title: 'ours' }, ifVersion };
    expect(await one(b, 'Contact', op)).toEqual({ key: 'k', status: 'ok', id });
    time.forward(5);
    b.sandbox.edit('Contact', id!, { Title: 'theirs' });
    expect(await one(b, 'Contact', op)).toMatchObject({ status: 'failed', kind: 'conflict' });
    expect(b.sandbox.records('Contact')[0]!.fields.Title).toBe('theirs');
    b.sandbox.remove('Contact', id!);
    expect(await one(b, 'Contact', op)).toMatchObject({ status: 'failed', kind: 'gone' });
  });
});

test('a page of a proxy’s with status 200 is no answer to an update: nobody knows whether it was done', async () => {
  await using b = await bench();
  const [id] = b.sandbox.seed('Contact', people(1));
  const { changes } = await b.readAll('Contact', null, ['Title']);
  const op: Op = { key: 'k', op: 'update', id: id!, fields: { Title: 'ours' } };
  b.sandbox.fault = () => ({
    status: 200,
    body: '<html>Wait</html>',
    headers: { 'content-type': 'text/html' },
  });
  for (const ifVersion of [undefined, changes[0]!.version!])
    expect(await one(b, 'Contact', { ...op, ...(ifVersion ? { ifVersion } : {}) })).toMatchObject({
      status: 'unknown',
    });
  b.sandbox.fault = undefined;
  expect(b.sandbox.records('Contact')[0]!.fields.Title).not.toBe('ours');
});

describe('bulk', () => {
  const bulk = { bulkThreshold: 200 };

  test('is taken where it costs fewer calls than collections, and not before', async () => {
    await using b = await bench();
    const from = jobFrom(USUAL_PACE)!;
    const calls = async (rows: number) => {
      const before = b.sandbox.books.calls;
      expect(await write(b, 'Contact', creates(rows))).toHaveLength(rows);
      return b.sandbox.books.calls - before;
    };
    await b.readAll('Contact', null, []);
    expect(await calls(from - 200)).toBe(collectionCalls(from - 200));
    expect(await calls(from)).toBeLessThan(collectionCalls(from));
    expect(b.sandbox.books.byRoute['POST /services/data/v62.0/jobs/ingest']).toBe(1);
  });

  test('carries thousands in one job, each row with its outcome', async () => {
    await using b = await bench({}, bulk);
    const ops = creates(1000);
    ops[3] = { key: 'k3', op: 'create', fields: { LastName: 'Bad; a|b', Email: 'nobody' } };
    ops[4] = { key: 'k4', op: 'create', fields: { FirstName: 'Nameless, "quoted"\nline' } };
    ops[5] = { key: 'k5', op: 'create', fields: { LastName: 'Date', Birthdate: '2024/1/2' } };
    const outcomes = byKey(await write(b, 'Contact', ops));
    expect(outcomes.size).toBe(1000);
    expect(outcomes.get('k3')).toMatchObject({ kind: 'rejected', fields: ['Email'] });
    expect(outcomes.get('k4')).toMatchObject({ kind: 'rejected', fields: ['LastName'] });
    expect(outcomes.get('k5')).toMatchObject({ kind: 'rejected' });
    expect(b.sandbox.books.created).toEqual({ Contact: 997 });
    const byEmail = new Map(b.sandbox.records('Contact').map((r) => [r.fields.Email, r.id]));
    for (const i of [0, 500, 999])
      expect(outcomes.get(`k${i}`)).toMatchObject({ status: 'ok', id: byEmail.get(`p${i}@example.com`) });
    expect(b.calls()).toBeLessThanOrEqual(8);
  });

  test('leaves fields alone that a row does not have, clears with null, and keeps a text that reads as null', async () => {
    await using b = await bench({}, bulk);
    const seeded = b.sandbox.seed('Contact', people(200));
    const ops = seeded.map((id, i): Op => {
      const fields: Fields = i === 0 ? { Title: '#N/A' } : i % 2 ? { Email: null } : { Title: 'a;b|c^d' };
      return { key: `k${i}`, op: 'update', id, fields };
    });
    const outcomes = await write(b, 'Contact', [
      ...ops,
      { key: 'more', op: 'update', id: seeded[0]!, fields: { Fax: '1' } },
    ]);
    expect(new Set(outcomes.map((o) => o.status))).toEqual(new Set(['ok']));
    const [zero, first, second] = b.sandbox.records('Contact').map((r) => r.fields);
    expect(zero).toMatchObject({ Title: '#N/A', Email: 'p0@example.com', Fax: '1' });
    expect(first).toMatchObject({ Title: null, Email: null, FirstName: 'First1' });
    expect(second).toMatchObject({ Title: 'a;b|c^d', Email: 'p2@example.com' });
  });

  test('keeps the rows of one account together, so that they do not lock each other out', async () => {
    await using b = await bench({}, bulk);
    const accounts = b.sandbox.seed('Account', [{ fields: { Name: 'A' } }, { fields: { Name: 'B' } }]);
    const ops = creates(200).map(
      (op, i): Op => ({ ...op, fields: { LastName: `N${i}`, AccountId: accounts[i % 2]! } }) as Op,
    );
    const outcomes = byKey(await write(b, 'Contact', ops));
    const made = b.sandbox.records('Contact');
    expect(made.map((r) => r.fields.AccountId)).toEqual(made.map((_, i) => accounts[i < 100 ? 0 : 1]));
    for (const record of made) {
      const outcome = outcomes.get(`k${String(record.fields.LastName).slice(1)}`);
      expect(outcome).toMatchObject({ status: 'ok', id: record.id });
    }
  });

  test('falls back to collections where the job fails as a whole', async () => {
    await using b = await bench({}, bulk);
    const ops = creates(250);
    ops[7] = { key: 'k7', op: 'create', fields: { LastName: 'N', Nope__c: 'x' } };
    const outcomes = byKey(await write(b, 'Contact', ops));
    expect(outcomes.get('k7')).toMatchObject({ kind: 'rejected', fields: ['Nope__c'] });
    expect([...outcomes.values()].filter((o) => o.status === 'ok')).toHaveLength(249);
  });

  test('a job whose results cannot be had is unknown; one that never closed is not', async () => {
    await using b = await bench({}, bulk);
    b.sandbox.fault = ({ path }) => (path.endsWith('/failedResults') ? 'reset' : undefined);
    const outcomes = await write(b, 'Contact', creates(200));
    expect(new Set(outcomes.map((o) => o.status))).toEqual(new Set(['unknown']));
    expect(b.sandbox.books.created).toEqual({ Contact: 200 });
    b.sandbox.fault = ({ path }) => (path.endsWith('/batches') ? 'reset' : undefined);
    await expect(write(b, 'Contact', creates(200))).rejects.toMatchObject({
      kind: 'transient',
      maybeApplied: false,
    });
    expect(b.sandbox.books.created).toEqual({ Contact: 200 });
  });
});
