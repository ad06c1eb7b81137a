import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { benchPostgres, rate, times } from '../databases.ts';
import { type Cost, measured } from '../list/process.ts';

const root = resolve(import.meta.dirname, '../../..');
const LAUNCH = join(root, 'api/cli/launch.mjs');

const HUB = `connections:
  erp: { type: csv, path: ./erp, id: no }
  crm: { type: csv, path: ./crm, id: no, writable: true, columns: { contacts: [no, family, given, email, phone] } }
syncs:
  people: { entity: person, members: [{ mapping: erp, mode: read }, { mapping: crm, create: true }] }
`;
const mapping = (connection: string, object: string) => `connection: ${connection}
object: ${object}
entity: person
fields: { familyName: family, givenName: given, email: email, phone: phone }
`;

/**
 * A first sync of a file into another folder, and a second one, which has to read what the first has written and to write nothing. The
 * database is another process; it is not part of the memory. The yardstick is what a developer would write in an hour: the rows through a table, and
 * out again.
 */
export async function syncFiles(
  folder: string,
  file: string,
  good: number,
  { say, spent }: { say(line: string): void; spent(cost: Cost): string },
): Promise<void> {
  await mkdir(join(folder, 'crm'));
  await mkdir(join(folder, 'mappings'));
  await writeFile(join(folder, 'hub.yaml'), HUB);
  await writeFile(join(folder, 'mappings/erp.yaml'), mapping('erp', 'people'));
  await writeFile(join(folder, 'mappings/crm.yaml'), mapping('crm', 'contacts'));
  const server = await benchPostgres();
  try {
    const env = { DATABASE_URL: server.url };
    const words = [LAUNCH, join(root, 'api/cli/main.ts'), 'sync', '--config', folder, '--json'];
    const sync = async (name: string, expected: { created: number }) => {
      const cost = await measured(words, folder, env, [0, 2]);
      const report = JSON.parse(cost.stdout) as Record<string, number | string>;
      const { status, read, created, updated, golden, unreadable } = report;
      if (created !== expected.created || updated !== 0)
        throw new Error(
          `${name}: ${created} created, ${updated} updated: ${JSON.stringify(report).slice(0, 2000)}`,
        );
      say(
        `${name}: ${status}, ${n(read)} rows read, ${n(unreadable)} set aside, ${n(created)} created, ${n(golden)} golden records; ${spent(cost)}; ${rate(Number(read), cost.seconds * 1000)} rows/s`,
      );
      return cost;
    };
    const first = await sync('sync', { created: good });
    const copy = await measured(
      [LAUNCH, join(root, 'test/bench/csv/copy.ts'), file, join(folder, 'copy.csv')],
      folder,
      env,
    );
    say(
      `  the same rows through a table of the same server, with nothing matched, merged or remembered: ${copy.stdout.trim()}; ${spent(copy)}; ours takes ${times(first.seconds, copy.seconds)}, and ${times(first.megabytes, copy.megabytes)} of the memory`,
    );
    await sync('once more', { created: 0 });
  } finally {
    await server.close();
  }
}

const n = (count: unknown) => Number(count).toLocaleString('en');
