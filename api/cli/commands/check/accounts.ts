import { existsSync } from 'node:fs';
import { holderOf } from '../../../../core/store/lock.ts';
import { MIGRATIONS } from '../../../../core/store/migrations.ts';
import { schemaOf } from '../../../../core/store/transfer/tables.ts';
import { type Accounts, heldAccounts, noneKnown } from '../../../runtime/accounts.ts';
import { embeddedFolder, openDatabase } from '../../../runtime/store.ts';
import type { Session } from '../../session.ts';

/** The accounts that the hub knows, if it has a database yet and nobody else has its folder open; otherwise what the config says. */
export async function knownAccounts(
  session: Pick<Session, 'env' | 'now' | 'store'>,
): Promise<(connection: string) => Accounts> {
  if (session.store) return heldAccounts(session.store.db);
  const folder = embeddedFolder(session.env);
  const free = existsSync(folder) && (await holderOf(folder)) === undefined;
  if (!session.env.DATABASE_URL && !free) return noneKnown;
  const { db } = await openDatabase(session.env, session.now);
  try {
    return (await schemaOf(db)) < MIGRATIONS.length ? noneKnown : await heldAccounts(db);
  } finally {
    await db.close();
  }
}
