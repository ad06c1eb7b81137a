import type { Db } from '../../core/store/db.ts';
import { hasAdmin, replaceNamed, saveToken } from '../../core/store/tokens.ts';

/** SHA-256 in hex. A token is long and random, so a plain hash keeps it as secret as a slow one would. */
export async function hashToken(token: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return hex(new Uint8Array(bytes));
}

/** 256 bits from the runtime's own source. */
export function makeToken(): string {
  return `nayose_${hex(crypto.getRandomValues(new Uint8Array(32)))}`;
}

/** Equal? Both are hashed first, so that the time it takes tells nothing of either. */
export async function sameSecret(given: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([hashToken(given), hashToken(right)]);
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

const ENV_NAME = 'NAYOSE_TOKEN';

/**
 * Sees to it that somebody can get in. `given` (NAYOSE_TOKEN) becomes the admin token of that name, its predecessor ends.
 * Without it, and without any admin token yet, one is made and returned: to be shown once, since only its hash is kept.
 */
export async function firstToken(db: Db, given: string | undefined, now: Date): Promise<string | undefined> {
  const row = async (token: string, name: string) => ({
    hash: await hashToken(token),
    name,
    role: 'admin' as const,
    expiresAt: null,
  });
  if (given) {
    await replaceNamed(db, await row(given, ENV_NAME), now);
    return undefined;
  }
  if (await hasAdmin(db, now)) return undefined;
  const token = makeToken();
  await saveToken(db, await row(token, 'first'), now);
  return token;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
