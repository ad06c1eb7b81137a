import type { Connector } from './contract.ts';
import { csv } from './csv/index.ts';
import { hubspot } from './hubspot/index.ts';
import { salesforce } from './salesforce/index.ts';
import { webhook } from './webhook/index.ts';

/** The one list of connectors. A new one is one folder and one line here. */
export const CONNECTORS: Record<string, Connector> = {
  csv,
  webhook,
  salesforce,
  hubspot,
};
