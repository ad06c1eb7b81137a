/** Schemas change while a hub serves: what it goes on with, and what it does not. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../api/config/read.ts';
import { createHub } from '../../../api/runtime/hub.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { tempFolder } from '../../support/cli.ts';
import { openMemory } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';

test('a file whose columns are all renamed while a hub serves is not read by what it once was', async () => {
  const folder = await tempFolder({ 'people.csv': 'name,email\nTaro,taro@aoba.example\n' });
  const read = readConfig(
    {
      'hub.yaml': `connections: { list: { type: csv, path: ${JSON.stringify(folder.dir)} } }
syncs: { people: { entity: person, members: [ { mapping: list-people, mode: read } ] } }
`,
      'mappings/list-people.yaml':
        'connection: list\nobject: people\nentity: person\nfields: { fullName: name, email: email }\n',
    },
    { env: {}, connectors: CONNECTORS },
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const db = await openMemory();
  let time = Date.parse('2026-03-01T09:00:00Z');
  const hub = createHub(read.config, memoryStore(db, 'test', { isAlive: async () => true }), CONNECTORS, {
    now: () => new Date(time),
    signal: new AbortController().signal,
  });
  expect(await hub.syncs()).toHaveLength(1);
  await writeFile(join(folder.dir, 'people.csv'), 'なまえ,めーる\nTaro,taro@aoba.example\n');
  time += 61 * 60_000;
  await expect(hub.syncs()).rejects.toThrow('none of the fields');
  await expect(hub.syncs()).rejects.toThrow('none of the fields');
  await writeFile(join(folder.dir, 'people.csv'), 'name,email\nTaro,taro@aoba.example\n');
  time += 6 * 60_000;
  expect(await hub.syncs()).toHaveLength(1);
  await db.close();
  await folder.remove();
});
