/** Two config folders, used from one directory, and so with one database. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Cli, createCli } from './harness.ts';

const files = async ({ write }: Cli, folder: string, connection: string, path = './files') => {
  await write(
    `${folder}/hub.yaml`,
    `connections: { ${connection}: { type: csv, path: ${path}, id: id } }
syncs: { people: { entity: person, members: [ { mapping: people, mode: read } ] } }
`,
  );
  await write(
    `${folder}/mappings/people.yaml`,
    `connection: ${connection}\nobject: people\nentity: person\nfields: { familyName: name }\n`,
  );
  await write(`${folder}/files/people.csv`, 'id,name\n1,佐藤\n');
};

test.each([
  ['the same names, that lead elsewhere', 'erp'],
  ['other names', 'shop'],
])('%s: plan and sync name both folders and the database', async (_, second) => {
  const cli = await createCli();
  const run = (command: string, folder: string) => cli.nayose(command, '--config', join(cli.dir, folder));
  await files(cli, 'one', 'erp');
  await files(cli, 'two', second);
  for (const command of ['plan', 'sync', 'sync']) expect((await run(command, 'one')).err).toBe('');
  for (const command of ['plan', 'sync', 'plan']) {
    const { err } = await run(command, 'two');
    for (const text of [join(cli.dir, 'one'), join(cli.dir, 'two'), cli.env.NAYOSE_DATA!, 'NAYOSE_DATA='])
      expect(err).toContain(text);
  }
  // The first stays at home there.
  expect((await run('sync', 'one')).err).toBe('');
  await cli.close();
});

test('a folder whose config changes, that is moved, or copied with all that it leads to, is at home', async () => {
  const cli = await createCli();
  const run = (command: string, folder: string) => cli.nayose(command, '--config', join(cli.dir, folder));
  await files(cli, 'one', 'erp', join(cli.dir, 'lists'));
  await cli.write('lists/people.csv', 'id,name\n1,佐藤\n');
  expect((await run('sync', 'one')).err).toBe('');
  await files(cli, 'copy', 'erp', join(cli.dir, 'lists'));
  expect((await run('sync', 'copy')).err).toBe('');
  await files(cli, 'copy', 'erp');
  expect((await run('sync', 'copy')).err).toBe('');
  await rename(join(cli.dir, 'copy'), join(cli.dir, 'moved'));
  expect((await run('sync', 'moved')).err).toBe('');
  await cli.close();
});
