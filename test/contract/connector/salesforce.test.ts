import type { Inbound } from '../../../connectors/contract.ts';
import { signHook } from '../../../connectors/salesforce/hook.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { createSalesforceSandbox } from '../../../connectors/salesforce/sandbox/index.ts';
import { connectorKit } from './kit.ts';

const SECRET = 'a-secret-of-the-flow';

async function signed(secret: string, at: Date): Promise<Inbound> {
  const body = '{"object":"Contact","ids":["003000000000001AAA"]}';
  return {
    method: 'POST',
    url: 'https://hub.test/hooks/crm',
    headers: await signHook(secret, body, at),
    body: new TextEncoder().encode(body),
  };
}

connectorKit('salesforce', {
  connector: salesforce,
  stream: 'Contact',
  sample: (n) => ({
    LastName: `田中 ${n}`,
    FirstName: `太郎${n}`,
    Email: `p${n}@example.com`,
    Title: "O'Neill \\ 100%",
  }),
  changed: 'FirstName',
  key: 'Email',
  many: 4100,
  poison: { LastName: '毒', Email: 'no address' },
  missingId: '0039x0000000001AAA',
  login: (url) => url.pathname.startsWith('/services/oauth2/'),
  start: (clock) => {
    const sandbox = createSalesforceSandbox({ now: clock.now });
    const { clientId, clientSecret } = sandbox.credentials;
    return {
      config: {
        loginUrl: 'https://login.sandbox.test',
        auth: { grant: 'client_credentials', clientId, clientSecret },
        hookSecret: SECRET,
      },
      fetch: async (request) => await sandbox.app.fetch(request),
      seed: (records) => sandbox.seed('Contact', records),
      edit: (id, fields) => sandbox.edit('Contact', id, fields),
      remove: (id) => sandbox.remove('Contact', id),
      records: () => sandbox.records('Contact').filter((record) => !record.deleted),
    };
  },
  hook: { genuine: (at) => signed(SECRET, at), forged: (at) => signed('some-other-secret', at) },
});
