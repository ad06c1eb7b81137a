import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../../connectors/contract.ts';
import type { Entity } from '../../../core/model/entity.ts';
import { sameValue, type Value, type Values } from '../../../core/model/value.ts';
import { type Held, type Outward, type PlanInput, plan } from '../../../core/plan/plan.ts';

const entity: Entity = {
  name: 'person',
  base: 'person',
  attributes: {
    givenName: { type: 'given-name' },
    familyName: { type: 'family-name' },
    fullName: { type: 'full-name' },
    phone: { type: 'phone' },
    mobile: { type: 'phone' },
    lifecycle: { type: 'option' },
    company: { type: 'reference', entity: 'company' },
  },
  survivorship: {},
};

const NOWHERE = { goldenOf: () => undefined, inTool: () => undefined };
const FIELD: Record<string, string> = {
  givenName: 'First',
  phone: 'Phone',
  company: 'AccountId',
  lifecycle: 'Stage',
};

/** One field an attribute; `odd` values have no place in the tool, and `defaults` fill what is empty. */
function mapping(attributes: string[], more: { defaults?: Fields; odd?: Value[] } = {}): Outward {
  return {
    name: 'crm-contact',
    entity,
    writeAttributes: attributes.map((attribute) => ({ attribute, fields: [FIELD[attribute]!] })),
    async in(fields) {
      return { values: Object.fromEntries(attributes.map((a) => [a, (fields[FIELD[a]!] as Value) ?? null])) };
    },
    async out(values, wanted, reference) {
      const fields: Fields = {};
      const waiting: string[] = [];
      const problems: { attribute: string; message: string; found: string }[] = [];
      for (const a of wanted) {
        const value = values[a] ?? null;
        if (more.odd?.includes(value)) {
          problems.push({ attribute: a, message: 'no such option', found: String(value) });
        } else if (entity.attributes[a]!.type === 'reference' && value !== null) {
          const id = reference(a, String(value));
          if (id === undefined) waiting.push(a);
          else fields[FIELD[a]!] = id;
        } else fields[FIELD[a]!] = value ?? more.defaults?.[FIELD[a]!] ?? null;
      }
      return { fields, waiting, problems };
    },
    sameField: (_, a, b) => (a ?? null) === (b ?? null) || String(a ?? '') === String(b ?? ''),
  };
}

const held = (seen: Values, more: Partial<Held> = {}): Held => ({
  key: 'crm/Contact/003',
  extId: '003',
  version: 'v1',
  seen,
  native: Object.fromEntries(Object.entries(seen).map(([a, v]) => [FIELD[a] ?? a, v])),
  written: {},
  ...more,
});

const NAMES = ['givenName', 'phone', 'lifecycle', 'company'];
const ask = (values: Values, more: Partial<PlanInput> = {}) =>
  plan({
    golden: { id: 'g1', values, provenance: {} },
    mapping: mapping(NAMES),
    held: undefined,
    references: NOWHERE,
    refused: {},
    ...more,
  });

describe('a create', () => {
  test('carries every value there is, and what the mapping fills in; no empty field', async () => {
    const intent = await ask(
      { givenName: 'Ken', phone: null },
      { mapping: mapping(NAMES, { defaults: { Stage: 'lead' } }) },
    );
    expect(intent).toMatchObject({
      op: 'create',
      goldenId: 'g1',
      mapping: 'crm-contact',
      target: '',
      extId: null,
      version: null,
      fields: { First: 'Ken', Stage: 'lead' },
      sent: { givenName: 'Ken', lifecycle: null },
      echo: { givenName: 'Ken', lifecycle: 'lead' },
    });
    expect(Object.keys(intent!.fields)).toEqual(['First', 'Stage']);
  });

  test.each<[string, Values]>([
    ['knows nothing', {}],
    ['knows only that all was cleared', { phone: null, givenName: null }],
    ['knows only what this tool does not hold', { familyName: 'Sato' }],
  ])('is not made for a golden record that %s, whatever the defaults', async (_, values) => {
    const more = { mapping: mapping(NAMES, { defaults: { Stage: 'lead' } }) };
    expect(await ask(values, more)).toBeUndefined();
  });

  test('leaves a refused value out, and a new one in', async () => {
    const values = { givenName: 'Ken', phone: '1' };
    expect((await ask(values, { refused: { phone: '1' } }))!.fields).toEqual({ First: 'Ken' });
    expect((await ask(values, { refused: { phone: '2' } }))!.fields).toEqual({ First: 'Ken', Phone: '1' });
    expect(await ask({ phone: '1' }, { refused: { phone: '1' } })).toBeUndefined();
  });
});

describe('an update', () => {
  test('carries only what differs, and says from what, to what and why', async () => {
    const provenance = {
      phone: { source: 'ma/contacts/1', at: '2026-01-02T00:00:00.000Z', rule: 'latest', losers: [] },
    };
    const intent = await ask(
      {},
      {
        golden: { id: 'g1', values: { givenName: 'Ken', phone: '2' }, provenance },
        held: held({ givenName: 'Ken', phone: '1' }),
      },
    );
    expect(intent).toEqual({
      op: 'update',
      goldenId: 'g1',
      mapping: 'crm-contact',
      target: 'crm/Contact/003',
      extId: '003',
      version: 'v1',
      fields: { Phone: '2' },
      changes: [
        {
          attribute: 'phone',
          field: 'Phone',
          from: '1',
          to: '2',
          why: 'ma/contacts/1 at 2026-01-02T00:00:00.000Z (latest)',
        },
      ],
      sent: { phone: '2' },
      echo: { phone: '2' },
      awaits: [],
      problems: [],
    });
  });

  test('clears what somebody cleared', async () => {
    const intent = await ask({ phone: null }, { held: held({ phone: '1' }) });
    expect([intent?.fields, intent?.sent]).toEqual([{ Phone: null }, { phone: null }]);
  });

  test('leaves alone what nobody ever said anything of', async () => {
    expect(await ask({ givenName: 'Ken' }, { held: held({ givenName: 'Ken', phone: '1' }) })).toBeUndefined();
  });

  test.each<[string, Values, Held]>([
    ['is equal', { phone: '1' }, held({ phone: '1' })],
    ['is empty on both sides', { phone: null }, held({})],
    [
      'is what the tool made of our own write',
      { phone: '1' },
      held({ phone: '+1' }, { written: { phone: { sent: '1', made: '+1' } } }),
    ],
    [
      'was sent, and not looked at since',
      { phone: '1' },
      held({ phone: '+1' }, { written: { phone: { sent: '1' } } }),
    ],
    [
      'was made empty by the tool',
      { phone: '1' },
      held({ phone: null }, { written: { phone: { sent: '1', made: null } } }),
    ],
    ['is shown by the field as the same', { phone: '1' }, held({ phone: 'one' }, { native: { Phone: 1 } })],
  ])('is not made where the value %s', async (_, values, record) => {
    expect(await ask(values, { held: record })).toBeUndefined();
  });

  test.each<[string, Held]>([
    ['we sent another value', held({ phone: '+1' }, { written: { phone: { sent: '0', made: '+1' } } })],
    [
      'the tool shows another than it made of ours',
      held({ phone: '9' }, { written: { phone: { sent: '1', made: '+1' } } }),
    ],
    ['the tool shows a value we never wrote', held({ phone: '9' })],
  ])('is made where %s', async (_, record) => {
    expect((await ask({ phone: '1' }, { held: record }))?.fields).toEqual({ Phone: '1' });
  });

  test('a refused value is not sent again while it stays the same; a refused clearing neither', async () => {
    const record = held({ phone: '0' });
    expect(await ask({ phone: '1' }, { held: record, refused: { phone: '1' } })).toBeUndefined();
    expect(await ask({ phone: null }, { held: record, refused: { phone: null } })).toBeUndefined();
    expect((await ask({ phone: '2' }, { held: record, refused: { phone: '1' } }))?.fields).toEqual({
      Phone: '2',
    });
  });
});

describe('references', () => {
  const inTool = { key: 'crm/Account/001', extId: '001' };
  const golden: Record<string, string> = {
    'crm/Account/001': 'c1',
    'crm/Account/002': 'c1',
    'crm/Account/009': 'c9',
  };
  const references = { goldenOf: (key: string) => golden[key], inTool: () => inTool };

  test('are sent as the id in that tool, and remembered as its source key', async () => {
    const intent = await ask({ givenName: 'Ken', company: 'c1' }, { references });
    expect(intent).toMatchObject({
      fields: { AccountId: '001' },
      sent: { company: 'crm/Account/001' },
      awaits: [],
    });
  });

  test('wait for a target that is not there, and hold up no other field', async () => {
    const intent = await ask({ givenName: 'Ken', company: 'c5' });
    expect([intent?.fields, intent?.sent, intent?.awaits]).toEqual([
      { First: 'Ken' },
      { givenName: 'Ken' },
      ['c5'],
    ]);
  });

  test('that alone wait are still an intent', async () => {
    const intent = await ask({ company: 'c5' }, { held: held({ company: null }) });
    expect([intent?.fields, intent?.awaits]).toEqual([{}, ['c5']]);
  });

  test.each([
    ['another account of the same golden company', 'crm/Account/002', undefined],
    ['the very account', 'crm/Account/001', undefined],
    ['an account of another', 'crm/Account/009', { AccountId: '001' }],
    ['an account that the hub does not know', 'crm/Account/777', { AccountId: '001' }],
    ['none', null, { AccountId: '001' }],
  ])('to %s', async (_, shown, fields) => {
    const intent = await ask(
      { company: 'c1' },
      { references, held: held({ company: shown }, { native: { AccountId: shown?.slice(-3) ?? null } }) },
    );
    expect(intent?.fields).toEqual(fields);
  });

  test('are cleared where somebody cleared them, without waiting', async () => {
    const intent = await ask({ company: null }, { held: held({ company: 'crm/Account/001' }) });
    expect([intent?.fields, intent?.awaits]).toEqual([{ AccountId: null }, []]);
  });

  test('refused ones, remembered as the key that was sent, are not sent again', async () => {
    const refused = { company: 'crm/Account/001' };
    expect(
      await ask({ company: 'c1' }, { references, held: held({ company: null }), refused }),
    ).toBeUndefined();
  });

  test('settled ones are not sent again', async () => {
    const written = { company: { sent: 'crm/Account/001', made: null } };
    expect(
      await ask({ company: 'c1' }, { references, held: held({ company: null }, { written }) }),
    ).toBeUndefined();
  });
});

describe('values that have no place in the tool', () => {
  const picky = mapping(NAMES, { odd: ['weird'] });

  test('are problems, and hold up no other field', async () => {
    const intent = await ask({ givenName: 'Ken', lifecycle: 'weird' }, { mapping: picky });
    expect(intent?.fields).toEqual({ First: 'Ken' });
    expect(intent?.sent).toEqual({ givenName: 'Ken' });
    expect(intent?.problems).toEqual([{ attribute: 'lifecycle', message: 'no such option', found: 'weird' }]);
  });

  test('are told though nothing else differs, and told once', async () => {
    const ours = { mapping: picky, held: held({ lifecycle: 'lead' }) };
    expect((await ask({ lifecycle: 'weird' }, ours))?.problems.length).toBe(1);
    expect(await ask({ lifecycle: 'weird' }, { ...ours, refused: { lifecycle: 'weird' } })).toBeUndefined();
  });
});

describe('several attributes in one field', () => {
  /** FullName carries both names; Phone carries the phone, or else the mobile. */
  const shared: Outward = {
    name: 'ma-contact',
    entity,
    writeAttributes: [
      { attribute: 'givenName', fields: ['FullName'] },
      { attribute: 'familyName', fields: ['FullName'] },
      { attribute: 'phone', fields: ['Phone'] },
      { attribute: 'mobile', fields: ['Phone'] },
    ],
    async in(fields) {
      const [familyName = null, givenName = null] = String(fields.FullName ?? '')
        .split(' ')
        .filter(Boolean);
      return { values: { givenName, familyName, phone: (fields.Phone as Value) ?? null } };
    },
    async out(values, wanted) {
      const fields: Fields = {};
      if (wanted.includes('givenName') || wanted.includes('familyName'))
        fields.FullName = [values.familyName, values.givenName].filter(Boolean).join(' ') || null;
      if (wanted.includes('phone') || wanted.includes('mobile'))
        fields.Phone = values.phone ?? values.mobile ?? null;
      return { fields, waiting: [], problems: [] };
    },
    sameField: (_, a, b) => (a ?? null) === (b ?? null),
  };
  const record = (seen: Values, native: Fields) => held(seen, { native });

  test('the field is written for the attribute that differs', async () => {
    const intent = await ask(
      { givenName: 'Ken', familyName: 'Sato' },
      {
        mapping: shared,
        held: record({ givenName: 'Ken', familyName: 'Satou', phone: null }, { FullName: 'Satou Ken' }),
      },
    );
    expect(intent?.fields).toEqual({ FullName: 'Sato Ken' });
    expect(intent?.changes.map((change) => change.attribute)).toEqual(['familyName']);
    expect(intent?.echo).toEqual({ familyName: 'Sato' });
  });

  test('of several that differ it is written for the first that has a value; all are expected back', async () => {
    const intent = await ask({ familyName: 'Sato', mobile: '090' }, { mapping: shared });
    expect(intent?.changes.map(({ attribute, field }) => [attribute, field])).toEqual([
      ['familyName', 'FullName'],
      ['mobile', 'Phone'],
    ]);
    expect(intent?.sent).toEqual({ familyName: 'Sato', mobile: '090' });
    expect(intent?.echo).toEqual({ familyName: 'Sato', phone: '090' });
  });

  test('an attribute that the field already shows through another is nothing to write', async () => {
    const shown = record({ givenName: null, familyName: null, phone: '090' }, { Phone: '090' });
    expect(await ask({ mobile: '090' }, { mapping: shared, held: shown })).toBeUndefined();
  });
});

test('law 3: once an intent is delivered as expected, there is nothing more to write', async () => {
  const value = fc.constantFrom<Value>(null, 'a', 'b', 'c');
  const values = fc.dictionary(fc.constantFrom('givenName', 'phone', 'lifecycle'), value);
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.option(values, { nil: undefined }),
      values,
      fc.boolean(),
      async (golden, seen, refused, upper) => {
        const input = { held: seen && held(seen), refused };
        const intent = await ask(golden, input);
        if (!intent) return;
        for (const [attribute, sent] of Object.entries(intent.sent)) {
          expect(sameValue(sent, golden[attribute])).toBe(true);
          expect(attribute in refused && sameValue(refused[attribute], sent)).toBe(false);
        }
        const made = (v: Value) => (upper && typeof v === 'string' ? v.toUpperCase() : v);
        const shown = { ...seen };
        const written: Held['written'] = {};
        for (const [attribute, sent] of Object.entries(intent.sent)) {
          shown[attribute] = made(intent.echo[attribute] ?? sent);
          written[attribute] = { sent, made: shown[attribute]! };
        }
        expect(await ask(golden, { refused, held: held(shown, { written }) })).toBeUndefined();
      },
    ),
  );
});
