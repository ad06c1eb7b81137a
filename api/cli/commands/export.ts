import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Db, StoreError } from '../../../core/store/db.ts';
import { exportFrom } from '../../../core/store/transfer/export.ts';
import { embeddedFolder, openDatabase } from '../../runtime/store.ts';
import { compressing } from '../../transfer/file.ts';
import type { Command } from '../command.ts';
import type { Session } from '../session.ts';
import { writeWhole } from '../whole.ts';
import { transferring } from './transfer/report.ts';

/** Names, addresses, decisions: for its owner's eyes only. */
const PRIVATE = 0o600;

export const exportCommand: Command = {
  name: 'export',
  usage: 'export FILE',
  summary: 'everything the hub knows into one file, while the hub runs; `import` reads it',
  details: `  FILE   compressed lines of JSON, for every version of Nayose from this one on and for both kinds of database.
         It appears whole or not at all, and only its owner may read it: it holds personal data.
  Sealed secrets stay sealed: keep NAYOSE_KEY elsewhere. Browsers' sessions are not in it.
  A server's hub goes on meanwhile; on the embedded database everything waits until the export has ended.`,
  options: {},
  words: { min: 1, max: 1, missing: "say which file, as in 'nayose export hub.jsonl'" },
  async run(session, { positionals }) {
    const file = resolve(session.cwd, positionals[0]!);
    const started = performance.now();
    const { tables, rows, schema, bytes } = await withDatabase(session, (db) =>
      writeWhole(
        [file],
        async ([draft]) => {
          const packed = compressing((block) => draft!.bytes(block));
          const done = await exportFrom(
            db,
            session.now(),
            (text) => packed.write(text),
            transferring(session, 'export'),
          );
          return { ...done, bytes: await packed.end() };
        },
        PRIVATE,
      ),
    );
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    session.out.result(
      { status: 'complete', file, schema, rows, tables, bytes, seconds },
      `${rows.toLocaleString('en')} rows of ${Object.keys(tables).length} tables (schema ${schema}) are in ${file}: ${bytes.toLocaleString('en')} bytes, ${seconds} s.`,
    );
    return 0;
  },
};

/** The database as it is, of this process or of the hub that runs the command. */
async function withDatabase<T>(session: Session, work: (db: Db) => Promise<T>): Promise<T> {
  if (session.store) return work(session.store.db);
  const { db } = await openExisting(session.env, session.now);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** Throws StoreError where there is no embedded database yet: none is made by looking for it. */
export async function openExisting(env: Session['env'], now: () => Date) {
  if (!env.DATABASE_URL && !existsSync(join(embeddedFolder(env), 'db')))
    throw new StoreError(
      `there is no database in ${embeddedFolder(env)}`,
      'Check NAYOSE_DATA, or set DATABASE_URL where the hub has a server.',
    );
  return openDatabase(env, now);
}
