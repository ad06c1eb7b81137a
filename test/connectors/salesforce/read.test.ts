import { describe, expect, test } from 'vitest';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { bench, clock, people } from './harness.ts';

const FIELDS = ['FirstName', 'LastName', 'Email', 'Account.Name'];
const START = '2026-03-01T09:00:00Z';
const ids = (changes: { id: string }[]) => new Set(changes.map((change) => change.id));

describe('a full read', () => {
  test('of 5,000 records costs three calls and hands over each once', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(5000, '2026-01-05T00:00:00Z'));
    const { changes, pages } = await b.readAll('Contact', null, FIELDS);
    expect(changes).toHaveLength(5000);
    expect(ids(changes).size).toBe(5000);
    expect(pages).toBe(3);
    expect(b.calls()).toBe(3);
  });

  test('of an empty stream is one call, and done', async () => {
    await using b = await bench();
    expect(await b.readAll('Lead', null, FIELDS.slice(0, 3))).toMatchObject({ changes: [], pages: 1 });
    expect(b.calls()).toBe(1);
  });

  test('shows values, relationships and nulls as the hub names them', async () => {
    await using b = await bench();
    const [account] = b.sandbox.seed('Account', [{ fields: { Name: '株式会社アシスト' } }]);
    b.sandbox.seed('Contact', [
      { fields: { LastName: '佐藤', AccountId: account! }, at: '2026-01-05T00:00:00.700Z' },
      { fields: { LastName: 'Alone' }, at: '2026-01-06T00:00:00Z' },
    ]);
    const { changes } = await b.readAll('Contact', null, [...FIELDS, 'CreatedDate', 'AccountId']);
    expect(changes[0]).toMatchObject({
      op: 'upsert',
      at: '2026-01-05T00:00:00.000Z',
      fields: {
        LastName: '佐藤',
        FirstName: null,
        AccountId: account,
        'Account.Name': '株式会社アシスト',
        CreatedDate: '2026-01-05T00:00:00.000Z',
      },
    });
    expect(changes[1]).toMatchObject({ fields: { 'Account.Name': null } });
  });

  test('goes on with a new query where the locator has died, and loses nothing', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(4500, '2026-01-05T00:00:00Z'));
    const first = await b.read('Contact', { since: null }, FIELDS);
    b.sandbox.expireLocators();
    const rest = await b.readAll('Contact', first.cursor, FIELDS);
    expect(ids([...first.changes, ...rest.changes]).size).toBe(4500);
    expect(first.changes.length + rest.changes.length).toBe(4500);
  });

  test('resumes after a dead locator although the last row of a page was edited meanwhile', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const seeded = b.sandbox.seed('Contact', people(6500, '2026-01-05T00:00:00Z'));
    const first = await b.read('Contact', { since: null }, FIELDS);
    time.forward(60);
    b.sandbox.edit('Contact', seeded[3999]!, { FirstName: 'Edited' });
    const second = await b.read('Contact', { since: first.cursor }, FIELDS);
    expect(second.changes.at(-1)!.id).toBe(seeded[3999]);
    b.sandbox.expireLocators();
    const rest = await b.readAll('Contact', second.cursor, FIELDS);
    expect(ids([...first.changes, ...second.changes, ...rest.changes]).size).toBe(6500);
  });
});

describe('an incremental read', () => {
  test('finds what changed while the full read ran, on pages already handed over', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const seeded = b.sandbox.seed('Contact', people(4500, '2026-01-05T00:00:00Z'));
    const first = await b.read('Contact', { since: null }, FIELDS);
    time.forward(30);
    b.sandbox.edit('Contact', seeded[0]!, { FirstName: 'Changed' });
    time.forward(3600);
    b.sandbox.edit('Contact', seeded[4499]!, { FirstName: 'Later' });
    const rest = await b.readAll('Contact', first.cursor, FIELDS);
    time.forward(3600);
    const next = await b.readAll('Contact', rest.cursor, FIELDS);
    expect(next.changes.map((c) => [c.id, c.op === 'upsert' ? c.fields.FirstName : c.op])).toEqual([
      [seeded[0], 'Changed'],
      [seeded[4499], 'Later'],
    ]);
  });

  test('loses none of thousands that share one second at the boundary', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    b.sandbox.seed('Contact', people(2500));
    const first = await b.readAll('Contact', null, FIELDS);
    // The same second, but after the query: no watermark in seconds can tell them apart.
    const late = b.sandbox.seed('Contact', people(2500));
    const next = await b.readAll('Contact', first.cursor, FIELDS);
    expect(late.filter((id) => !ids(next.changes).has(id))).toEqual([]);
  });

  test('finds a record that became visible late, with an older stamp', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const first = await b.readAll('Contact', null, FIELDS);
    const [late] = b.sandbox.seed('Contact', people(1, '2026-03-01T08:57:00Z'));
    // The longest that a transaction may take.
    const [latest] = b.sandbox.seed('Contact', people(1, '2026-03-01T08:50:00Z'));
    time.forward(60);
    expect(ids((await b.readAll('Contact', first.cursor, FIELDS)).changes)).toEqual(new Set([late, latest]));
  });

  test.for([
    ['ahead', 7200],
    ['behind', -7200],
  ] as const)('loses nothing to a clock of the hub that is %s of the tool’s', async ([, seconds]) => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const ctx = { ...b.ctx, now: () => new Date(time.now().getTime() + seconds * 1000) };
    const first = await salesforce.read!(ctx, 'Contact', { since: null }, FIELDS);
    time.forward(10);
    const made = b.sandbox.seed('Contact', people(1));
    time.forward(7200);
    const { changes } = await salesforce.read!(ctx, 'Contact', { since: first.cursor }, FIELDS);
    expect(changes.map(({ id }) => id)).toEqual(made);
  });

  test('is one call when nothing happened, and its watermark moves on', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    b.sandbox.seed('Contact', people(3000, '2026-03-01T08:00:00Z'));
    const first = await b.readAll('Contact', null, FIELDS);
    time.forward(900);
    b.forget();
    const idle = await b.readAll('Contact', first.cursor, FIELDS);
    expect(idle.changes).toEqual([]);
    expect(b.calls()).toBe(1);
    expect(idle.cursor).toEqual({ kind: 'mark', stamp: time.now().toISOString() });
  });

  test('never moves its watermark back when a clock does', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const first = await b.readAll('Contact', null, FIELDS);
    time.forward(-7200);
    expect((await b.readAll('Contact', first.cursor, FIELDS)).cursor).toEqual(first.cursor);
  });

  test('tells deletes, merges and conversions apart', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    const [gone, winner, loser] = b.sandbox.seed('Contact', people(3, '2026-01-01T00:00:00Z'));
    const [lead] = b.sandbox.seed('Lead', [{ fields: { LastName: 'Yamada', Company: 'Venus' } }]);
    const contacts = await b.readAll('Contact', null, FIELDS);
    const leads = await b.readAll('Lead', null, ['LastName']);
    time.forward(600);
    b.sandbox.remove('Contact', gone!);
    b.sandbox.merge('Contact', winner!, loser!);
    const { contactId } = b.sandbox.convert(lead!);
    time.forward(600);
    const after = await b.readAll('Contact', contacts.cursor, FIELDS);
    const news = new Map(after.changes.map((change) => [change.id, change]));
    expect(news.get(gone!)).toMatchObject({ op: 'delete' });
    expect(news.get(loser!)).toMatchObject({ op: 'merge', into: { stream: 'Contact', id: winner } });
    expect(news.get(winner!)).toMatchObject({ op: 'upsert' });
    expect(news.get(contactId)).toMatchObject({ op: 'upsert' });
    expect((await b.readAll('Lead', leads.cursor, ['LastName'])).changes).toMatchObject([
      { id: lead, op: 'merge', into: { stream: 'Contact', id: contactId } },
    ]);
  });

  test('says so when more time has passed than the recycle bin keeps', async () => {
    const time = clock(START);
    await using b = await bench({ now: time.now });
    b.sandbox.seed('Contact', people(1));
    const first = await b.readAll('Contact', null, FIELDS);
    time.forward(14 * 86_400);
    expect(await b.read('Contact', { since: first.cursor }, FIELDS)).not.toHaveProperty('problems');
    time.forward(2 * 86_400);
    const late = await b.read('Contact', { since: first.cursor }, FIELDS);
    expect(late.problems).toEqual([{ message: expect.stringContaining('recycle bin') }]);
    expect(await b.read('Contact', { since: late.cursor }, FIELDS)).not.toHaveProperty('problems');
  });

  test('refuses a cursor that it did not make', async () => {
    await using b = await bench();
    await expect(b.read('Contact', { since: { page: 3 } }, FIELDS)).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('--full'),
    });
    const away = { kind: 'scan', started: START, queried: START, next: 'https://evil.example/x' };
    await expect(b.read('Contact', { since: away }, FIELDS)).rejects.toMatchObject({ kind: 'rejected' });
  });
});

describe('a lookup', () => {
  test('of 2,000 ids is one call, takes both forms of an id, and answers with 18 characters', async () => {
    await using b = await bench();
    const seeded = b.sandbox.seed('Contact', people(2000));
    const asked = seeded.map((id, i) => (i % 2 ? id.slice(0, 15) : id));
    const found = await b.find('Contact', 'Id', [...asked, ...seeded, 'not an id'], FIELDS);
    expect(found.map((change) => change.id)).toEqual(seeded);
    expect(b.calls()).toBe(1);
  });

  test('of ids tells what was deleted or merged away', async () => {
    await using b = await bench();
    const [live, gone, loser] = b.sandbox.seed('Contact', people(3));
    b.sandbox.remove('Contact', gone!);
    b.sandbox.merge('Contact', live!, loser!);
    const found = await b.find('Contact', 'Id', [live!, gone!, loser!, '003AA0000000000AAA'], FIELDS);
    expect(found.map((change) => [change.id, change.op])).toEqual([
      [live, 'upsert'],
      [gone, 'delete'],
      [loser, 'merge'],
    ]);
  });

  test('by value escapes quotes, backslashes and line ends, and finds exactly those', async () => {
    await using b = await bench();
    const nasty = ["O'Brien", 'back\\', "x' OR LastName != '", 'line\nend', '50%', '佐藤'];
    b.sandbox.seed(
      'Contact',
      [...nasty, 'Other'].map((LastName) => ({ fields: { LastName } })),
    );
    const found = await b.find('Contact', 'LastName', nasty, ['LastName']);
    expect(found.map((change) => change.op === 'upsert' && change.fields.LastName)).toEqual(nasty);
  });

  test('of more values than fit one address takes several calls', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(3000));
    const found = await b.find(
      'Contact',
      'Email',
      people(1500).map((p) => p.fields.Email),
      ['Email'],
    );
    expect(found).toHaveLength(1500);
    expect(b.calls()).toBeLessThan(6);
    expect(b.calls()).toBeGreaterThan(2);
  });

  test('of no values, or of ones the type cannot hold, is empty and not everything', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', people(3));
    expect(await b.find('Contact', 'Email', [], ['Email'])).toEqual([]);
    expect(await b.find('Contact', 'Score__c', ['12; DROP', ''], ['Email'])).toEqual([]);
    expect(await b.find('Contact', 'Id', ['nonsense'], ['Email'])).toEqual([]);
  });

  test('by number, date and boolean writes their literals bare', async () => {
    await using b = await bench();
    b.sandbox.seed('Contact', [
      { fields: { LastName: 'A', Score__c: 12.5, Birthdate: '1980-02-29', HasOptedOutOfEmail: true } },
      { fields: { LastName: 'B', Score__c: 13 } },
    ]);
    for (const [by, value] of [
      ['Score__c', '12.5'],
      ['Birthdate', '1980-02-29'],
      ['HasOptedOutOfEmail', 'true'],
    ])
      expect(await b.find('Contact', by!, [value!], ['LastName'])).toMatchObject([
        { fields: { LastName: 'A' } },
      ]);
  });

  test('whose values thousands share is paged, also past a dead locator', async () => {
    await using b = await bench();
    b.sandbox.seed(
      'Contact',
      Array.from({ length: 4100 }, () => ({ fields: { LastName: '佐藤' } })),
    );
    const first = await b.read('Contact', { by: 'LastName', in: ['佐藤'] }, ['LastName']);
    expect(first).toMatchObject({ done: false });
    expect(first.changes).toHaveLength(2000);
    b.sandbox.expireLocators();
    const rest = await b.readAll('Contact', first.cursor, ['LastName']);
    expect(ids([...first.changes, ...rest.changes]).size).toBe(4100);
  });

  test('of a field or object whose name is no API name is refused before anything is sent', async () => {
    await using b = await bench();
    for (const attempt of [
      b.read('Contact', { by: "Id FROM User WHERE Name LIKE '%", in: ['x'] }, []),
      b.read('Contact', { since: null }, ['LastName, (SELECT Id FROM Cases)']),
      b.read('Contact/../User', { since: null }, ['LastName']),
    ])
      await expect(attempt).rejects.toMatchObject({ kind: 'rejected' });
    expect(b.calls()).toBe(0);
  });
});
