/**
 * Salesforce: Contacts, Leads, Accounts, Opportunities and any other sObject, by describe. jsforce makes the
 * calls, over the hub's fetch alone. A write takes 200 ops, the size of a collection; where thousands are due, a
 * Bulk API 2.0 job carries them, if that costs fewer calls (cost.ts).
 */
import type { Connector } from '../contract.ts';
import { account } from './account.ts';
import { Config, type SalesforceConfig } from './config.ts';
import { acknowledgeHook, parseHook, verifyHook } from './hook.ts';
import { people } from './people.ts';
import { askLimits, budgets, observe } from './quota.ts';
import { read } from './read.ts';
import { readOnly } from './readonly.ts';
import { QUERY_PAGE } from './records.ts';
import { discover } from './schema.ts';
import { subscribe } from './subscribe.ts';
import { write } from './write.ts';

export type { SalesforceConfig } from './config.ts';

export const salesforce: Connector<SalesforceConfig> = {
  type: 'salesforce',
  config: Config,
  account,
  discover,
  read,
  readPage: QUERY_PAGE,
  write,
  hook: { verify: verifyHook, parse: parseHook, acknowledge: acknowledgeHook },
  subscribes: (config) => config.changeDataCapture,
  subscribe,
  readOnly,
  people,
  quota: { budgets, observe, ask: askLimits },
};
