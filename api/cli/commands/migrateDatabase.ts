import { embeddedFolder, openDatabase } from '../../runtime/store.ts';
import { copyDatabase } from '../../transfer/copy.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { openExisting } from './export.ts';
import { transferring } from './transfer/report.ts';

export const migrateDatabaseCommand: Command = {
  name: 'migrate-database',
  usage: 'migrate-database [--to postgres://…]',
  summary: 'the embedded database to a PostgreSQL server, in one step',
  details: `  --to   an empty database of the server; absent: DATABASE_URL, which keeps the password out of the list of processes
  Stop the hub first. The folder (NAYOSE_DATA) stays as it is; all of it arrives, or nothing.`,
  options: { to: { type: 'string' } },
  words: { min: 0, max: 0 },
  async run(session, { values }) {
    const to = (values.to as string | undefined) ?? session.env.DATABASE_URL;
    if (!to) throw new UsageError('say where to: --to postgres://user:password@host:port/database');
    const started = performance.now();
    const { DATABASE_URL: _, ...embedded } = session.env;
    const target = await openDatabase({ ...session.env, DATABASE_URL: to }, session.now);
    try {
      const source = await openExisting(embedded, session.now);
      try {
        const { rows, tables, schema } = await copyDatabase(
          source.db,
          target.db,
          session.now(),
          transferring(session, 'migrate-database'),
        );
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        const from = embeddedFolder(embedded);
        session.out.result(
          { status: 'complete', from, to: target.place, schema, rows, tables, seconds },
          [
            `${rows.toLocaleString('en')} rows of ${Object.keys(tables).length} tables went from ${from} to ${target.place}, ${seconds} s.`,
            'Set DATABASE_URL to that address wherever the hub is started: from then on the server is used.',
            `The folder is as it was, and no longer needed once the hub runs on the server. Do not start a hub on it again: two that know the same records would both write to your tools.`,
          ].join('\n'),
        );
        return 0;
      } finally {
        await source.db.close();
      }
    } finally {
      await target.db.close();
    }
  },
};
