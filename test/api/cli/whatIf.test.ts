import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Explanation } from '../../../api/cli/commands/explain/account.ts';
import type { WhatIf } from '../../../core/sync/whatIf.ts';
import { type Bench, createBench } from './harness.ts';

let bench: Bench;
let hubYaml: string;
const rules = (text: string) =>
  bench.write('hub.yaml', hubYaml.replace(/survivorship: .*latest\] \}/, `survivorship: { ${text} }`));

beforeAll(async () => {
  bench = await createBench();
  hubYaml = await bench.read('hub.yaml');
  const email = 'aya@aozora.example';
  bench.boxes.salesforce.seed('Contact', [
    {
      fields: { LastName: '高橋', FirstName: '彩', Email: email, Title: '課長' },
      at: '2025-03-01T00:00:00Z',
    },
  ]);
  bench.boxes.hubspot.seed('contacts', [
    { fields: { lastname: '高橋', firstname: '彩', email, jobtitle: '部長' }, at: '2025-02-01T00:00:00Z' },
  ]);
});
afterAll(() => bench.close());

test('before anything was applied there is nothing to compare with', async () => {
  expect(await bench.nayose('what-if')).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /nothing was applied yet.*\n\s*Bring the rules of now to the hub with 'nayose apply'/,
    ),
  });
});

test('the rules of the folder are tried on what is stored: which values, from whom, by which rule', async () => {
  for (const command of ['apply', 'sync']) expect((await bench.nayose(command)).code).toBe(0);
  expect((await bench.nayose('what-if')).out).toBe(
    'The folder and revision 1 choose values by the same rules: no golden value would differ.\n',
  );
  expect(await bench.nayose('what-if', 'persn')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no entity "persn" .*; did you mean "person"\?/),
  });

  await rules('title: [{ prefer: [ma] }]');
  const { data, code } = await bench.json<{ revision: number; entities: WhatIf[] }>('what-if');
  expect([code, data.revision]).toEqual([0, 1]);
  expect(data.entities).toMatchObject([{ entity: 'person', golden: 1, differ: 1 }]);
  const phone = { attribute: 'phone', before: 'prefer crm, then latest', after: 'latest', differ: 0 };
  expect(data.entities[0]!.attributes).toMatchObject([
    { ...phone, samples: [] },
    {
      ...{ attribute: 'title', before: 'latest', after: 'prefer ma', differ: 1 },
      samples: [
        {
          name: '高橋 彩',
          from: '課長',
          to: '部長',
          was: { rule: 'latest' },
          wouldBe: { rule: 'prefer ma' },
        },
      ],
    },
  ]);
  const { out } = await bench.nayose('what-if', 'person');
  expect(out).toMatch(/^person: 1 of 1 golden record would hold other values\.$/m);
  expect(out).toMatch(/"課長" \(latest; crm\/Contact\/\w+\) → "部長" \(prefer ma; ma\/contacts\/\d+\)/);
  expect(out).toContain('Nothing has changed.');
  expect((await bench.nayose('what-if', 'company')).out).toContain('no golden value would differ');
});

test('applied, a golden record takes the rules when one of its records next changes, as the last line says', async () => {
  const title = async () =>
    (await bench.json<Explanation>('explain', 'aya@aozora.example')).data.values.title;
  for (const command of ['apply', 'sync']) expect((await bench.nayose(command)).code).toBe(0);
  expect(await title()).toBe('課長');
  const [{ id }] = bench.boxes.hubspot.records('contacts') as unknown as [{ id: string }];
  bench.boxes.hubspot.edit('contacts', id, { city: '東京' });
  expect((await bench.nayose('sync')).code).toBe(0);
  expect(await title()).toBe('部長');
});

test('a folder that does not check is told as check tells it', async () => {
  await rules('title: [{ prefer: [hubspot] }]');
  expect(await bench.nayose('what-if')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no connection "hubspot"'),
  });
});
