import { resolve } from 'node:path';
import { StoreError } from '../../../core/store/db.ts';
import { importInto } from '../../../core/store/transfer/import.ts';
import { openDatabase } from '../../runtime/store.ts';
import { readExport } from '../../transfer/file.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { servingAt } from '../session.ts';
import { AFTERWARDS, transferring } from './transfer/report.ts';

export const importCommand: Command = {
  name: 'import',
  usage: 'import FILE',
  summary: 'an export into an empty database: all of it, or nothing',
  details: `  FILE   what 'nayose export' wrote, of this version or an older one, of a server or of an embedded database
  The database (DATABASE_URL, or NAYOSE_DATA) must be new. Counts and checksum are compared before anything is kept.
  Sealed secrets need the NAYOSE_KEY that sealed them. What was being written when the export was made is looked up in the
  tools by the next sync, before it is written again.`,
  options: {},
  words: { min: 1, max: 1, missing: "say which file, as in 'nayose import hub.jsonl'" },
  async run(session, { positionals }) {
    const file = resolve(session.cwd, positionals[0]!);
    const started = performance.now();
    const serving = await servingAt(session.env);
    if (serving !== undefined)
      throw new StoreError(
        `a hub serves this folder at ${serving}`,
        'An import fills a new database, before any hub uses it: give a new folder (NAYOSE_DATA) or a server (DATABASE_URL).',
      );
    const { db, place } = await openDatabase(session.env, session.now);
    try {
      const { rows, tables, schema } = await importInto(
        db,
        readExport(file),
        transferring(session, 'import'),
      ).catch((error: unknown) => {
        throw unreadable(file, error);
      });
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      session.out.result(
        { status: 'complete', file, schema, rows, tables, seconds },
        `${rows.toLocaleString('en')} rows of ${Object.keys(tables).length} tables are in ${place}, ${seconds} s.\n${AFTERWARDS}`,
      );
      return 0;
    } finally {
      await db.close();
    }
  },
};

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

function unreadable(file: string, error: unknown): unknown {
  const why = WHY[(error as NodeJS.ErrnoException).code ?? ''];
  return why === undefined ? error : new UsageError(`${file} cannot be read: ${why}`);
}
