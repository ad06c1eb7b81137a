import type { Inbound } from './contract.ts';

/**
 * Does the address end in this key, as a tool's does that cannot sign? Both are hashed first, so that the time it takes
 * tells nothing of it. An address that cannot be read ends in no key.
 */
export async function addressedWith(request: Inbound, hookKey: string): Promise<boolean> {
  const last = lastPart(request.url);
  if (last === undefined) return false;
  const [given, right] = await Promise.all([hash(last), hash(hookKey)]);
  let difference = 0;
  for (let i = 0; i < right.length; i += 1) difference |= given[i]! ^ right[i]!;
  return difference === 0;
}

function lastPart(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const hash = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
