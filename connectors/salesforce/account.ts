import { z } from 'zod';
import { type Accounts, ConnectorError } from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { isId, to18 } from './ids.ts';
import { query } from './records.ts';
import { tokenOf } from './session.ts';

const ORGANIZATIONS = z.array(z.object({ Id: z.string().refine(isId) })).length(1);

export const account: Accounts<SalesforceConfig> = {
  noun: 'organization',
  key: 'organizationId',
  named: ({ organizationId }) => organizationId && to18(organizationId),
  /** The login tells; a token that was given does not. */
  async ask(ctx) {
    const { organizationId } = await tokenOf(ctx);
    if (organizationId !== undefined) return organizationId;
    const { body } = await query(ctx, 'SELECT Id FROM Organization', false);
    const read = ORGANIZATIONS.safeParse(body.records);
    if (!read.success)
      throw new ConnectorError('transient', 'Salesforce does not tell which organization this is', {
        hint: 'May the user of the connection read the object Organization?',
      });
    return to18(read.data[0]!.Id);
  },
};
