import { z } from 'zod';
import type { Context, Lack, Wanted } from '../contract.ts';
import { postJson } from './api.ts';
import { call } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { STANDARD_OBJECTS } from './schema.ts';

const INFO = z.object({ scopes: z.array(z.string()) });

/** What a private app's token may do with each object. An OAuth token does not tell without being put into an address. */
export async function lacks(ctx: Context<HubspotConfig>, wanted: readonly Wanted[]): Promise<Lack[]> {
  const { accessToken } = ctx.config;
  if (accessToken === undefined) return [];
  const { scopes } = await call(ctx, async () => {
    const read = INFO.safeParse(
      await postJson(ctx, '/oauth/v2/private-apps/get/access-token-info', { tokenKey: accessToken }),
    );
    if (!read.success) throw new SyntaxError('no scopes in the answer');
    return read.data;
  });
  return wanted.flatMap(({ stream, read, write }) =>
    (['read', 'write'] as const).flatMap((what): Lack[] => {
      const scope = scopeFor(stream, what);
      if (!(what === 'read' ? read : write) || scopes.includes(scope)) return [];
      return [
        {
          stream,
          what,
          message: `the token has no scope ${scope}`,
          fix: `Give the app the scope ${scope} (HubSpot: Settings, Integrations, Private Apps) and use the token it then shows.`,
        },
      ];
    }),
  );
}

const scopeFor = (stream: string, what: 'read' | 'write'): string =>
  stream === 'tickets'
    ? 'tickets'
    : `crm.objects.${STANDARD_OBJECTS.includes(stream) ? stream : 'custom'}.${what}`;
