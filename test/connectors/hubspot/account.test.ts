import { expect, test } from 'vitest';
import type { Context } from '../../../connectors/contract.ts';
import type { HubspotConfig } from '../../../connectors/hubspot/config.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { createHubspotSandbox } from '../../../connectors/hubspot/sandbox/index.ts';

const contextOf = (app: {
  request(request: Request): Response | Promise<Response>;
}): Context<HubspotConfig> => ({
  config: hubspot.config.parse({ accessToken: 'sandbox-token', baseUrl: 'http://sandbox.test' }),
  fetch: async (input, init) => app.request(new Request(input, init)),
  now: () => new Date(),
  signal: AbortSignal.timeout(20_000),
  log: { debug() {}, info() {}, warn() {} },
});

test('account-info tells the portal in one call, whatever the scopes of the token', async () => {
  const { app, books } = createHubspotSandbox({ portalId: 4_711, scopes: [] });
  expect(await hubspot.account!.ask(contextOf(app))).toBe('4711');
  expect(books.calls).toBe(1);
});

test('an answer without a portal is no portal', async () => {
  const app = { request: () => Response.json({ accountType: 'STANDARD' }) };
  await expect(hubspot.account!.ask(contextOf(app))).rejects.toMatchObject({ kind: 'transient' });
});

test('the config may name it as a number or a text of digits', () => {
  const named = (portalId: unknown) =>
    hubspot.account!.named(hubspot.config.parse({ accessToken: 'x', portalId }));
  expect([named(undefined), named(4711), named('4711')]).toEqual([undefined, '4711', '4711']);
  expect(() => named('my portal')).toThrow('digits only');
});
