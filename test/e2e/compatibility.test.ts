/** The compatibility report against a pair of sandboxes: everything that was planted is found, and a clean pair is left in peace. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { Report } from '../../api/check/report.ts';
import { DEALS, type Pair, PEOPLE, prepare } from './compatibility/pair.ts';
import { planted } from './compatibility/planted.ts';
import { PLANTS } from './compatibility/plants.ts';

let pair: Pair | undefined;
afterEach(async () => {
  await pair?.close();
  pair = undefined;
});

/** What is wrong, and what filters and conditions were seen to do. */
const counted = ({ findings }: Report) =>
  findings.filter(({ severity, kind }) => severity !== 'info' || kind === 'where' || kind === 'create-when');
const told = (report: Report) =>
  counted(report).map(({ severity, kind, mapping, connection, attribute, field: name }) =>
    [severity, kind, mapping ?? connection, attribute ?? name].filter((word) => word !== undefined).join(' '),
  );

test('a clean pair: nothing is found, every field fits', async () => {
  pair = await prepare();
  const { code, report } = await pair.check();
  expect(told(report)).toEqual([]);
  expect([code, report.status, report.score]).toEqual([0, 'ok', 100]);
  expect(
    report.findings
      .filter(({ kind }) => kind === 'match')
      .map(({ mapping, count, of }) => [mapping, count, of]),
  ).toEqual([
    ['crm-account', DEALS, DEALS],
    ['crm-contact', PEOPLE, PEOPLE],
  ]);
  const { report: schemas } = await pair.check('--sample', '0');
  expect(told(schemas)).toEqual([]);
});

test(`${PLANTS.length} planted incompatibilities: each is found, with its count and its fix, and nothing else is`, async () => {
  expect(PLANTS.length).toBeGreaterThanOrEqual(25);
  pair = await planted();
  const { code, report } = await pair.check();
  expect(code).toBe(2);
  expect(told(report).sort()).toEqual(PLANTS.map(({ finding }) => finding).sort());
  for (const { what, finding, count, fix } of PLANTS) {
    const found = counted(report)[told(report).indexOf(finding)]!;
    if (count !== undefined) expect([what, found.count]).toEqual([what, count]);
    if (found.severity !== 'info') expect(found.fix, what).toMatch(fix ?? /\S/);
  }
  expect(report.score).toBeLessThan(85);
  expect([pair.served.salesforce.books.created, pair.served.hubspot.books.created]).toEqual([{}, {}]);
});

test('docs/check.md tells of every kind of finding', () => {
  const root = new URL('../../', import.meta.url);
  const page = readFileSync(new URL('docs/check.md', root), 'utf8');
  const source = readFileSync(new URL('mappings/finding.ts', root), 'utf8');
  const kinds = [...source.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, kind]) => kind!);
  expect(kinds.length).toBeGreaterThan(20);
  expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});
