import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { claimKey, type KeptAnswer, keepAnswer, releaseKey } from '../../../core/store/idempotency.ts';
import type { Principal } from '../../auth/principal.ts';
import { hashToken } from '../../auth/tokens.ts';
import type { V1Deps } from '../deps.ts';
import type { Operation } from './operation.ts';
import { badRequest, Refusal } from './refusal.ts';

const KEPT_HEADERS = ['content-type', 'etag', 'location'];

/**
 * Does a POST once for each Idempotency-Key: the same request with the same key gets the first one's answer again. Only what
 * succeeded is remembered; after a refusal or a failure the same key may be tried again.
 */
export async function once(
  c: Context,
  operation: Operation,
  { who, bytes }: { who: Principal; bytes: Uint8Array },
  deps: V1Deps,
  work: () => Promise<Response>,
): Promise<Response> {
  const key = c.req.header('idempotency-key');
  if (key === undefined || operation.method !== 'post') return work();
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw badRequest([
      { where: 'header.Idempotency-Key', message: 'has 1 to 255 letters, digits and signs, without spaces' },
    ]);
  const fingerprint = await hashToken(`${c.req.path}\n${new URL(c.req.url).search}\n${await digest(bytes)}`);
  const claim = await claimKey(deps.db(), { actorId: who.id, key, fingerprint }, deps.now());
  if (claim.state === 'other')
    throw new Refusal(422, 'this Idempotency-Key was used for another request', {
      detail: 'Make a new key for every new request; repeat one only with the very same request.',
    });
  if (claim.state === 'busy')
    throw new Refusal(
      409,
      'the first request with this Idempotency-Key is still being answered',
      { detail: 'Repeat it in a moment.' },
      { 'Retry-After': '1' },
    );
  if (claim.state === 'done') return again(c, claim.answer);
  let response: Response;
  try {
    response = await work();
  } catch (error) {
    await releaseKey(deps.db(), who.id, key);
    throw error;
  }
  if (response.ok) await keepAnswer(deps.db(), who.id, key, await kept(response, operation));
  else await releaseKey(deps.db(), who.id, key);
  return response;
}

async function kept(response: Response, { secretAnswer }: Operation): Promise<KeptAnswer> {
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: secretAnswer ? null : await response.clone().text(),
  };
}

function again(c: Context, { status, headers, body }: KeptAnswer): Response {
  if (body === null)
    throw new Refusal(409, 'this was done already, and its secret is shown only once', {
      detail: 'If the first answer was lost, undo what it made, and ask again with a new key.',
    });
  c.header('Idempotency-Replayed', 'true');
  if (status === 204) return c.body(null, 204);
  return c.body(body, status as ContentfulStatusCode, headers);
}

const digest = async (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource))));
