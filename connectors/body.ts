/** A body that ended before its announced length or in the middle of its JSON, or grew past the limit. */
export class BodyError extends Error {
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge: boolean) {
    super(message);
    this.name = 'BodyError';
    this.tooLarge = tooLarge;
  }
}

/**
 * The same response with its whole body in memory, so that whoever reads it later can neither hang nor meet a
 * broken stream. `limit` in bytes. Throws BodyError, or what the stream threw.
 */
export async function bufferResponse(response: Response, limit: number): Promise<Response> {
  const empty = response.body === null || [101, 204, 205, 304].includes(response.status);
  const bytes = empty ? null : await readAll(response, limit);
  if (bytes && response.ok && /\bjson\b/i.test(response.headers.get('content-type') ?? '') && isCut(bytes))
    throw new BodyError('the answer ended in the middle of its JSON', false);
  const copy = new Response(bytes, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
  // A Response made by hand has no address; SDKs resolve relative links and notice redirects by it.
  Object.defineProperty(copy, 'url', { value: response.url });
  Object.defineProperty(copy, 'redirected', { value: response.redirected });
  return copy;
}

async function readAll(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw new BodyError(`the answer is larger than ${limit} bytes`, true);
    }
    chunks.push(value);
  }
  const announced = response.headers.get('content-length');
  // A compressed body is counted before it is unpacked, so its length says nothing here.
  if (announced !== null && !response.headers.has('content-encoding') && size < Number(announced))
    throw new BodyError(`the answer ended after ${size} of ${announced} bytes`, false);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

const CLOSING = new Map([
  ['{', '}'],
  ['[', ']'],
]);

/** Cheap, and sure of what it says: an object or a list that does not end as one. Whoever parses it finds the rest. */
function isCut(bytes: Uint8Array): boolean {
  const at = (n: number) => String.fromCharCode(bytes[n] ?? 0);
  let from = 0;
  let to = bytes.length - 1;
  while (from < to && /\s/.test(at(from))) from++;
  while (to > from && /\s/.test(at(to))) to--;
  const closing = CLOSING.get(at(from));
  return closing !== undefined && (to === from || at(to) !== closing);
}
