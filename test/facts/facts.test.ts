/** docs/facts.md says which tests hold which facts: none is missing, and every test that it names is there. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const page = await readFile(root('docs/facts.md'), 'utf8');

const NOT_APPLICABLE = /^not applicable, because .{20,}/;
const facts = page.split('\n').flatMap((line) => {
  const [, id, fact, held] = /^\| ([A-Z]\d+) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
  return id === undefined ? [] : [{ id, fact: fact!, held: held!.split('<br>') }];
});

const numbers = (letter: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

test('every numbered fact of both tools, and of their clients, stands there once', () => {
  expect(facts.map(({ id }) => id)).toEqual([
    ...numbers('S', 15),
    ...numbers('J', 10),
    ...numbers('H', 15),
    ...numbers('C', 6),
  ]);
});

test.each(facts)('$id is held by tests that exist, or says why by none', async ({ held }) => {
  for (const entry of held) {
    if (NOT_APPLICABLE.test(entry)) continue;
    const [, file, name] = /^`(test\/[\w./-]+\.ts)`: (.+)$/.exec(entry) ?? [];
    expect(file, `not a test, and no reason: ${entry}`).toBeDefined();
    const source = await readFile(root(file!), 'utf8');
    const quoted = ["'", '"', '`'].some((mark) => source.includes(mark + name + mark));
    expect(quoted, `${file} has no test named: ${name}`).toBe(true);
  }
});
