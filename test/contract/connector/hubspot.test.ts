import { createHmac } from 'node:crypto';
import type { Inbound } from '../../../connectors/contract.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { createHubspotSandbox } from '../../../connectors/hubspot/sandbox/index.ts';
import { connectorKit } from './kit.ts';

const SECRET = 'client-secret-of-the-app';

/** Signature v3: HMAC-SHA256 over method, address, body and time, in base64. */
function signed(secret: string, at: Date): Inbound {
  const url = 'https://hub.test/hooks/ma';
  const body = JSON.stringify([
    { eventId: 1, subscriptionType: 'contact.propertyChange', objectId: 101, occurredAt: at.getTime() },
  ]);
  const timestamp = String(at.getTime());
  const signature = createHmac('sha256', secret).update(`POST${url}${body}${timestamp}`).digest('base64');
  return {
    method: 'POST',
    url,
    headers: { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': timestamp },
    body: new TextEncoder().encode(body),
  };
}

connectorKit('hubspot', {
  connector: hubspot,
  stream: 'contacts',
  sample: (n) => ({
    lastname: `田中 ${n}`,
    firstname: `太郎${n}`,
    email: `p${n}@example.com`,
    jobtitle: "O'Neill \\ 100%",
  }),
  changed: 'firstname',
  key: 'email',
  many: 450,
  poison: { lastname: '毒', email: 'no address' },
  missingId: '999999999999',
  start: (clock) => {
    const sandbox = createHubspotSandbox({ now: clock.now });
    return {
      config: { accessToken: 'sandbox-token', clientSecret: SECRET, baseUrl: 'https://api.sandbox.test' },
      fetch: async (request) => await sandbox.app.fetch(request),
      seed: (records) => sandbox.seed('contacts', records),
      edit: (id, fields) => sandbox.edit('contacts', id, fields),
      remove: (id) => sandbox.remove('contacts', id),
      records: () => sandbox.records('contacts').filter((record) => !record.deleted),
    };
  },
  hook: { genuine: (at) => signed(SECRET, at), forged: (at) => signed('some-other-secret', at) },
});
