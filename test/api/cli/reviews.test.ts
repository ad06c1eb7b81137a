import { afterAll, beforeAll, expect, test } from 'vitest';
import type { decided } from '../../../api/cli/commands/decide/report.ts';
import type { ShownDoubt } from '../../../api/cli/commands/reviews/text.ts';
import { type Bench, createBench } from './harness.ts';

const AT = '2025-01-01T00:00:00Z';

let bench: Bench;
let a: string;
let b: string;
beforeAll(async () => {
  bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  const [account] = salesforce.seed('Account', [{ fields: { Name: '株式会社アオゾラ' }, at: AT }]) as [
    string,
  ];
  const [yuko] = salesforce.seed('Contact', [
    {
      fields: { LastName: '小林', FirstName: '裕子', AccountId: account, Phone: '03-6206-1234' },
      at: AT,
    },
  ]);
  const [other] = hubspot.seed('contacts', [
    {
      fields: { lastname: '小林', firstname: '優子', company: '(株)アオゾラ', phone: '0362061234' },
      at: AT,
    },
  ]);
  a = `crm/Contact/${yuko}`;
  b = `ma/contacts/${other}`;
  expect((await bench.nayose('sync')).code).toBe(0);
}, 120_000);
afterAll(() => bench.close());

const listed = async (...words: string[]) =>
  (await bench.json<{ reviews: ShownDoubt[]; open: number }>('reviews', ...words)).data;

test('words that cannot be: exit 1, with what to do, and the doubt stays', async () => {
  for (const [argv, message] of [
    [['--link'], /name the two records/],
    [[a, b], /say --link, --apart or --later/],
    [[a], /name both records/],
    [[a, b, '--link', '--apart'], /say one of/],
    [['persn'], /no entity "persn"; did you mean "person"\?/],
    [['--limit', '0'], /--limit is a number from 1 to 1000, not '0'/],
    [['--reason', 'why'], /--reason goes with --link, --apart or --later/],
    [[a, b, '--link', '--limit', '3'], /--limit goes with the list/],
    [[a, 'ma/contacts/404', '--link'], /has not read a record ma\/contacts\/404/],
  ] as const) {
    const { code, err } = await bench.nayose('reviews', ...argv);
    expect([code, err], argv.join(' ')).toEqual([1, expect.stringMatching(message)]);
  }
  expect((await listed()).open).toBe(1);
});

test('a doubt is shown side by side, put off, and then decided; the next sync writes nothing more', async () => {
  expect(await listed('person')).toMatchObject({
    open: 1,
    reviews: [
      {
        entity: 'person',
        reason: 'doubtful score',
        a: { record: a, name: '小林 裕子', values: { givenName: '裕子' } },
        b: { record: b, name: '小林 優子', values: { givenName: '優子' } },
      },
    ],
  });
  expect(await listed('company')).toEqual({ open: 0, reviews: [] });
  const { out } = await bench.nayose('reviews');
  expect(out).toMatch(/^1 doubtful pair waits for a person\./);
  expect(out).toMatch(/familyName +小林 +=/);
  expect(out).toMatch(/givenName +裕子 {2,}優子/);

  const later = await bench.nayose('reviews', b.split('/').at(-1)!, a, '--later');
  expect([later.code, later.out]).toEqual([0, expect.stringContaining('off the list')]);
  expect((await bench.nayose('reviews')).out).toMatch(/No doubt waits/);

  const nobody = await bench.nayose('reviews', a, 'ma/contacts/1', '--link');
  expect([nobody.code, nobody.err]).toEqual([
    1,
    expect.stringContaining('has not read a record ma/contacts/1'),
  ]);
  const { data } = await bench.json<ReturnType<typeof decided>>(
    'reviews',
    a,
    b,
    '--apart',
    '--reason',
    'two',
  );
  expect(data.decision).toMatchObject({ kind: 'apart', reason: 'two' });
  const again = await bench.nayose('reviews', a, b, '--link');
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/decided at .* are two/)]);
  expect(again.err).toContain(`undo that (decision ${data.decision!.id}), or overrule it by force`);
  const forced = await bench.json<ReturnType<typeof decided>>('reviews', a, b, '--link', '--force');
  expect([forced.code, forced.data.overruled.map(({ kind }) => kind)]).toEqual([0, ['apart']]);
  const list = (await bench.nayose('undo')).out.split('\n');
  expect(list.find((line) => line.startsWith(data.decision!.id))).toContain(
    `(ended by decision ${forced.data.decision!.id})`,
  );
  expect((await bench.nayose('undo', forced.data.decision!.id)).code).toBe(0);
  expect((await bench.json<{ created: number; updated: number }>('sync')).data).toMatchObject({
    created: 0,
    updated: 0,
  });
});
