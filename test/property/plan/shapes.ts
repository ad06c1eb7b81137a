/** Random worlds for the property that a sync writes what its plan listed: who is where, what people do, how the hub is set up. */
import fc from 'fast-check';

export type ToolName = 'crm' | 'ma';

/** Unlike each other, so that nobody is taken for somebody else by accident. */
export const PEOPLE = [
  { family: '勅使河原', given: '誠', mail: 'teshi' },
  { family: 'Okafor', given: 'Ngozi', mail: 'ngozi' },
  { family: 'Lindqvist', given: 'Maja', mail: 'maja' },
  { family: '鈴木', given: '花子', mail: 'hanako' },
  { family: 'Żeromski', given: 'Stefan', mail: 'stefan' },
] as const;

export const COMPANIES = ['Aoba Foods', 'Borealis Shipping', 'Cinnabar Press'] as const;

/** By what a person calls it: the field of each tool. */
export const FIELDS = {
  title: { crm: 'Title', ma: 'jobtitle' },
  city: { crm: 'MailingCity', ma: 'city' },
  fax: { crm: 'Fax', ma: 'fax' },
  given: { crm: 'FirstName', ma: 'firstname' },
  phone: { crm: 'Phone', ma: 'phone' },
  stage: { crm: 'Stage__c', ma: 'note_stage' },
} as const;
export type FieldName = keyof typeof FIELDS;

const VALUES: Record<FieldName, readonly (string | null)[]> = {
  title: ['Baker', 'Curator', '  部長 ', null],
  city: ['Osaka', 'Lund', null],
  fax: ['03-1111-2222', '0312345678', null],
  given: ['Mika', 'ＭＩＫＡ', null],
  phone: ['03-3333-4444', '+81 3 3333 4444', '090-1234-5678', null],
  stage: ['Prospect', 'Won', null],
};

const person = fc.nat(PEOPLE.length - 1);
const tool = fc.constantFrom<ToolName>('crm', 'ma');
const name = fc.constantFrom(...(Object.keys(FIELDS) as FieldName[]));
const value = name.chain((field) =>
  fc.record({ field: fc.constant(field), value: fc.constantFrom(...VALUES[field]) }),
);

export type Act =
  | { do: 'edit'; tool: ToolName; who: number; field: FieldName; value: string | null }
  | { do: 'add'; tool: ToolName; who: number; company: number | null; values: Said[] }
  | { do: 'move'; tool: ToolName; who: number; company: number | null }
  | { do: 'rename'; tool: ToolName; who: number }
  | { do: 'remove'; who: number }
  | { do: 'fold'; who: number };
type Said = { field: FieldName; value: string | null };

const employer = fc.option(fc.nat(COMPANIES.length - 1), { freq: 2 });
const add = fc.record({
  do: fc.constant('add' as const),
  tool,
  who: person,
  company: employer,
  values: fc.uniqueArray(value, { maxLength: 3, selector: ({ field }) => field }),
});
const edit = fc
  .record({ do: fc.constant('edit' as const), tool, who: person, said: value })
  .map(({ said, ...rest }) => ({ ...rest, ...said }));
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: edit },
  { weight: 3, arbitrary: add },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('move' as const), tool, who: person, company: employer }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), tool, who: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), who: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fold' as const), who: person }) },
);

const direction = fc.constantFrom('both', 'both', 'in', 'out');
const mode = fc.constantFrom('both', 'both', 'both', 'both', 'read', 'write');
const member = fc.record({
  mode,
  create: fc.boolean(),
  deletes: fc.constantFrom('unlink', 'unlink', 'archive'),
  title: direction,
  city: direction,
  stage: direction,
});
export type MemberShape = { [K in 'mode' | 'title' | 'city' | 'stage' | 'deletes']: string } & {
  create: boolean;
};

export interface WorldShape {
  crm: MemberShape;
  ma: MemberShape;
  companies: boolean;
  /** The syncs carry out their plan as it was kept in a file, or just run. */
  kept: boolean;
  /** HubSpot and Salesforce have a field for the hub's id. */
  ids: boolean;
  /** Whose phone counts. */
  phone: string;
  begin: Act[];
  rounds: Act[][];
}

const readable = ({ mode }: { mode: string }) => mode !== 'write';

export const world: fc.Arbitrary<WorldShape> = fc
  .record({
    crm: member,
    ma: member,
    companies: fc.constantFrom(true, false, false),
    kept: fc.boolean(),
    ids: fc.boolean(),
    phone: fc.constantFrom('[{ prefer: [crm] }, latest]', 'latest', 'longest'),
    begin: fc.array(add, { minLength: 1, maxLength: 6 }),
    rounds: fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 2,
      size: 'small',
    }),
  })
  .filter(({ crm, ma }) => readable(crm) || readable(ma));
