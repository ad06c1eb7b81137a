import { ConnectorError } from '../../connectors/contract.ts';
import { readAnew } from '../store/cursors.ts';
import type { Engine, Tool } from './ports.ts';

/**
 * Called before anything is written: what waits was meant for the account that the hub has read. Where another has taken its place (a
 * person said so), nothing goes there before its streams are read to their end, when it is known what of it is still to be written.
 * `mappings`: of these streams. Throws ConnectorError then, and when the tool does not tell its account.
 */
export async function sameAccount(
  { db, dry }: Pick<Engine, 'db' | 'dry'>,
  tool: Pick<Tool, 'name' | 'account'>,
  mappings: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (!tool.account) return;
  // A plan has asked as it began to read: its transaction keeps others from the database.
  if (!dry) await tool.account(signal);
  if ((await readAnew(db, mappings)).length === 0) return;
  throw new ConnectorError(
    'rejected',
    `another account took the place of the one behind ${tool.name}, and has not been read to its end yet: nothing is written there before`,
    { hint: 'The next run reads it; what is still to be written then goes out.' },
  );
}
