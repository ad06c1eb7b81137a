import type { InboxRow } from '../store/inbox.ts';
import type { Tool } from './ports.ts';

export interface Sifted {
  /** The same rows, without what is of other accounts. */
  rows: InboxRow[];
  /** Changes that were left out, by row and account. */
  strangers: Map<string, string[]>;
}

/**
 * A tool may sign the messages of all its accounts with one secret, so a message that verifies need not be of the connection's own, and
 * ids of one account mean other records in another. Throws ConnectorError when the tool does not tell which account is its own: nobody
 * can say then whose the messages are, and they wait.
 */
export async function withoutStrangers(
  tool: Tool | undefined,
  rows: InboxRow[],
  signal: AbortSignal,
): Promise<Sifted> {
  const strangers = new Map<string, string[]>();
  if (!tool?.account || !rows.some(({ changes }) => changes.some(({ account }) => account !== undefined)))
    return { rows, strangers };
  const own = await tool.account(signal);
  const sifted = rows.map((row) => {
    const others = row.changes.flatMap(({ account }) =>
      account === undefined || account === own ? [] : [account],
    );
    if (others.length === 0) return row;
    strangers.set(row.id, others);
    return { ...row, changes: row.changes.filter(({ account }) => account === undefined || account === own) };
  });
  return { rows: sifted, strangers };
}

/** How many changes of each account, of the rows that are done. */
export function countStrangers(
  strangers: ReadonlyMap<string, string[]>,
  finished: ReadonlySet<string>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [id, accounts] of strangers)
    if (finished.has(id)) for (const account of accounts) counts.set(account, (counts.get(account) ?? 0) + 1);
  return counts;
}
