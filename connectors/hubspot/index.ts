import type { Connector } from '../contract.ts';
import { account } from './account.ts';
import { readOnly } from './api.ts';
import { type HubspotConfig, hubspotConfig } from './config.ts';
import { discover } from './discover.ts';
import { messageId, parse, verify } from './hook.ts';
import { people } from './owners.ts';
import { budgets, observe } from './quota.ts';
import { LIST_PAGE, read } from './read.ts';
import { lacks } from './scopes.ts';
import { askUsage } from './usage.ts';
import { write } from './write.ts';

/** HubSpot: contacts, companies, deals, tickets and custom objects, with associations as references. */
export const hubspot: Connector<HubspotConfig> = {
  type: 'hubspot',
  config: hubspotConfig,
  account,
  discover,
  read,
  readPage: LIST_PAGE,
  write,
  hook: { verify, parse, id: messageId },
  readOnly,
  lacks,
  people,
  quota: { budgets, observe, ask: askUsage },
};
