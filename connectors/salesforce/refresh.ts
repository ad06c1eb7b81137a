/**
 * Refresh tokens that Salesforce replaces with each use (rotation): the newest one must outlive the process, or the
 * connection is lost at the next start.
 */
import { z } from 'zod';
import { ConnectorError, type Context } from '../contract.ts';

const NAME = 'refreshToken';

/** `of` tells which configured token it descends from: a new one in the config begins anew. */
const Kept = z.object({ of: z.string(), token: z.string().min(1) });

interface Holder {
  refreshToken: string | undefined;
}

/** The token to use now: one that could not be kept, the one kept by whichever process used it last, or the config's. */
export async function newestRefreshToken(ctx: Context, holder: Holder, configured: string): Promise<string> {
  if (holder.refreshToken !== undefined) return holder.refreshToken;
  const text = await ctx.vault?.get(NAME).catch(unkept('could not be read'));
  if (text === undefined) return configured;
  const kept = Kept.parse(JSON.parse(text));
  return kept.of === (await mark(configured)) ? kept.token : configured;
}

/**
 * Asks with the newest token. Another process may have used it up meanwhile: what that one kept is tried then, once.
 */
export async function withRefreshToken<T>(
  newest: () => Promise<string>,
  ask: (token: string) => Promise<T>,
): Promise<T> {
  const first = await newest();
  try {
    return await ask(first);
  } catch (error) {
    if ((error as Error).name !== 'invalid_grant') throw error;
    const other = await newest();
    if (other === first) throw error;
    return ask(other);
  }
}

/** Salesforce gave a new token in place of the one used. */
export async function keepRefreshToken(
  ctx: Context,
  holder: Holder,
  configured: string,
  token: string,
): Promise<void> {
  // First of all here: should the vault fail, this process at least can go on.
  holder.refreshToken = token;
  if (!ctx.vault) {
    ctx.log.warn(
      'salesforce: this connected app rotates refresh tokens. The new one is kept only while this process runs: set NAYOSE_KEY so that the hub can keep it encrypted, turn rotation off, or use client_credentials.',
    );
    return;
  }
  const text = JSON.stringify({ of: await mark(configured), token });
  await ctx.vault.put(NAME, text).catch(unkept('could not be kept'));
  holder.refreshToken = undefined;
}

const unkept = (what: string) => (error: unknown) => {
  throw new ConnectorError(
    'transient',
    `salesforce: the refresh token ${what}: ${(error as Error).message}`,
    {
      hint: (error as { hint?: string }).hint ?? 'Is the hub’s database reachable?',
      cause: error,
    },
  );
};

/** Tells configured tokens apart without holding them. */
async function mark(configured: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(configured));
  return Array.from(new Uint8Array(bytes).slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
