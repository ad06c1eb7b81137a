import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Fields } from '../../../connectors/contract.ts';
import { csv } from '../../../connectors/csv/index.ts';
import { connectorKit } from './kit.ts';

connectorKit('csv', {
  connector: csv,
  network: false,
  stream: 'people',
  sample: (n) => ({ name: `名前, "${n}"\n二行目`, email: `p${n}@example.com` }),
  changed: 'name',
  key: 'email',
  many: 1200,
  missingId: 'nothing',
  start: () => {
    const folder = mkdtempSync(join(tmpdir(), 'csv-kit-'));
    const rows = new Map<string, Fields>();
    let made = 0;
    const save = () =>
      writeFileSync(
        join(folder, 'people.csv'),
        stringify([['id', 'name', 'email'], ...[...rows].map(([id, { name, email }]) => [id, name, email])]),
      );
    save();
    const then = <T>(result: T): T => {
      save();
      return result;
    };
    return {
      config: { path: folder },
      fetch: () => Promise.reject(new Error('files need no network')),
      seed: (records) =>
        then(
          records.map(({ fields }) => {
            const id = `r${++made}`;
            rows.set(id, fields);
            return id;
          }),
        ),
      edit: (id, fields) => then(rows.set(id, { ...rows.get(id), ...fields })),
      remove: (id) => then(rows.delete(id)),
      records: () => [...rows].map(([id, fields]) => ({ id, fields })),
      close: () => rmSync(folder, { recursive: true }),
    };
  },
});
