/** A webhook as a source, as `init` writes it: nothing can be read from it, and what it sends is taken in. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { waitingInbox } from '../../../core/store/inbox.ts';
import { tempFolder } from '../../support/cli.ts';
import { openMemory } from '../../support/databases.ts';
import { command, type Folder, type ServedHub, serveHub, until } from './harness.ts';

const SECRET = 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0';

let hub: ServedHub | undefined;
let remove: (() => Promise<void>) | undefined;
afterEach(async () => {
  await hub?.end();
  await remove?.();
});

async function emptyFolder(): Promise<Folder> {
  const folder = await tempFolder();
  remove = folder.remove;
  const env = { FORMS_SECRET: SECRET, NAYOSE_DATA: `${folder.dir}/.nayose`, LOG_LEVEL: 'info', PORT: '0' };
  return { dir: folder.dir, env };
}

async function addFiles({ dir }: Folder, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
}

const shop = ({ dir }: Folder) => readFile(join(dir, 'shop/people.csv'), 'utf8');

/** The example of docs/incoming.md, as somebody types it. */
async function followDocs(url: string): Promise<string> {
  const page = await readFile(new URL('../../../docs/incoming.md', import.meta.url), 'utf8');
  const [, script = ''] = /```sh\n(body=[\s\S]*?)```/.exec(page) ?? [];
  const typed = script.replace('http://127.0.0.1:8787', url);
  const { stdout } = await promisify(execFile)('sh', ['-c', typed], {
    env: { PATH: process.env.PATH, FORMS_SECRET: SECRET },
  });
  return stdout;
}

test('what init writes for a webhook and files is checked, planned, synced and served', async () => {
  const folder = await emptyFolder();
  await command(folder, ['init', '--tools', 'csv,webhook', '--yes']);
  await addFiles(folder, { 'files/people.csv': 'id,familyName,email\n1,佐藤,ken@maker.example\n' });
  // With a third member that is written to, so that the sync has something to deliver.
  await addFiles(folder, {
    'hub.yaml': `connections:
  files: { type: csv, path: ./files, id: id }
  shop: { type: csv, path: ./shop, id: id, writable: true, columns: { people: [id, familyName, email] } }
  forms: { type: webhook, secret: "\${FORMS_SECRET}" }
syncs:
  people:
    entity: person
    realtime: true
    members:
      - { mapping: files-people, mode: read }
      - { mapping: form-lead, mode: read }
      - { mapping: shop, create: true }
`,
    'mappings/shop.yaml':
      'connection: shop\nobject: people\nentity: person\nfields: { familyName: familyName, email: email }\n',
    'shop/.keep': '',
  });
  expect(await command(folder, ['check'])).toMatchObject({ code: 0 });

  const db = await openMemory();
  hub = await serveHub(folder, { db });
  for (const argv of [['plan'], ['sync']]) {
    const { code, out, err } = await command(folder, argv, hub.store);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('nothing was read from forms records: its records come by webhooks');
  }
  expect(await shop(folder)).toContain('ken@maker.example');

  expect(await followDocs(hub.url)).toMatch(/^HTTP\/1\.1 202 /);
  await until(async () => (await shop(folder)).includes('hanako@maker.example'));
  await hub.idle();
  expect(await waitingInbox(db)).toEqual([]);
  expect(hub.lines.filter((line) => line.includes('left for later'))).toEqual([]);

  const again = await command(folder, ['sync', '--full', '--json'], hub.store);
  expect(JSON.parse(again.out)).toMatchObject({
    status: 'complete',
    created: 0,
    golden: 2,
    pushed: [{ sync: 'people', connection: 'forms', object: 'records' }],
  });
});
