import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../api/cli/commands/index.ts';
import { COUNTERPARTS, commandTable } from '../../../api/v1/commands.ts';
import { OPERATIONS } from '../../../api/v1/index.ts';

const ids = new Set(OPERATIONS.map(({ id }) => id));

test('every command has its operation, or says why it is of one machine only', () => {
  const without = COMMANDS.filter(({ name }) => !Object.hasOwn(COUNTERPARTS, name)).map(({ name }) => name);
  expect(without).toEqual([]);
});

test.each(COMMANDS.map(({ name }) => name))('what stands for %s exists', (name) => {
  const known = COUNTERPARTS[name]!;
  if ('onlyHere' in known) expect(known.onlyHere.length).toBeGreaterThan(20);
  else expect(known.operations.filter((id) => !ids.has(id))).toEqual([]);
});

test('docs/api.md has the table as the program has it', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/api.md', import.meta.url)), 'utf8');
  const table = commandTable(COMMANDS, OPERATIONS);
  expect(page, `docs/api.md needs this table:\n\n${table}\n`).toContain(table);
});
