import { expect, test } from 'vitest';
import { ConnectorError, type Vault } from '../../../connectors/contract.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { type Bench, bench } from './harness.ts';

const memory = (kept = new Map<string, string>()): Vault & { kept: Map<string, string> } => ({
  kept,
  get: async (name) => kept.get(name),
  put: async (name, value) => void kept.set(name, value),
});

/** A process of its own: another config object, and so a login of its own. */
const processOn = (b: Bench, vault: Vault | undefined, refreshToken = b.sandbox.credentials.refreshToken) => {
  const { clientId } = b.sandbox.credentials;
  const ctx = b.context({ loginUrl: b.url, auth: { grant: 'refresh_token', clientId, refreshToken } });
  const own = vault ? { ...ctx, vault } : ctx;
  return () => salesforce.read!(own, 'Contact', { since: null }, []);
};

test('a rotated token outlives the process: the next one logs in with what was kept, without a warning', async () => {
  await using b = await bench({ rotateRefreshTokens: true });
  const configured = b.sandbox.credentials.refreshToken;
  const vault = memory();
  await processOn(b, vault)();
  b.sandbox.expireTokens();
  await processOn(b, vault, configured)();
  expect(vault.kept.size).toBe(1);
  expect(b.logged.join()).not.toContain('NAYOSE_KEY');
  await expect(processOn(b, undefined, configured)()).rejects.toThrow(/invalid_grant/);
});

test('two processes take turns: each finds what the other kept', async () => {
  await using b = await bench({ rotateRefreshTokens: true });
  const vault = memory();
  const [one, other] = [processOn(b, vault), processOn(b, vault)];
  for (const read of [one, other, one, other]) {
    b.sandbox.expireTokens();
    expect(await read()).toMatchObject({ done: true });
  }
});

test('a token that another process used up meanwhile: what that one kept is tried then', async () => {
  await using b = await bench({ rotateRefreshTokens: true });
  const configured = b.sandbox.credentials.refreshToken;
  const vault = memory();
  await processOn(b, vault, configured)();
  let looks = 0;
  const late: Vault = {
    ...vault,
    get: async (name) => (looks++ === 0 ? undefined : vault.get(name)),
  };
  expect(await processOn(b, late, configured)()).toMatchObject({ done: true });
  expect(looks).toBe(2);
});

test('a new token in the config begins anew: what was kept of the old one is not used', async () => {
  await using b = await bench({ rotateRefreshTokens: true });
  const vault = memory();
  await processOn(b, vault)();
  const [[name, text]] = [...vault.kept] as [[string, string]];
  vault.kept.set(name, text.replace(/"token":"[^"]*"/, '"token":"stale"'));
  // As a person gives it after a new login: the sandbox knows it as the only valid one.
  const current = b.sandbox.credentials.refreshToken;
  expect(await processOn(b, vault, current)()).toMatchObject({ done: true });
});

test('a vault that fails is told as such; the process goes on with the token it has', async () => {
  await using b = await bench({ rotateRefreshTokens: true });
  const vault = memory();
  let broken = true;
  const failing: Vault = {
    get: vault.get,
    put: async (name, value) => {
      if (broken) throw new Error('the database does not answer');
      await vault.put(name, value);
    },
  };
  const read = processOn(b, failing);
  const error = await read().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectorError);
  expect(error).toMatchObject({ kind: 'transient' });
  expect((error as Error).message).toContain('could not be kept');
  broken = false;
  expect(await read()).toMatchObject({ done: true });
  expect(vault.kept.size).toBe(1);
  const unreadable: Vault = { ...vault, get: () => Promise.reject(new Error('sealed with another key')) };
  await expect(processOn(b, unreadable)()).rejects.toThrow('could not be read: sealed with another key');
});
