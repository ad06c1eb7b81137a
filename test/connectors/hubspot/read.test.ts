import { describe, expect, test } from 'vitest';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { fieldsOf, ids, people, readAll, rig } from './harness.ts';

const FIELDS = ['email', 'firstname', 'lastname'];
const OLD = '2026-01-01T00:00:00.000Z';

describe('a full read', () => {
  test('of 1,050 contacts costs 11 calls, after one for the schema and one for the owners', async () => {
    const { sandbox, ctx, calls } = await rig();
    const seeded = sandbox.seed('contacts', people(1050));
    await hubspot.discover(ctx, ['contacts']);
    expect(calls()).toBe(2);
    const { changes } = await readAll(ctx, 'contacts', null, FIELDS);
    expect(calls()).toBe(11);
    expect(ids(changes)).toEqual(seeded);
    expect(fieldsOf(changes, seeded[7]!)).toEqual({
      email: 'person7@example.com',
      firstname: '名7',
      lastname: '佐藤',
    });
  });

  test('hands over to polling without a gap: what changes or is made during it comes next', async () => {
    const { sandbox, ctx } = await rig();
    const seeded = sandbox.seed('contacts', people(250, OLD));
    const full = await readAll(ctx, 'contacts', null, FIELDS, (_, n) => {
      if (n === 2) sandbox.edit('contacts', seeded[0]!, { firstname: '変更' });
    });
    expect(fieldsOf(full.changes, seeded[0]!)?.firstname).toBe('名0');
    const made = sandbox.seed('contacts', [{ fields: { email: 'late@example.com' } }]);
    const next = await readAll(ctx, 'contacts', full.cursor, FIELDS);
    expect(new Set(ids(next.changes))).toEqual(new Set([seeded[0], ...made]));
    expect(fieldsOf(next.changes, seeded[0]!)?.firstname).toBe('変更');
  });

  test('gives typed values, null for unset ones, and leaves unknown fields out', async () => {
    const { sandbox, ctx } = await rig();
    const [id] = sandbox.seed('contacts', [
      {
        fields: {
          email: 'A@Example.com',
          score: '12.5',
          hs_email_optout: 'true',
          birthday: '1990-04-01',
          interests: 'sales;crm',
        },
        at: OLD,
      },
    ]);
    const fields = [
      'email',
      'score',
      'hs_email_optout',
      'birthday',
      'interests',
      'fax',
      'createdate',
      'nope',
    ];
    const { changes } = await readAll(ctx, 'contacts', null, fields);
    expect(changes[0]).toEqual({
      stream: 'contacts',
      id,
      at: OLD,
      op: 'upsert',
      fields: {
        email: 'a@example.com',
        score: 12.5,
        hs_email_optout: true,
        birthday: '1990-04-01',
        interests: ['crm', 'sales'],
        fax: null,
        createdate: OLD,
      },
    });
  });

  test('asks for very many properties by batch read, not in the address', async () => {
    const customs = Array.from({ length: 400 }, (_, i) => `a_rather_long_property_name_${i}`);
    const { sandbox, ctx } = await rig({
      customObjects: [
        {
          name: 'machines',
          properties: customs.map((name) => ({ name, label: name, type: 'string', fieldType: 'text' })),
        },
      ],
    });
    const [id] = sandbox.seed('machines', [{ fields: { [customs[399]!]: 'last' } }]);
    const { changes } = await readAll(ctx, 'machines', null, customs);
    expect(fieldsOf(changes, id!)?.[customs[399]!]).toBe('last');
    expect(sandbox.books.byRoute['POST /crm/v3/objects/2-1001/batch/read']).toBe(1);
  });
});

describe('polling', () => {
  test('gets past the search cap when thousands share one modified time', async () => {
    const { sandbox, ctx, calls } = await rig({ searchCap: 600 });
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    const same = new Date().toISOString();
    const seeded = sandbox.seed('contacts', people(1001, same));
    calls();
    const { changes } = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect(ids(changes)).toEqual(seeded);
    expect(calls()).toBe(6);
  });

  test('gets past 10,000 results', async () => {
    const { sandbox, ctx } = await rig();
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    const seeded = sandbox.seed('contacts', people(10_250, new Date().toISOString()));
    const { changes } = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect(ids(changes)).toEqual(seeded);
  });

  test('finds in the next pass what changed behind the one under way', async () => {
    const { sandbox, ctx } = await rig();
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    const seeded = sandbox.seed('contacts', people(450));
    const pass = await readAll(ctx, 'contacts', first.cursor, FIELDS, (_, n) => {
      if (n === 2) sandbox.edit('contacts', seeded[3]!, { firstname: '遅れて' });
    });
    expect(ids(pass.changes)).toEqual(seeded);
    const next = await readAll(ctx, 'contacts', pass.cursor, FIELDS);
    expect(fieldsOf(next.changes, seeded[3]!)?.firstname).toBe('遅れて');
  });

  test('is not fooled by the lag of the search index', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx } = await rig({ searchDelayMs: 120_000, now: () => new Date(time) });
    const [id] = sandbox.seed('contacts', people(1, OLD));
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    time += 600_000;
    sandbox.edit('contacts', id!, { firstname: '新' });
    time += 1000;
    const unseen = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect(ids(unseen.changes)).toEqual([]);
    time += 240_000;
    const seen = await readAll(ctx, 'contacts', unseen.cursor, FIELDS);
    expect(fieldsOf(seen.changes, id!)?.firstname).toBe('新');
  });

  for (const [name, hours] of [
    ['ahead', 2],
    ['behind', -2],
  ] as const)
    test(`loses nothing to a clock of the hub that is ${name} of HubSpot’s`, async () => {
      let time = Date.parse('2026-05-01T00:00:00Z');
      const now = () => new Date(time);
      const { sandbox, ctx } = await rig({ now }, { now: () => new Date(time + hours * 3_600_000) });
      const first = await readAll(ctx, 'contacts', null, FIELDS);
      time += 10_000;
      const made = sandbox.seed('contacts', [{ fields: { email: 'new@example.com' } }]);
      time += 7_200_000;
      expect(ids((await readAll(ctx, 'contacts', first.cursor, FIELDS)).changes)).toEqual(made);
    });

  test('an idle poll is one call', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx, calls } = await rig({ now: () => new Date(time) });
    sandbox.seed('contacts', people(300, OLD));
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    time += 600_000;
    calls();
    const idle = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect([ids(idle.changes), calls()]).toEqual([[], 1]);
  });

  test('refuses a cursor that is not its own', async () => {
    const { ctx } = await rig();
    await expect(
      hubspot.read!(ctx, 'contacts', { since: { SystemModstamp: 'x' } }, FIELDS),
    ).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('--full'),
    });
  });
});

describe('merges', () => {
  test('of contacts make a new id; both old ones are told as merged into it', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b] = sandbox.seed('contacts', people(2, OLD));
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    sandbox.merge('contacts', a!, b!);
    const { changes } = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    const [winner] = ids(changes);
    expect([a, b]).not.toContain(winner);
    expect(new Set(ids(changes, 'merge'))).toEqual(new Set([a, b]));
    for (const change of changes)
      if (change.op === 'merge') expect(change.into).toEqual({ stream: 'contacts', id: winner });
    const full = await readAll(ctx, 'contacts', null, FIELDS);
    expect(ids(full.changes)).toEqual([winner]);
    expect(ids(full.changes, 'delete')).toEqual([]);
  });

  test('of deals keep the winner', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b] = sandbox.seed('deals', [{ fields: { dealname: 'A' } }, { fields: { dealname: 'B' } }]);
    sandbox.merge('deals', a!, b!);
    const { changes } = await readAll(ctx, 'deals', null, ['dealname']);
    expect([ids(changes), ids(changes, 'merge')]).toEqual([[a], [b]]);
  });
});

describe('the archived list', () => {
  const HOUR = 3_600_000;
  test('is read once an hour, whole the first time, and then only tells what is new', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx, calls } = await rig({ now: () => new Date(time) });
    const seeded = sandbox.seed('contacts', people(350, OLD));
    for (const id of seeded.slice(0, 220)) sandbox.remove('contacts', id);
    sandbox.merge('contacts', seeded[300]!, seeded[301]!);
    const full = await readAll(ctx, 'contacts', null, FIELDS);
    time += HOUR / 2;
    calls();
    const early = await readAll(ctx, 'contacts', full.cursor, FIELDS);
    expect([ids(early.changes, 'delete'), calls()]).toEqual([[], 1]);
    time += HOUR / 4;
    sandbox.remove('contacts', seeded[340]!);
    time += HOUR / 4;
    const hourly = await readAll(ctx, 'contacts', early.cursor, FIELDS);
    expect(new Set(ids(hourly.changes, 'delete'))).toEqual(new Set([...seeded.slice(0, 220), seeded[340]]));
    expect(calls()).toBe(1 + 3);
    time += HOUR;
    sandbox.remove('contacts', seeded[341]!);
    time += 1000;
    const next = await readAll(ctx, 'contacts', hourly.cursor, FIELDS);
    expect(ids(next.changes, 'delete')).toEqual([seeded[341]]);
  });

  test('says so when more time has passed than it goes back', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z');
    const { ctx } = await rig({ now: () => new Date(time) });
    let { cursor } = await readAll(ctx, 'contacts', null, FIELDS);
    const told: unknown[] = [];
    for (const days of [1, 80, 100, 1]) {
      time += days * 24 * HOUR;
      ({ cursor } = await readAll(ctx, 'contacts', cursor, FIELDS, ({ problems }) => told.push(problems)));
    }
    expect(told.filter((problems) => problems !== undefined)).toEqual([
      [{ message: expect.stringContaining('90 days') }],
    ]);
  });

  test('loses none that is deleted behind the page in hand', async () => {
    let time = Date.parse('2026-05-01T00:00:00Z');
    const { sandbox, ctx } = await rig({ now: () => new Date(time) });
    const seeded = sandbox.seed('contacts', people(250, OLD));
    const full = await readAll(ctx, 'contacts', null, FIELDS);
    for (const id of seeded.slice(50)) sandbox.remove('contacts', id);
    time += HOUR;
    const first = await readAll(ctx, 'contacts', full.cursor, FIELDS, (_, n) => {
      if (n === 2) sandbox.remove('contacts', seeded[0]!);
    });
    time += HOUR;
    const second = await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect(ids(second.changes, 'delete')).toContain(seeded[0]);
  });
});

describe('a property that was deleted in HubSpot', () => {
  test('is no empty value: it is left out of what was read, and named, in lists, polls and lookups', async () => {
    const { sandbox, ctx } = await rig();
    const [id] = sandbox.seed('contacts', people(1, new Date().toISOString()));
    const full = await readAll(ctx, 'contacts', null, FIELDS);
    sandbox.dropProperty('contacts', 'lastname');
    const selects = [{ since: null }, { since: full.cursor }, { by: 'hs_object_id', in: [id!] }];
    for (const select of selects) {
      const page = await hubspot.read!(ctx, 'contacts', select, FIELDS);
      expect(fieldsOf(page.changes, id!)).toEqual({ email: 'person0@example.com', firstname: '名0' });
      expect(page.lacking).toEqual(['lastname']);
    }
  });
});

describe('looking up', () => {
  test('by e-mail finds in any case, 100 values a call', async () => {
    const { sandbox, ctx, calls } = await rig();
    const seeded = sandbox.seed('contacts', people(230));
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const wanted = people(230).map(({ fields }) => fields.email.toUpperCase());
    let page = await hubspot.read!(
      ctx,
      'contacts',
      { by: 'email', in: [...wanted, 'nobody@example.com'] },
      FIELDS,
    );
    const found = [...page.changes];
    while (!page.done) {
      page = await hubspot.read!(ctx, 'contacts', { since: page.cursor }, FIELDS);
      found.push(...page.changes);
    }
    expect(new Set(ids(found))).toEqual(new Set(seeded));
    expect(calls()).toBe(3);
  });

  test('by a secondary address finds the merged record', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b] = sandbox.seed('contacts', people(2));
    sandbox.merge('contacts', a!, b!);
    const page = await hubspot.read!(ctx, 'contacts', { by: 'email', in: ['person1@example.com'] }, FIELDS);
    expect(ids(page.changes)).toHaveLength(1);
  });

  test('tells whether a person emptied a field, or the hub did, where it is asked: half as many in a call, and all in a page', async () => {
    const { sandbox, ctx, calls } = await rig();
    const seeded = sandbox.seed('contacts', people(60));
    const [theirs, ours, both] = seeded;
    sandbox.edit('contacts', theirs!, { firstname: '' });
    const empty = (id: string) => ({ key: id, op: 'update' as const, id, fields: { firstname: null } });
    await hubspot.write!(ctx, 'contacts', [empty(ours!)]);
    sandbox.edit('contacts', both!, { lastname: '' });
    const last = { key: 'last', op: 'update' as const, id: both!, fields: { firstname: '新' } };
    await hubspot.write!(ctx, 'contacts', [last]);
    calls();
    const page = await hubspot.read!(
      ctx,
      'contacts',
      { by: 'hs_object_id', in: seeded, whose: true },
      FIELDS,
    );
    expect([page.done, ids(page.changes).length, calls()]).toEqual([true, 60, 2]);
    const told = page.changes.filter((change) => change.op === 'upsert' && change.othersLast);
    expect(new Set(ids(told))).toEqual(new Set([theirs, both]));
    const of = (id: string) => page.changes.find((change) => change.id === id);
    expect(of(ours!)).toMatchObject({ theirs: expect.not.arrayContaining(['firstname']) });
    expect(of(theirs!)).toMatchObject({ theirs: expect.arrayContaining(['firstname']) });
    const plain = await hubspot.read!(ctx, 'contacts', { by: 'hs_object_id', in: [theirs!] }, FIELDS);
    for (const told of ['othersLast', 'theirs']) expect(plain.changes[0]).not.toHaveProperty(told);
  });

  test('by a property that is not unique is refused, and so is search as a means', async () => {
    const { ctx } = await rig();
    await expect(hubspot.read!(ctx, 'companies', { by: 'domain', in: ['a.jp'] }, [])).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  for (const mergedInBatchRead of ['winner', 'missing'] as const)
    test(`by id tells merged, deleted, purged and live apart (batch read of an old id: ${mergedInBatchRead})`, async () => {
      const { sandbox, ctx } = await rig({ mergedInBatchRead });
      const [a, b, dead, alive] = sandbox.seed('contacts', people(4));
      sandbox.merge('contacts', a!, b!);
      sandbox.remove('contacts', dead!);
      const page = await hubspot.read!(
        ctx,
        'contacts',
        { by: 'hs_object_id', in: [a!, b!, dead!, alive!, '99', 'not-an-id'] },
        FIELDS,
      );
      expect(page.done).toBe(true);
      expect(new Set(ids(page.changes, 'merge'))).toEqual(new Set([a, b]));
      expect(new Set(ids(page.changes, 'delete'))).toEqual(new Set([dead, '99']));
      // The archived list tells of one; the other is only not found.
      const presumed = page.changes.filter((change) => change.op === 'delete' && change.presumed);
      expect(presumed.map(({ id }) => id)).toEqual(['99']);
      expect(ids(page.changes)).toContain(alive);
      expect(ids(page.changes)).toHaveLength(2);
    });
});

describe('associations', () => {
  test('are read with the page of a full read, and by one call for a page of changes', async () => {
    const { sandbox, ctx, calls } = await rig();
    const [one, two] = sandbox.seed('companies', [{ fields: { name: '甲' } }, { fields: { name: '乙' } }]);
    const [a, b] = sandbox.seed('contacts', [
      { fields: { email: 'a@example.com', 'associations.companies': two! } },
      { fields: { email: 'b@example.com' } },
    ]);
    const fields = ['email', 'associations.companies'];
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const full = await readAll(ctx, 'contacts', null, fields);
    expect(calls()).toBe(1);
    expect(fieldsOf(full.changes, a!)?.['associations.companies']).toBe(two);
    expect(fieldsOf(full.changes, b!)?.['associations.companies']).toBeNull();
    sandbox.edit('contacts', a!, { 'associations.companies': one! });
    sandbox.edit('contacts', b!, { firstname: 'B' });
    const next = await readAll(ctx, 'contacts', full.cursor, fields);
    expect(calls()).toBe(2);
    expect(fieldsOf(next.changes, a!)?.['associations.companies']).toBe(one);
    expect(fieldsOf(next.changes, b!)?.['associations.companies']).toBeNull();
  });

  test('are not asked for when no field wants them, and an unknown one is refused', async () => {
    const { sandbox, ctx } = await rig();
    sandbox.seed('contacts', people(2));
    const first = await readAll(ctx, 'contacts', null, FIELDS);
    await readAll(ctx, 'contacts', first.cursor, FIELDS);
    expect(Object.keys(sandbox.books.byRoute).filter((route) => route.includes('associations'))).toEqual([]);
    await expect(readAll(ctx, 'contacts', null, ['associations.planets'])).rejects.toMatchObject({
      kind: 'rejected',
    });
  });

  test('without a primary one show the lowest id, in lists and in polls', async () => {
    const { sandbox, ctx } = await rig();
    const contacts = sandbox.seed('contacts', people(2));
    const [deal] = sandbox.seed('deals', [
      { fields: { dealname: 'D', 'associations.contacts': contacts[1]! } },
    ]);
    const first = await readAll(ctx, 'deals', null, ['associations.contacts']);
    expect(fieldsOf(first.changes, deal!)?.['associations.contacts']).toBe(contacts[1]);
    const more = {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox-token', 'content-type': 'application/json' },
    };
    const body = JSON.stringify({ inputs: [{ from: { id: deal }, to: { id: contacts[0] } }] });
    const base = ctx.config.baseUrl;
    await fetch(`${base}/crm/v4/associations/deals/contacts/batch/associate/default`, { ...more, body });
    const list = await readAll(ctx, 'deals', null, ['associations.contacts']);
    const poll = await readAll(ctx, 'deals', first.cursor, ['associations.contacts']);
    expect(fieldsOf(list.changes, deal!)?.['associations.contacts']).toBe(contacts[0]);
    expect(fieldsOf(poll.changes, deal!)?.['associations.contacts']).toBe(contacts[0]);
  });
});
