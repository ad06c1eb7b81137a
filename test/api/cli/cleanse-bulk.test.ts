import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planList } from '../../../api/cli/commands/cleanse/plan.ts';
import { dedupe } from '../../../core/match/dedupe.ts';
import { scoresOf } from '../../../core/match/scores.ts';
import type { MatchInput } from '../../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import { isEmpty, type Value } from '../../../core/model/value.ts';
import { MAPPING } from '../../bench/list/file.ts';
import { COLUMNS, listRows } from '../../bench/list/records.ts';
import { type Cli, createCli } from './harness.ts';

let cli: Cli;
beforeEach(async () => {
  cli = await createCli();
});
afterEach(() => cli.close());

/** Enough for several ranges of the file, so that threads meet each other's records. */
const ROWS = 24_000;

async function clustersBy(list: string, mapping: string, ...words: string[]) {
  const out = join(cli.dir, 'out.csv');
  const { code, err } = await cli.nayose('cleanse', list, '--mapping', mapping, '--out', out, ...words);
  expect(err, err).not.toMatch(/error/i);
  return { code, text: await readFile(out, 'utf8') };
}

describe('a list taken apart and deduplicated side by side', () => {
  test.each([
    [[], ROWS],
    [['--train'], 4_800],
  ])(
    'has the clusters and scores that dedupe finds in memory, with no, one and two threads %j',
    async (words, count) => {
      const rows = [...listRows(count, 5)];
      const list = await cli.write('list.csv', stringify([COLUMNS, ...rows]));
      const mapping = await cli.write('m.yaml', MAPPING);
      const alone = await clustersBy(list, mapping, '--threads', '0', ...words);
      expect(alone.code).toBe(0);
      for (const threads of ['1', '2'])
        expect((await clustersBy(list, mapping, '--threads', threads, ...words)).text).toBe(alone.text);

      const plan = await planList(COLUMNS, { mapping, region: 'JP' });
      const inputs: MatchInput[] = [];
      for (const row of rows) {
        const fields = Object.fromEntries(COLUMNS.map((name, i) => [name, row[i] === '' ? null : row[i]!]));
        const { values, problems } = await plan.mapping.in(fields);
        for (const { attribute, field } of problems) values[attribute] = fields[field!] as Value;
        inputs.push({
          id: row[0]!,
          source: 'list',
          values: Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value))),
        });
      }
      const found = dedupe(BUILTIN_ENTITIES.person, inputs, { train: words.length > 0 });
      const scores = scoresOf(found);
      const home = new Map(found.clusters.flatMap((ids, i) => ids.map((id) => [id, i] as const)));
      const first = new Map<number, string>();
      for (const { id } of inputs) if (!first.has(home.get(id)!)) first.set(home.get(id)!, id);
      const expected = inputs.map(({ id }) => [
        id,
        first.get(home.get(id)!)!,
        scores.get(id)?.toFixed(4) ?? '',
      ]);
      expect(parse(alone.text).slice(1)).toEqual(expected);
    },
    300_000,
  );

  test('a row that breaks the rules of quotes costs itself and no other, wherever the file is cut', async () => {
    const rows = [...listRows(ROWS, 6)];
    const text = stringify([COLUMNS, ...rows]).split('\n');
    // Lines of the file: an open quote, a quote within a value, and a quoted newline that is right.
    text.splice(20_000, 0, 'bad-1,"open,x,,,,,,', 'bad-2,a"b,x,,,,,,');
    text.splice(9_000, 0, 'good-1,"two', 'lines",x,good-1@quoted.example,,,,,');
    const list = await cli.write('list.csv', text.join('\n'));
    const mapping = await cli.write('m.yaml', MAPPING);
    const alone = await clustersBy(list, mapping, '--threads', '0');
    const together = await clustersBy(list, mapping, '--threads', '2');
    expect([alone.code, together.code]).toEqual([2, 2]);
    expect(together.text).toBe(alone.text);
    expect(parse(alone.text).length).toBe(ROWS + 1 + 1);
  }, 300_000);
});
