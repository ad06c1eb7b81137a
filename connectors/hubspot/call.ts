import type { ConnectorError, Context } from '../contract.ts';
import { apiException, asFailure } from './errors.ts';

export type Attempt<T> = { ok: true; value: T } | { ok: false; failure: ConnectorError; body: unknown };

/** One call of the client, with its failure as data: for writes, whose rows are told apart by the error's body. */
export async function attempt<T>(
  ctx: Context<unknown>,
  wrote: boolean,
  run: () => Promise<T>,
): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return { ok: false, failure: asFailure(error, wrote, ctx.now()), body: apiException(error).body };
  }
}

/** One reading call of the client. Throws ConnectorError. */
export async function call<T>(ctx: Context<unknown>, run: () => Promise<T>): Promise<T> {
  const answer = await attempt(ctx, false, run);
  if (!answer.ok) throw answer.failure;
  return answer.value;
}

/**
 * The list an answer must have. A proxy's HTML page with status 200 comes out of the client as an object
 * without one, and must not look like an empty answer.
 */
export function results<T>(answer: { results?: T[] } | undefined): T[] {
  if (!Array.isArray(answer?.results)) throw new SyntaxError('no results in the answer');
  return answer.results;
}

/** The same for records, each of which must be one. */
export function recordsIn<T extends { id: string; properties: object }>(
  answer: { results?: T[] } | undefined,
): T[] {
  const found = results(answer);
  for (const record of found)
    if (typeof record?.id !== 'string' || typeof record.properties !== 'object')
      throw new SyntaxError('a result in the answer is not a record');
  return found;
}
