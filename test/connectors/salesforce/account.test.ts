import { expect, test } from 'vitest';
import type { ConnectorError } from '../../../connectors/contract.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { createSalesforceSandbox } from '../../../connectors/salesforce/sandbox/index.ts';
import { bench } from './harness.ts';

const [ONE, OTHER] = ['00D5g0000000001EAA', '00D5g0000000002EAA'];
const ask = salesforce.account!.ask;

test('the login tells the organization, without a call; a token that was given takes one query', async () => {
  await using b = await bench({ organizationId: ONE });
  expect(await ask(b.ctx)).toBe(ONE);
  expect(b.calls()).toBe(0);

  const login = await fetch(`${b.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: b.sandbox.credentials.clientId,
      client_secret: b.sandbox.credentials.clientSecret,
    }),
  });
  const { access_token: accessToken } = (await login.json()) as { access_token: string };
  const given = b.context({ auth: { grant: 'token', accessToken, instanceUrl: b.url } });
  expect(await ask(given)).toBe(ONE);
  expect(b.calls()).toBe(1);
});

test('the config may name it in either form', () => {
  const named = (organizationId?: string) =>
    salesforce.account!.named(
      salesforce.config.parse({
        auth: { grant: 'client_credentials', clientId: 'a', clientSecret: 'b' },
        organizationId,
      }),
    );
  expect([named(), named(ONE), named(ONE.slice(0, 15))]).toEqual([undefined, ONE, ONE]);
});

test('a login that leads to another organization while the process runs is refused: nothing is read there', async () => {
  const boxes = [ONE, OTHER].map((organizationId) => createSalesforceSandbox({ organizationId }));
  boxes[1]!.seed('Contact', [{ fields: { LastName: 'Somebody else' } }]);
  let current = 0;
  await using b = await bench();
  const ctx = b.context(
    {
      loginUrl: 'http://sandbox.test',
      auth: { grant: 'client_credentials', clientId: 'sandbox-client', clientSecret: 'sandbox-secret' },
    },
    { fetch: async (input, init) => boxes[current]!.app.request(new Request(input, init)) },
  );
  const read = () => salesforce.read!(ctx, 'Contact', { since: null }, ['LastName']);
  expect((await read()).changes).toEqual([]);
  current = 1;
  const error: ConnectorError = await read().then(
    () => expect.fail('it was read'),
    (failure) => failure,
  );
  expect([error.kind, error.message]).toEqual([
    'auth',
    `the login now leads to organization ${OTHER}, and led to ${ONE} before`,
  ]);
  current = 0;
  expect((await read()).changes).toEqual([]);
});
