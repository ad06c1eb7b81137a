import { createHubspotSandbox, type HubspotSandbox } from '../../connectors/hubspot/sandbox/index.ts';
import {
  createSalesforceSandbox,
  type SalesforceSandbox,
} from '../../connectors/salesforce/sandbox/index.ts';
import { serveSandbox } from '../../connectors/serve.ts';

export interface Served {
  salesforce: SalesforceSandbox;
  hubspot: HubspotSandbox;
  salesforceUrl: string;
  hubspotUrl: string;
  /** What the config folder's ${NAME}s stand for. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export interface SandboxOptions {
  salesforce?: Parameters<typeof createSalesforceSandbox>[0];
  hubspot?: Parameters<typeof createHubspotSandbox>[0];
}

/** A Salesforce and a HubSpot on free loopback ports, for the demo and the tests. */
export async function serveSandboxes(options: SandboxOptions = {}): Promise<Served> {
  const salesforce = createSalesforceSandbox({
    clientId: 'sandbox-client',
    clientSecret: 'sandbox-client-secret',
    ...options.salesforce,
  });
  const hubspot = createHubspotSandbox({ accessToken: 'sandbox-access-token', ...options.hubspot });
  const [sf, hs] = await Promise.all([serveSandbox(salesforce.app), serveSandbox(hubspot.app)]);
  return {
    salesforce,
    hubspot,
    salesforceUrl: sf.url,
    hubspotUrl: hs.url,
    env: {
      SF_ID: 'sandbox-client',
      SF_SECRET: 'sandbox-client-secret',
      HUBSPOT_TOKEN: 'sandbox-access-token',
      HUBSPOT_SECRET: 'sandbox-webhook-secret',
    },
    close: async () => {
      await Promise.all([sf.close(), hs.close()]);
    },
  };
}
