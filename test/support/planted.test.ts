import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findLeaks, formsOf, keepOutput, PERSON, PLANTED, SECRETS } from './planted.ts';

let dir: string;
let file: string;
const before = process.env.NAYOSE_TEST_OUTPUT;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nayose-planted-'));
  file = join(dir, 'output.jsonl');
});
afterAll(async () => {
  process.env.NAYOSE_TEST_OUTPUT = before ?? '';
  if (before === undefined) delete process.env.NAYOSE_TEST_OUTPUT;
  await rm(dir, { recursive: true, force: true });
});

const keep = async (...texts: string[]) => {
  await writeFile(file, '');
  process.env.NAYOSE_TEST_OUTPUT = file;
  for (const [i, text] of texts.entries()) keepOutput(`place ${i}`, text);
  return findLeaks(file);
};

describe('the search for planted data', () => {
  test('innocent output has none, and every place was looked at', async () => {
    const found = await keep('listening on http://127.0.0.1:1', '{"level":"info"}', '');
    expect(found).toEqual({ places: 2, leaks: [] });
  });

  test.each(PLANTED)('finds $what, however it is written', async ({ what, value }) => {
    const forms: [string, string][] = [
      ['plain', `login with ${value} failed`],
      ['upper case', value.toUpperCase()],
      ['in an address', `GET /x?q=${encodeURIComponent(value)}&a=1`],
      ['inside JSON', JSON.stringify({ message: JSON.stringify({ value }) })],
      ['base64', `Basic ${Buffer.from(value).toString('base64')}`],
      ['base64 behind a name', Buffer.from(`id:${value}`).toString('base64')],
      ['base64 within more', Buffer.from(`a=${value}&b=c`).toString('base64url')],
    ];
    for (const [how, text] of forms)
      expect((await keep('nothing', text)).leaks, how).toMatchObject([{ what, where: 'place 1', line: 2 }]);
  });

  test('what it says of a find does not hold the value', async () => {
    const { leaks } = await keep(`${SECRETS.clientSecret} ${PERSON.email}`);
    expect(leaks).toHaveLength(2);
    for (const { value } of PLANTED)
      for (const form of formsOf(value)) expect(JSON.stringify(leaks)).not.toContain(form);
  });

  test('without a file nothing is kept', async () => {
    await writeFile(file, '');
    delete process.env.NAYOSE_TEST_OUTPUT;
    keepOutput('somewhere', PERSON.email);
    expect(await readFile(file, 'utf8')).toBe('');
  });
});
