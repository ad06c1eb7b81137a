import { z } from 'zod';
import type { Accounts } from '../contract.ts';
import { getJson } from './api.ts';
import { call } from './call.ts';
import type { HubspotConfig } from './config.ts';

const DETAILS = z.object({ portalId: z.number().int().positive() });

export const account: Accounts<HubspotConfig> = {
  noun: 'portal',
  key: 'portalId',
  named: ({ portalId }) => portalId,
  async ask(ctx) {
    const { portalId } = await call(ctx, async () => {
      const read = DETAILS.safeParse(await getJson(ctx, '/account-info/v3/details'));
      if (!read.success) throw new SyntaxError('no portalId in the answer');
      return read.data;
    });
    return String(portalId);
  },
};
