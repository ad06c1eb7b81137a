import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Served, serveSandboxes } from '../../api/demo/sandboxes.ts';
import { Cast, type Figure } from './cast.ts';
import { type HubKnows, LawBroken, nothingLost } from './laws.ts';
import type { Explained } from './unread.ts';

let served: Served;
let cast: Cast;
let figure: Figure;
const lead = () => cast.all('Lead')[0]!;

beforeEach(async () => {
  served = await serveSandboxes();
  cast = new Cast(served);
  figure = cast.figure('p1');
  const email = 'p1@chaos-p1.example';
  const id = cast.put('Lead', 'p1', { LastName: 'Vogt', Company: 'X', Title: 'A', Email: email });
  cast.put('contacts', 'p1', { lastname: 'Vogt', jobtitle: 'A', email });
  cast.say('Lead', id, figure, 'title', 'Title', 'B');
});
afterEach(() => served.close());

const NOTHING: HubKnows = { failures: [], goldens: [], explained: [], complete: [] };
const golden = (told: Partial<Explained>): HubKnows => ({
  ...NOTHING,
  explained: [{ id: 'g', values: {}, provenance: {}, records: [], history: [], ...told }],
});
const source = () => `crm/${lead().key}`;

test('an edit that no tool shows is lost, as long as its record lives', () => {
  expect(() => nothingLost(cast, NOTHING)).toThrow(LawBroken);
});

test('an edit in a record that was deleted before the hub had read it is gone with the record', () => {
  cast.remove(lead(), figure);
  expect(nothingLost(cast, NOTHING)).toBe(0);
  // What the hub had read before is another matter.
  expect(
    nothingLost(cast, golden({ records: [{ key: source(), deleted: true, values: { title: 'A' } }] })),
  ).toBe(0);
});

test.each<[string, () => HubKnows]>([
  [
    'the record as it was last seen',
    () => golden({ records: [{ key: source(), deleted: true, values: { title: 'B' } }] }),
  ],
  [
    'a golden value',
    () => golden({ values: { title: 'B' }, provenance: { title: { source: source(), losers: [] } } }),
  ],
  [
    'a value that lost',
    () =>
      golden({
        values: { title: 'A' },
        provenance: { title: { source: 'ma/contacts/1', losers: [{ source: source(), value: 'B' }] } },
      }),
  ],
  [
    'the history',
    () =>
      golden({
        history: [
          { detail: { from: 'another golden record' } },
          {
            detail: {
              changes: { title: { from: 'A', to: 'B' } },
              provenance: { title: { source: source(), losers: [] } },
            },
          },
        ],
      }),
  ],
  [
    'a complete run between the edit and the deletion',
    () => ({
      ...NOTHING,
      complete: [{ sync: 'people', began: figure.said[0]!.at + 1, ended: cast.removed.get(lead().key)! - 1 }],
    }),
  ],
])('… but where %s shows that it was read, it is lost', (_, knows) => {
  cast.remove(lead(), figure);
  cast.removed.set(lead().key, figure.said[0]!.at + 10);
  expect(() => nothingLost(cast, knows())).toThrow(/title of p1 is 'A' in contacts.*people said 'B'/);
});

test('… and a run that broke off, was still at work when it was deleted, or read other streams, does not show that', () => {
  cast.remove(lead(), figure);
  const [edited, removed] = [figure.said[0]!.at, cast.removed.get(lead().key)!];
  const complete = [
    { sync: 'people', began: edited - 1, ended: removed - 1 },
    { sync: 'people', began: edited + 1, ended: removed + 1 },
    { sync: 'companies', began: edited + 1, ended: removed - 1 },
  ] as const;
  expect(nothingLost(cast, { ...NOTHING, complete })).toBe(0);
});

test('what is emptied in the contact of a conversion, before the hub has seen it filled, is not heard', () => {
  const { contactId } = served.salesforce.convert(lead().id);
  const key = `Contact/${contactId}`;
  cast.gone.add(lead().key);
  cast.claim(key, figure);
  cast.converted.set(key, Date.now() - 10);
  figure.said = [{ record: key, attribute: 'title', value: 'B', at: Date.now() - 10 }];
  cast.say('Contact', contactId, figure, 'title', 'Title', null);
  expect(nothingLost(cast, NOTHING)).toBe(0);
  const seen = { provenance: { title: { source: `crm/${key}`, losers: [] } }, values: { title: 'B' } };
  expect(() => nothingLost(cast, golden(seen))).toThrow(/people said ''/);
  const { at } = figure.said[1]!;
  const complete = [{ sync: 'people' as const, began: at - 5, ended: at - 1 }];
  expect(() => nothingLost(cast, { ...NOTHING, complete })).toThrow(/people said ''/);
  cast.converted.clear();
  expect(() => nothingLost(cast, NOTHING)).toThrow(/people said ''/);
});

test('what was said while a write of the hub was under way may be overrun by it, in its own record only', () => {
  const { at } = figure.said[0]!;
  const { writtenAt } = served.salesforce.books;
  cast.box('Lead').edit('Lead', lead().id, { Title: 'A' });
  writtenAt[lead().key] = [at - 1, at + 1000];
  expect(() => nothingLost(cast, NOTHING)).toThrow(/people said 'B'/);
  writtenAt[lead().key] = [at + 999];
  expect(nothingLost(cast, NOTHING)).toBe(0);
  cast.box('Lead').edit('Lead', lead().id, { Title: 'B' });
  expect(() => nothingLost(cast, NOTHING)).toThrow(/title of p1 is 'A' in contacts.*people said 'B'/);
});

test('what a conversion carries into its contact may be what counts, and outranks nothing that was said before it', () => {
  const [first, second] = [figure.said[0]!.at, figure.said[0]!.at + 10_000];
  cast.lastTouched.clear();
  const said = (record: string, value: string, at: number) => ({ record, attribute: 'title', value, at });
  figure.said = [said('contacts/1', 'A', first), { ...said(lead().key, 'B', second), carried: true }];
  cast.box('Lead').edit('Lead', lead().id, { Title: 'A' });
  expect(nothingLost(cast, NOTHING)).toBe(1);
  figure.said[1] = said(lead().key, 'B', second);
  expect(() => nothingLost(cast, NOTHING)).toThrow(/people said 'B'/);
});
