import type { Connector } from './contract.ts';

/** The one list of connectors. A new one is one folder and one line here. */
export const CONNECTORS: Record<string, Connector> = {};
