import { afterEach, expect, test } from 'vitest';
import { type Bench, createBench } from './harness.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

test('reconcile says what is equal, explains what is not, and repairs it when told to', async () => {
  bench = await createBench();
  const [id] = bench.boxes.salesforce.seed('Contact', [
    { fields: { LastName: '薬袋', FirstName: '誠', Email: 'makoto@minai.example', Title: '課長' } },
  ]);
  await bench.nayose('sync');
  await bench.nayose('sync');
  bench.boxes.salesforce.recalculate('Contact', id!, { Title: '部長' });

  const { code, data } = await bench.json<{
    differences: number;
    syncs: { sync: string; items: object[] }[];
  }>('reconcile', 'people');
  expect([code, data]).toMatchObject([
    0,
    {
      status: 'complete',
      syncs: [{ sync: 'people', classes: { formula: 1 }, records: { compared: 2 }, run: null }],
    },
  ]);
  expect(data.syncs[0]!.items).toContainEqual(
    expect.objectContaining({ record: `crm/Contact/${id}`, attribute: 'title', class: 'formula' }),
  );
  const said = await bench.nayose('reconcile', 'people', '--repair');
  expect(said.code).toBe(0);
  expect(said.out).toMatch(/people: \d+ of \d+ values and \d+ of 2 records are equal/);
  expect(said.out).toContain(`crm/Contact/${id} title: the value is another one`);
  expect(said.out).toMatch(/were repaired; run \S+ delivered them/);
  expect(bench.boxes.hubspot.records('contacts')[0]!.fields).toMatchObject({ jobtitle: '部長' });
  expect((await bench.json('reconcile', 'people')).data).not.toMatchObject({
    syncs: [{ classes: { formula: 1 } }],
  });

  expect(await bench.nayose('reconcile', 'nobody')).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no sync "nobody"'),
  });
  bench.boxes.hubspot.fault = ({ path }) =>
    path.includes('/objects/contacts') ? { status: 403, body: '{}' } : undefined;
  const blind = await bench.nayose('reconcile', 'people');
  expect(blind.code).toBe(2);
  expect(blind.out).toContain('not everything was read');
});
