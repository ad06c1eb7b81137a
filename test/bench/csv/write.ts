/** `write.ts FILE`: changes a thousand rows and adds a thousand, in one call of the connector each. */
import { basename, dirname } from 'node:path';
import { csvConfig } from '../../../connectors/csv/config.ts';
import { csv } from '../../../connectors/csv/index.ts';

const OPS = 1000;
const path = process.argv[2]!;
const context = {
  config: csvConfig.parse({ path: dirname(path), id: 'no', writable: true }),
  fetch,
  now: () => new Date(),
  signal: new AbortController().signal,
  log: { debug() {}, info() {}, warn() {} },
};
const stream = basename(path, '.csv');
const changed = await csv.write!(
  context,
  stream,
  Array.from({ length: OPS }, (_, i) => ({
    key: `u${i}`,
    op: 'update' as const,
    id: String(i * 7),
    fields: { given: '葵' },
  })),
);
const added = await csv.write!(
  context,
  stream,
  Array.from({ length: OPS }, (_, i) => ({
    key: `c${i}`,
    op: 'create' as const,
    fields: { family: '新', email: `new${i}@b.example.jp` },
  })),
);
const ok = (outcomes: typeof changed) =>
  outcomes.filter(({ status }) => status === 'ok').length.toLocaleString('en');
process.stdout.write(`${ok(changed)} rows changed, ${ok(added)} added\n`);
