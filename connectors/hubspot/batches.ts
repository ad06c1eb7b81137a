import type { Attempt } from './call.ts';
import { type RowFailure, rowFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';

/** One record to be written. `trace`: unique in its batch; the answer names it beside each result and error. */
export interface Row {
  key: string;
  trace: string;
  properties: Record<string, string>;
}

/** What a batch answered, apart from records: errors of single rows in a 207. */
export interface Answer<T> {
  found: T[];
  errors: object[];
}

/**
 * Sends rows as one batch. Where HubSpot refuses the whole batch for the sake of some rows, sends it again
 * without them: at once when the error names a property that nobody can write, by halves otherwise. A refused batch has
 * written nothing, so nothing is written twice.
 */
export async function sendIsolated<R extends Row, T>(
  rows: R[],
  ledger: Ledger,
  send: (rows: R[]) => Promise<Attempt<Answer<T>>>,
  settle: (rows: R[], answer: Answer<T>) => void,
  refuse: (row: R, failure: RowFailure) => void,
): Promise<void> {
  if (rows.length === 0 || ledger.stopped) return;
  const answer = await send(rows);
  if (answer.ok) return settle(rows, answer.value);
  const { kind } = answer.failure;
  if (kind !== 'rejected' && kind !== 'conflict' && kind !== 'gone')
    return ledger.failAll(
      rows.map(({ key }) => key),
      answer.failure,
    );
  const failure = rowFailure(answer.body);
  if (rows.length === 1) return refuse(rows[0]!, failure);
  const again = (part: R[]) => sendIsolated(part, ledger, send, settle, refuse);
  const bad = failure.hopeless ? rows.filter((row) => carries(row, failure)) : [];
  if (bad.length > 0) {
    for (const row of bad)
      refuse(row, { ...failure, fields: failure.fields!.filter((f) => f in row.properties) });
    return await again(rows.filter((row) => !bad.includes(row)));
  }
  const middle = rows.length >> 1;
  await again(rows.slice(0, middle));
  await again(rows.slice(middle));
}

const carries = (row: Row, { fields }: RowFailure) => (fields ?? []).some((field) => field in row.properties);

/** Errors of a 207 by the trace id that each names. */
export function byTrace(errors: object[]): Map<string, RowFailure> {
  const found = new Map<string, RowFailure>();
  for (const error of errors) {
    const { context } = error as { context?: { objectWriteTraceId?: unknown } };
    for (const trace of [context?.objectWriteTraceId ?? []].flat())
      found.set(String(trace), rowFailure(error));
  }
  return found;
}

/** Ids that a 207 says are not there. */
export function idsNotFound(errors: object[]): Set<string> {
  const ids = errors.flatMap((error) => {
    if (rowFailure(error).kind !== 'gone') return [];
    const { context } = error as { context?: { ids?: unknown } };
    return [context?.ids ?? []].flat().map(String);
  });
  return new Set(ids);
}
