import { describe, expect, test } from 'vitest';
import type { Fields, Op, Outcome } from '../../../connectors/contract.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { fieldsOf, ids, people, readAll, rig } from './harness.ts';

const create = (key: string, fields: Fields): Op => ({ key, op: 'create', fields });
const update = (key: string, id: string, fields: Fields): Op => ({ key, op: 'update', id, fields });
const by = (outcomes: Outcome[]) => new Map(outcomes.map((outcome) => [outcome.key, outcome]));

describe('bad input', () => {
  const rows = (n: number) =>
    Array.from({ length: n }, (_, i) => create(`k${i}`, { email: `p${i}@example.com`, score: i }));

  for (const partial of ['all', 'none'] as const)
    test(`a poisoned row fails alone (partial failures: ${partial})`, async () => {
      const { sandbox, ctx } = await rig({ partial });
      const ops = [...rows(40), create('bad', { email: 'not an address', firstname: '甲' })];
      const outcomes = by(await hubspot.write!(ctx, 'contacts', ops));
      expect(outcomes.get('bad')).toMatchObject({
        status: 'failed',
        kind: 'rejected',
        fields: ['email'],
        message: expect.stringContaining('INVALID_EMAIL'),
      });
      expect([...outcomes.values()].filter(({ status }) => status === 'ok')).toHaveLength(40);
      expect(sandbox.records('contacts')).toHaveLength(40);
    });

  test('the refused value is not in the message', async () => {
    const { ctx } = await rig();
    const outcomes = await hubspot.write!(ctx, 'contacts', [create('k', { email: 'secret@@person' })]);
    expect(JSON.stringify(outcomes)).not.toContain('secret');
  });

  const cases: [string, Fields, string[], string][] = [
    ['an unknown property', { nope: 'x', firstname: '甲' }, ['nope'], 'PROPERTY_DOESNT_EXIST'],
    ['an option that is none', { lifecyclestage: 'Lead!' }, ['lifecyclestage'], 'INVALID_OPTION'],
    ['a label instead of an option value', { lifecyclestage: 'Lead' }, ['lifecyclestage'], 'INVALID_OPTION'],
    ['text for a number', { score: 'many' }, ['score'], 'INVALID_NUMBER'],
    ['a day that is none', { birthday: '2024-02-30' }, ['birthday'], 'INVALID_DATE'],
    ['a read-only property', { createdate: '2024-01-01' }, ['createdate'], 'READ_ONLY_VALUE'],
    ['two wrong at once', { score: 'x', nope: 'y' }, ['score', 'nope'], 'INVALID_NUMBER'],
  ];
  for (const [name, fields, culprits, code] of cases)
    test(`${name} is rejected by name`, async () => {
      const { ctx } = await rig();
      const [outcome] = await hubspot.write!(ctx, 'contacts', [create('k', fields)]);
      expect(outcome).toMatchObject({ status: 'failed', kind: 'rejected', fields: culprits });
      expect(outcome).toHaveProperty('message', expect.stringContaining(code));
    });

  test('a property that is not there costs one call more, not a search by halves', async () => {
    const { ctx, calls } = await rig({ partial: 'none' });
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const ops = rows(60).map((op, i) => (i % 3 === 0 ? { ...op, fields: { nope: 'x' } } : op) as Op);
    const outcomes = await hubspot.write!(ctx, 'contacts', ops);
    expect(outcomes.filter(({ status }) => status === 'ok')).toHaveLength(40);
    expect(calls()).toBe(2);
  });

  test('a required property is named', async () => {
    const { ctx } = await rig();
    const [outcome] = await hubspot.write!(ctx, 'tickets', [create('k', { subject: '質問' })]);
    expect(outcome).toMatchObject({ kind: 'rejected', fields: ['hs_pipeline_stage'] });
  });

  test('a merge of what is not there is gone, one of companies is refused, an unknown stream and an unknown reference are errors', async () => {
    const { ctx } = await rig();
    const merge = { key: 'm', op: 'merge', id: '1', into: '2' } as const;
    for (const [stream, kind] of [
      ['contacts', 'gone'],
      ['companies', 'rejected'],
    ] as const)
      expect(await hubspot.write!(ctx, stream, [merge])).toMatchObject([{ status: 'failed', kind }]);
    await expect(hubspot.write!(ctx, 'planets', [create('k', {})])).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('contacts'),
    });
    await expect(
      hubspot.write!(ctx, 'contacts', [create('k', { 'associations.planets': '1' })]),
    ).rejects.toMatchObject({ kind: 'rejected' });
  });
});

describe('creating', () => {
  test('100 records with their companies is one call, matched by trace id', async () => {
    const { sandbox, ctx, calls } = await rig();
    const [company] = sandbox.seed('companies', [{ fields: { name: '甲' } }]);
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const ops = Array.from({ length: 100 }, (_, i) =>
      create(`k${i}`, { email: `P${i}@Example.com`, lastname: `姓${i}`, 'associations.companies': company! }),
    );
    const outcomes = by(await hubspot.write!(ctx, 'contacts', ops));
    expect(calls()).toBe(1);
    const records = new Map(sandbox.records('contacts').map((record) => [record.id, record]));
    for (let i = 0; i < 100; i += 1) {
      const outcome = outcomes.get(`k${i}`)!;
      expect(outcome).toMatchObject({
        status: 'ok',
        fields: { email: `p${i}@example.com`, lastname: `姓${i}`, 'associations.companies': company },
      });
      if (outcome.status === 'ok')
        expect(records.get(outcome.id)?.fields).toMatchObject({
          lastname: `姓${i}`,
          'associations.companies': company,
        });
    }
  });

  test('what was written reads back equal to what the outcome says', async () => {
    const { ctx } = await rig();
    const fields: Fields = {
      email: 'Taro.Yamada@Example.co.jp',
      firstname: '太郎',
      score: 12.5,
      hs_email_optout: false,
      birthday: '1980-02-29',
      interests: ['service', 'crm'],
      lifecyclestage: 'lead',
      fax: null,
    };
    const [outcome] = await hubspot.write!(ctx, 'contacts', [create('k', fields)]);
    const made = outcome?.status === 'ok' ? outcome : undefined;
    const { changes } = await readAll(ctx, 'contacts', null, Object.keys(fields));
    expect(fieldsOf(changes, made!.id)).toEqual({ ...made!.fields, fax: null });
    expect(made!.fields).toEqual({
      ...fields,
      email: 'taro.yamada@example.co.jp',
      interests: ['crm', 'service'],
      fax: undefined,
    });
  });

  test('times are written in UTC, whatever their zone', async () => {
    const { ctx } = await rig();
    const [outcome] = await hubspot.write!(ctx, 'deals', [
      create('k', { dealname: 'D', closedate: '2026-04-01T09:00:00+09:00' }),
    ]);
    expect(outcome).toMatchObject({ fields: { closedate: '2026-04-01T00:00:00.000Z' } });
  });

  for (const partial of ['all', 'none'] as const)
    test(`an e-mail that exists is a conflict with the record's id (partial failures: ${partial})`, async () => {
      const { sandbox, ctx } = await rig({ partial });
      const [a, b] = sandbox.seed('contacts', people(2));
      sandbox.merge('contacts', a!, b!);
      const winner = sandbox.records('contacts').find(({ deleted }) => !deleted)!.id;
      const outcomes = by(
        await hubspot.write!(ctx, 'contacts', [
          create('new', { email: 'new@example.com' }),
          create('same', { email: 'PERSON0@example.com' }),
          create('secondary', { email: 'person1@example.com' }),
        ]),
      );
      expect(outcomes.get('new')).toMatchObject({ status: 'ok' });
      for (const key of ['same', 'secondary'])
        expect(outcomes.get(key)).toMatchObject({ kind: 'conflict', id: winner, fields: ['email'] });
    });

  test("the hub's own id sent twice is a conflict with the record that the first call made", async () => {
    const { sandbox, ctx } = await rig();
    const op = create('k', { nayose_id: 'G-1', lastname: '佐藤' });
    const [first] = await hubspot.write!(ctx, 'contacts', [op]);
    const [second] = await hubspot.write!(ctx, 'contacts', [op]);
    expect(second).toMatchObject({
      status: 'failed',
      kind: 'conflict',
      fields: ['nayose_id'],
      id: first?.status === 'ok' ? first.id : 'none',
    });
    expect(sandbox.records('contacts')).toHaveLength(1);
  });

  test('two rows of one batch with the same address: one is made, the other is a conflict that names it', async () => {
    const { sandbox, ctx } = await rig();
    const outcomes = await hubspot.write!(ctx, 'contacts', [
      create('a', { email: 'one@example.com', nayose_id: 'G1' }),
      create('b', { email: 'ONE@example.com', nayose_id: 'G2' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'failed']);
    expect(outcomes[1]).toMatchObject({ kind: 'conflict', id: sandbox.records('contacts')[0]!.id });
  });

  test('a company that is gone rejects the row by its reference', async () => {
    const { sandbox, ctx } = await rig();
    const [gone] = sandbox.seed('companies', [{ fields: { name: '甲' } }]);
    sandbox.remove('companies', gone!);
    const outcomes = by(
      await hubspot.write!(ctx, 'contacts', [
        create('a', { email: 'a@example.com', 'associations.companies': gone! }),
        create('b', { email: 'b@example.com' }),
      ]),
    );
    expect(outcomes.get('a')).toMatchObject({ kind: 'rejected', fields: ['associations.companies'] });
    expect(outcomes.get('b')).toMatchObject({ status: 'ok' });
  });

  test('custom objects are made and then associated', async () => {
    const { sandbox, ctx } = await rig({
      customObjects: [
        {
          name: 'machines',
          properties: [{ name: 'serial', label: 'Serial', type: 'string', fieldType: 'text' }],
        },
      ],
    });
    const [contact] = sandbox.seed('contacts', people(1));
    const [outcome] = await hubspot.write!(ctx, 'machines', [
      create('k', { serial: 'S-1', 'associations.contacts': contact! }),
      create('l', { serial: 'S-2', 'associations.contacts': '99' }),
    ]);
    expect(outcome).toMatchObject({
      status: 'ok',
      fields: { serial: 'S-1', 'associations.contacts': contact },
    });
    const { changes } = await readAll(ctx, 'machines', null, ['serial', 'associations.contacts']);
    expect(changes.map((change) => change.op === 'upsert' && change.fields)).toEqual([
      { serial: 'S-1', 'associations.contacts': contact },
      { serial: 'S-2', 'associations.contacts': null },
    ]);
  });
});

describe('updating', () => {
  test('writes only the fields given, clears with null, and says what HubSpot made of them', async () => {
    const { sandbox, ctx, calls } = await rig();
    const seeded = sandbox.seed('contacts', people(100));
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const outcomes = by(
      await hubspot.write!(
        ctx,
        'contacts',
        seeded.map((id, i) => update(`k${i}`, id, { firstname: null, email: `NEW${i}@example.com` })),
      ),
    );
    expect(calls()).toBe(1);
    expect(outcomes.get('k5')).toEqual({
      key: 'k5',
      status: 'ok',
      at: expect.stringMatching(/Z$/),
      id: seeded[5],
      fields: { firstname: null, email: 'new5@example.com' },
    });
    expect(sandbox.records('contacts')[5]!.fields).toEqual({ email: 'new5@example.com', lastname: '佐藤' });
  });

  test('a merged record is gone, with its survivor; a deleted one is gone; the rest is written', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b, dead, alive] = sandbox.seed('contacts', people(4));
    sandbox.merge('contacts', a!, b!);
    sandbox.remove('contacts', dead!);
    const winner = sandbox.records('contacts').at(-1)!.id;
    const ops = [a!, b!, dead!, alive!].map((id) => update(id, id, { lastname: '鈴木' }));
    const outcomes = by(await hubspot.write!(ctx, 'contacts', ops));
    expect(outcomes.get(a!)).toMatchObject({ kind: 'gone', id: winner });
    expect(outcomes.get(b!)).toMatchObject({ kind: 'gone', id: winner });
    expect(outcomes.get(dead!)).toMatchObject({ kind: 'gone' });
    expect(outcomes.get(dead!)).not.toHaveProperty('id');
    expect(outcomes.get(alive!)).toMatchObject({ status: 'ok' });
    expect(sandbox.records('contacts').find(({ id }) => id === winner)!.fields.lastname).toBe('佐藤');
  });

  test('two updates of one record are written one after the other', async () => {
    const { sandbox, ctx } = await rig();
    const [id] = sandbox.seed('contacts', people(1));
    const outcomes = await hubspot.write!(ctx, 'contacts', [
      update('a', id!, { firstname: '一' }),
      update('b', id!, { firstname: '二', lastname: '山' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(sandbox.records('contacts')[0]!.fields).toMatchObject({ firstname: '二', lastname: '山' });
  });

  for (const partial of ['all', 'create'] as const)
    test(`a poisoned row fails alone (partial failures: ${partial})`, async () => {
      const { sandbox, ctx } = await rig({ partial });
      const seeded = sandbox.seed('contacts', people(20));
      const ops = seeded.map((id, i) => update(id, id, { score: i === 13 ? 'thirteen' : i }));
      const outcomes = by(await hubspot.write!(ctx, 'contacts', ops));
      expect(outcomes.get(seeded[13]!)).toMatchObject({ kind: 'rejected', fields: ['score'] });
      expect([...outcomes.values()].filter(({ status }) => status === 'ok')).toHaveLength(19);
    });

  test('a lifecycle stage that would go back stays, and the outcome says so', async () => {
    const { sandbox, ctx } = await rig();
    const [id] = sandbox.seed('contacts', [
      { fields: { email: 'a@example.com', lifecyclestage: 'customer' } },
    ]);
    const [outcome] = await hubspot.write!(ctx, 'contacts', [update('k', id!, { lifecyclestage: 'lead' })]);
    expect(outcome).toMatchObject({ status: 'ok', fields: { lifecyclestage: 'customer' } });
  });

  test('a lifecycle stage that may go back is cleared first: two calls more, for those that stayed alone', async () => {
    const { sandbox, ctx, calls } = await rig({}, { config: { lifecycleBackwards: true } });
    const seeded = sandbox.seed('contacts', [
      { fields: { email: 'a@example.com', lifecyclestage: 'customer' } },
      { fields: { email: 'b@example.com', lifecyclestage: 'lead' } },
    ]);
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const ops = seeded.map((id) => update(id, id, { lifecyclestage: 'lead', firstname: '甲' }));
    ops[1] = update(seeded[1]!, seeded[1]!, { lifecyclestage: 'customer', firstname: '甲' });
    const outcomes = by(await hubspot.write!(ctx, 'contacts', ops));
    expect(calls()).toBe(3);
    expect(seeded.map((id) => outcomes.get(id))).toMatchObject([
      { status: 'ok', fields: { lifecyclestage: 'lead', firstname: '甲' } },
      { status: 'ok', fields: { lifecyclestage: 'customer', firstname: '甲' } },
    ]);
    expect(sandbox.records('contacts').map(({ fields }) => fields.lifecyclestage)).toEqual([
      'lead',
      'customer',
    ]);
  });

  test('a lifecycle stage that was cleared and could not be set is written again, never left empty unseen', async () => {
    const { sandbox, ctx, calls } = await rig({}, { config: { lifecycleBackwards: true } });
    const [id] = sandbox.seed('contacts', [
      { fields: { email: 'a@example.com', lifecyclestage: 'customer' } },
    ]);
    await hubspot.discover(ctx, ['contacts']);
    calls();
    let n = 0;
    sandbox.fault = () => (++n === 3 ? { status: 503 } : undefined);
    const op = update('k', id!, { lifecyclestage: 'lead' });
    expect(await hubspot.write!(ctx, 'contacts', [op])).toMatchObject([
      { status: 'failed', kind: 'transient' },
    ]);
    expect(await hubspot.write!(ctx, 'contacts', [op])).toMatchObject([
      { status: 'ok', fields: { lifecyclestage: 'lead' } },
    ]);
  });
});

describe('references', () => {
  test('a new primary company replaces the old one, and null takes it away', async () => {
    const { sandbox, ctx, calls } = await rig();
    const [one, two] = sandbox.seed('companies', [{ fields: { name: '甲' } }, { fields: { name: '乙' } }]);
    const [id] = sandbox.seed('contacts', [
      { fields: { email: 'a@example.com', 'associations.companies': one! } },
    ]);
    const field = 'associations.companies';
    await hubspot.discover(ctx, ['contacts']);
    calls();
    const [moved] = await hubspot.write!(ctx, 'contacts', [update('k', id!, { [field]: two! })]);
    expect(moved).toMatchObject({ status: 'ok', id, fields: { [field]: two } });
    expect(calls()).toBe(3);
    expect(sandbox.records('contacts')[0]!.fields[field]).toBe(two);
    const [same] = await hubspot.write!(ctx, 'contacts', [update('k', id!, { [field]: two! })]);
    expect(same).toMatchObject({ status: 'ok', fields: { [field]: two } });
    expect(calls()).toBe(1);
    const [cleared] = await hubspot.write!(ctx, 'contacts', [
      update('k', id!, { [field]: null, lastname: '林' }),
    ]);
    expect(cleared).toMatchObject({ status: 'ok', fields: { [field]: null, lastname: '林' } });
    expect(sandbox.records('contacts')[0]!.fields).not.toHaveProperty([field]);
    const { changes } = await readAll(ctx, 'contacts', null, [field]);
    expect(fieldsOf(changes, id!)).toEqual({ [field]: null });
  });

  test('other links of a deal stay, and the outcome tells what reading will show', async () => {
    const { sandbox, ctx } = await rig();
    const [low, middle, high] = sandbox.seed('contacts', people(3));
    const [deal] = sandbox.seed('deals', [{ fields: { dealname: 'D', 'associations.contacts': middle! } }]);
    const field = 'associations.contacts';
    const [up] = await hubspot.write!(ctx, 'deals', [update('k', deal!, { [field]: high! })]);
    expect(up).toMatchObject({ fields: { [field]: high } });
    const [down] = await hubspot.write!(ctx, 'deals', [update('k', deal!, { [field]: low! })]);
    expect(down).toMatchObject({ fields: { [field]: low } });
    const { changes } = await readAll(ctx, 'deals', null, [field]);
    expect(fieldsOf(changes, deal!)).toEqual({ [field]: low });
  });

  test('one to a record that is not there fails that row only, by the reference', async () => {
    const { sandbox, ctx } = await rig();
    const [company] = sandbox.seed('companies', [{ fields: { name: '甲' } }]);
    const [a, b] = sandbox.seed('contacts', people(2));
    const field = 'associations.companies';
    const outcomes = by(
      await hubspot.write!(ctx, 'contacts', [
        update('a', a!, { [field]: '99', firstname: '甲' }),
        update('b', b!, { [field]: company!, firstname: '乙' }),
      ]),
    );
    expect(outcomes.get('a')).toMatchObject({ kind: 'rejected', fields: [field] });
    expect(outcomes.get('b')).toMatchObject({ status: 'ok', fields: { [field]: company, firstname: '乙' } });
  });
});

describe('deleting', () => {
  test('archives by batch; a missing id is deleted already; a merged id never deletes its winner', async () => {
    const { sandbox, ctx } = await rig();
    const [a, b, c] = sandbox.seed('contacts', people(3));
    sandbox.merge('contacts', a!, b!);
    const winner = sandbox.records('contacts').at(-1)!.id;
    const outcomes = by(
      await hubspot.write!(ctx, 'contacts', [
        { key: 'merged', op: 'delete', id: a! },
        { key: 'live', op: 'delete', id: c! },
        { key: 'never', op: 'delete', id: '77' },
      ]),
    );
    expect(outcomes.get('merged')).toMatchObject({ kind: 'gone', id: winner });
    expect(outcomes.get('live')).toMatchObject({ status: 'ok' });
    expect(outcomes.get('never')).toMatchObject({ status: 'ok' });
    const { changes } = await readAll(ctx, 'contacts', null, []);
    expect(ids(changes)).toEqual([winner]);
  });
});
