import { Webhook } from 'standardwebhooks';
import type { Inbound } from '../../../connectors/contract.ts';
import { createWebhook } from '../../../connectors/webhook/index.ts';
import { createWebhookSandbox } from '../../../connectors/webhook/sandbox/index.ts';
import { connectorKit } from './kit.ts';

const SECRET = 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0';
const OTHER = 'whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI=';

function signed(secret: string, at: Date): Inbound {
  const body = '{"id":"r1","name":"田中"}';
  return {
    method: 'POST',
    url: 'https://hub.test/hooks/forms',
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
    },
    body: new TextEncoder().encode(body),
  };
}

connectorKit('webhook', {
  connector: createWebhook({ lookup: async () => ['8.8.8.8'] }),
  stream: 'records',
  sample: (n) => ({ name: `名前 ${n}`, email: `p${n}@example.com` }),
  changed: 'name',
  key: 'email',
  many: 3,
  missingId: 'nothing',
  realTime: true,
  start: () => {
    const sandbox = createWebhookSandbox({ secret: SECRET });
    return {
      config: { secret: SECRET, url: 'https://receiver.test/in' },
      fetch: async (request) => await sandbox.app.fetch(request),
      seed: (records) => sandbox.seed('records', records),
      edit: (id, fields) => sandbox.edit('records', id, fields),
      remove: (id) => sandbox.remove('records', id),
      records: () => sandbox.records('records').filter((record) => !record.deleted),
    };
  },
  hook: { genuine: (at) => signed(SECRET, at), forged: (at) => signed(OTHER, at) },
  gaps: {
    'an update of a missing id is gone, and the others of its batch are done':
      'a receiver of webhooks is only told; it has no way to say that it does not hold a record',
  },
});
