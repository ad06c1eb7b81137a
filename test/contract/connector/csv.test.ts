import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Fields } from '../../../connectors/contract.ts';
import { csv } from '../../../connectors/csv/index.ts';
import type { Tool } from './harness.ts';
import { connectorKit } from './kit.ts';

const FILES = {
  network: false,
  stream: 'people',
  sample: (n: number) => ({ name: `名前, "${n}"\n二行目`, email: `p${n}@example.com` }),
  changed: 'name',
  key: 'email',
  many: 1200,
  missingId: 'nothing',
} as const;

/** The folder as a person with another program sees it. */
function folderOf(config: object): Tool {
  const folder = mkdtempSync(join(tmpdir(), 'csv-kit-'));
  const path = join(folder, 'people.csv');
  const load = () => {
    const rows: string[][] = parse(readFileSync(path));
    return rows.slice(1).map(([id = '', name = '', email = '']) => ({
      id,
      fields: { name: name === '' ? null : name, email: email === '' ? null : email } as Fields,
    }));
  };
  const save = (rows: { id: string; fields: Fields }[]) =>
    writeFileSync(
      path,
      stringify([['id', 'name', 'email'], ...rows.map(({ id, fields }) => [id, fields.name, fields.email])]),
    );
  let made = 0;
  save([]);
  return {
    config: { path: folder, ...config },
    fetch: () => Promise.reject(new Error('files need no network')),
    seed: (records) => {
      const rows = records.map(({ fields }) => ({ id: `r${++made}`, fields }));
      save([...load(), ...rows]);
      return rows.map(({ id }) => id);
    },
    edit: (id, fields) =>
      save(load().map((row) => (row.id === id ? { id, fields: { ...row.fields, ...fields } } : row))),
    remove: (id) => save(load().filter((row) => row.id !== id)),
    records: load,
    close: () => rmSync(folder, { recursive: true }),
  };
}

// What nobody allows to be written is only read.
const { write: _, ...reader } = csv;
connectorKit('csv', { ...FILES, connector: reader, start: () => folderOf({}) });

const NO_ANSWER = 'a file has the new content or the old: no answer can be lost on the way';
connectorKit('csv that is written to', {
  ...FILES,
  connector: csv,
  poison: { name: 'a', email: '\ud800' },
  start: () => folderOf({ writable: true }),
  gaps: {
    'a deletion whose answer is lost is never reported as done': NO_ANSWER,
    'a create whose answer is lost is unknown, and can then be found: it is made once': NO_ANSWER,
    'an update whose answer is lost is never reported as done': NO_ANSWER,
  },
});
