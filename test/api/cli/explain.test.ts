import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Explanation } from '../../../api/cli/commands/explain/account.ts';
import { COMMANDS } from '../../../api/cli/commands/index.ts';
import { openStore } from '../../../api/runtime/store.ts';
import { saveDecision } from '../../../core/store/decisions.ts';
import { markDirty } from '../../../core/store/records.ts';
import type { PairExplanation } from '../../../core/sync/explainPair.ts';
import { PLACEHOLDER_DOMAINS, PLACEHOLDER_LOCALS } from '../../../core/values/tables/email-domains.ts';
import { type Bench, createBench } from './harness.ts';

/** Two people: one in both tools under two spellings, one in HubSpot alone. */
async function twoPeople(): Promise<Bench & { crmId: string; maId: string; alone: string }> {
  const bench = await createBench();
  const { salesforce, hubspot } = bench.boxes;
  const [account] = salesforce.seed('Account', [
    { fields: { Name: '株式会社アオゾラ' }, at: '2025-01-01T00:00:00Z' },
  ]);
  const [crmId] = salesforce.seed('Contact', [
    {
      fields: {
        LastName: '髙橋',
        FirstName: '彩',
        Email: 'aya.takahashi@aozora.example',
        Title: '課長',
        AccountId: account!,
      },
      at: '2025-01-01T00:00:00Z',
    },
  ]);
  const [maId, alone] = hubspot.seed('contacts', [
    {
      fields: {
        lastname: '高橋',
        firstname: '彩',
        email: 'aya.takahashi@aozora.example',
        jobtitle: '部長',
      },
      at: '2025-02-01T00:00:00Z',
    },
    {
      fields: { lastname: 'Weber', firstname: 'Jan', email: 'jan@weber.example' },
      at: '2025-02-01T00:00:00Z',
    },
  ]);
  return { ...bench, crmId: crmId!, maId: maId!, alone: alone! };
}

let bench: Awaited<ReturnType<typeof twoPeople>>;
beforeAll(async () => {
  bench = await twoPeople();
  const early = await bench.nayose('explain', 'anything');
  expect(early.code).toBe(1);
  expect(early.err).toContain("this hub holds no records yet: run 'nayose sync' first");
  expect((await bench.nayose('sync')).code).toBe(0);
});
afterAll(() => bench.close());

test('without an id: what may stand there, with an example', async () => {
  const { code, err } = await bench.nayose('explain');
  expect(code).toBe(1);
  expect(err).toMatch(/say whom: a golden id, a record, .* e-mail address, as in 'nayose explain \S+@\S+'/);
  expect(err).toContain('usage: nayose explain ID');
});

test('every command that needs a word says which', () => {
  for (const { name, words } of COMMANDS)
    if (words.min > 0) expect(words.missing, name).toContain(`as in 'nayose ${name} `);
});

test('an address that is a placeholder is said to tie nobody together, and docs list every one', async () => {
  const [id] = bench.boxes.hubspot.seed('contacts', [
    { fields: { lastname: 'Ek', firstname: 'Bo', email: 'bo@example.jp' }, at: new Date().toISOString() },
  ]);
  expect((await bench.nayose('sync')).code).toBe(0);
  expect((await bench.nayose('explain', id!)).out).toContain(
    'email bo@example.jp ties no records together: example.jp is taken for a placeholder (docs/matching.md).',
  );
  expect((await bench.nayose('explain', bench.alone)).out).not.toContain('ties no records');
  const page = await readFile(new URL('../../../docs/matching.md', import.meta.url), 'utf8');
  for (const word of [...PLACEHOLDER_DOMAINS, ...PLACEHOLDER_LOCALS]) expect(page).toContain(`\`${word}\``);
});

describe('unknown words say what to try', () => {
  test.each([
    ['nope', /nothing is known of "nope"; try a golden id \(g_\w+\), a record \(crm\/\S+\)/],
    ['a/b', /"a\/b" is not a source key; write connection\/object\/id/],
    ['crm/Contact/nope', /the hub has not read a record crm\/Contact\/nope/],
    ['nobody@nowhere.example', /no record has the e-mail address nobody@nowhere\.example/],
    ['%', /nothing is known of "%"/],
    ['crm/%zz/1', /is not a source key/],
  ])('%s', async (word, message) => {
    const { code, err, out } = await bench.nayose('explain', word);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  test('a source key with the wrong object names the right one', async () => {
    const { err } = await bench.nayose('explain', `crm/Lead/${bench.crmId}`);
    expect(err).toContain(`did you mean crm/Contact/${bench.crmId}?`);
  });

  test('no word, and three words', async () => {
    expect((await bench.nayose('explain')).err).toContain('usage: nayose explain ID');
    expect((await bench.nayose('explain', 'a', 'b', 'c')).err).toContain('one word too many');
  });

  test('of two: the one that is not known, one record twice, and a person beside a company', async () => {
    const { code, err } = await bench.nayose('explain', bench.maId, 'nope');
    expect([code, err]).toEqual([1, expect.stringContaining('nothing is known of "nope"')]);
    const twice = await bench.nayose('explain', bench.alone, 'jan@weber.example');
    expect([twice.code, twice.err]).toEqual([
      1,
      expect.stringContaining('both are one record of golden record g_'),
    ]);
    const { values } = (await bench.json<Explanation>('explain', bench.maId)).data;
    const account = String(values.company);
    const mixed = await bench.nayose('explain', bench.alone, account);
    expect([mixed.code, mixed.err]).toEqual([
      1,
      expect.stringMatching(/one is a person, the other a company/),
    ]);
  });
});

test('every way to name a record leads to the same golden record', async () => {
  const ways = [
    bench.maId,
    `ma/contacts/${bench.maId}`,
    bench.crmId,
    bench.crmId.slice(0, 15),
    'Aya.Takahashi@Aozora.example',
  ];
  const ids = [];
  for (const way of ways) ids.push((await bench.json<Explanation>('explain', way)).data.id);
  expect(new Set(ids).size).toBe(1);
  const again = await bench.json<Explanation>('explain', ids[0]!);
  expect(again.data.found.by).toBe('golden id');
});

test('of two records, or two golden records: whether they are one and why, with the sum step by step', async () => {
  const pair = [`crm/Contact/${bench.crmId}`, `ma/contacts/${bench.maId}`] as const;
  const { data } = await bench.json<PairExplanation>('explain', ...pair);
  expect(data).toMatchObject({ verdict: 'one', why: 'rule', a: { record: pair[0] }, b: { record: pair[1] } });
  expect(await bench.json<PairExplanation>('explain', data.a.golden!, data.a.golden!)).toMatchObject({
    data,
  });
  const { out } = await bench.nayose('explain', ...pair);
  expect(out).toContain('ONE: a rule links them: same personal e-mail, same name\n');
  expect(out).toMatch(/^before any evidence +-13\.0 +-13\.0 +█+$/m);
  expect(out.trimEnd().split('\n').at(-1)).toBe(`If they are two: nayose apart ${pair.join(' ')}`);
  const sum = data.steps.at(-1)!.sum;
  expect(out).toContain(`+${sum.toFixed(1)} bits: over 99.9% likely one`);
  expect(out).toMatch(/^ {2}e-mail address: 2 records have it$/m);
  // Salesforce said 課長, until the hub wrote there what HubSpot says.
  expect(out).toMatch(/^title +部長 \* += +部長$/m);
  expect(out).toContain('\n  * written there by the hub, so it tells nothing of who this is.\n');

  const apart = await bench.nayose('explain', bench.crmId, 'jan@weber.example');
  expect(apart.code).toBe(0);
  expect(apart.out).toMatch(
    /^TWO: too much disagrees for one and the same[\s\S]*No key in common proposes them to each other\.\n\nIf they are one all the same: nayose link /m,
  );
  // The hub has made a contact of Weber in Salesforce, which says nothing of its own.
  const weber = (await bench.json<Explanation>('explain', bench.alone)).data;
  const made = weber.records.find(({ madeByHub }) => madeByHub)!;
  expect((await bench.nayose('explain', made.key, bench.alone)).out).toMatch(
    /^ONE: what happened in the tools joins them[\s\S]*there is no sum\.$/m,
  );
  // Beside somebody else it stands for what it was made of.
  const other = await bench.json<PairExplanation>('explain', made.key, bench.crmId);
  expect([other.data.a.record, other.data.b.record].sort()).toEqual(
    [`crm/Contact/${bench.crmId}`, `ma/contacts/${bench.alone}`].sort(),
  );
  expect(other.data).toMatchObject({ verdict: 'two', why: 'contradiction' });
});

test('law 7: every value names its source, time and rule, and the values that lost', async () => {
  const { data, code } = await bench.json<Explanation>('explain', bench.maId);
  expect(code).toBe(0);
  expect(data.values.title).toBe('部長');
  expect(data.provenance.title).toMatchObject({
    source: `ma/contacts/${bench.maId}`,
    at: '2025-02-01T00:00:00.000Z',
    rule: 'latest',
    losers: [{ source: `crm/Contact/${bench.crmId}`, value: '課長' }],
  });
  for (const name of Object.keys(data.values)) {
    expect(data.provenance[name]!.source, name).not.toBe('');
    expect(data.provenance[name]!.rule, name).not.toBe('');
  }
  expect(data.records.map(({ key }) => key).sort()).toEqual([
    `crm/Contact/${bench.crmId}`,
    `ma/contacts/${bench.maId}`,
  ]);
});

test('a link shows levels whose weights and prior sum to the weight', async () => {
  const { data } = await bench.json<Explanation>('explain', bench.maId);
  const link = data.links.find(({ because }) => because === 'score');
  const { levels, prior, weight } = link!.comparison!;
  expect(levels.map(({ comparison }) => comparison)).toEqual(
    expect.arrayContaining(['family', 'given', 'email']),
  );
  expect(levels.reduce((sum, level) => sum + level.weight, prior)).toBeCloseTo(weight, 9);
});

test('a record that the hub made says from which one', async () => {
  const { data } = await bench.json<Explanation>('explain', bench.alone);
  expect(data.records.filter(({ madeByHub }) => madeByHub).map(({ connection }) => connection)).toEqual([
    'crm',
  ]);
  expect(data.links).toEqual([expect.objectContaining({ because: 'made by the hub' })]);
});

test('people read the same as programs', async () => {
  const { out } = await bench.nayose('explain', bench.maId);
  expect(out).toMatch(/title\s+部長\s+ma contacts \d+\s+2025-02-01 00:00:00 UTC\s+latest/);
  expect(out).toMatch(/title: 課長, from crm Contact/);
  expect(out).toMatch(/family \w+ \+\d+\.\d.*sum \+\d+\.\d bits/);
  expect(out).toContain('OPEN: nothing. Every tool shows these values.');
});

test('history tells an edit from value to value', async () => {
  bench.boxes.hubspot.edit('contacts', bench.alone, { jobtitle: 'Baker' });
  expect((await bench.nayose('sync')).code).toBe(0);
  const { data } = await bench.json<Explanation>('explain', bench.alone);
  expect(data.history.at(-1)).toMatchObject({
    kind: 'updated',
    detail: { changes: { title: { from: null, to: 'Baker' } } },
  });
});

test('law 6: what a person linked says who, and the id that was folded leads to the one that lives', async () => {
  const [other] = bench.boxes.hubspot.seed('contacts', [
    { fields: { lastname: 'Webber', email: 'jw@webber.example' } },
  ]);
  expect((await bench.nayose('sync')).code).toBe(0);
  const of = async (id: string) => (await bench.json<Explanation>('explain', id)).data.id;
  const [first, second] = [await of(bench.alone), await of(other!)];
  expect(first).not.toBe(second);

  const keys = [`ma/contacts/${bench.alone}`, `ma/contacts/${other}`] as const;
  const store = await openStore(bench.env, () => new Date());
  await saveDecision(store.db, {
    id: 'd1',
    entity: 'person',
    kind: 'link',
    a: keys[0],
    b: keys[1],
    attribute: null,
    value: null,
    by: 'mika',
    at: '2026-01-01T00:00:00Z',
  });
  await markDirty(store.db, keys);
  await store.close();
  expect((await bench.nayose('sync')).code).toBe(0);

  const folded = await bench.json<Explanation>('explain', second);
  expect(folded.data.id).toBe(first);
  expect(folded.data.found).toEqual({ by: 'golden id', alias: second });
  expect(folded.data.aliases).toEqual([second]);
  expect(folded.data.links).toContainEqual(expect.objectContaining({ because: 'a person', by: 'mika' }));
  expect(folded.data.history.map(({ kind }) => kind)).toContain('merged');
  const { out } = await bench.nayose('explain', second);
  expect(out).toContain(`${second} was merged into it and is its alias.`);
  expect(out).toMatch(/linked by mika at 2026-01-01 00:00:00/);
});
