import { z } from 'zod';
import {
  type Change,
  ConnectorError,
  type Context,
  eitherTouch,
  type Inbound,
  type Told,
} from '../contract.ts';
import { addressedWith } from '../hookkey.ts';
import { isStorable } from '../time.ts';
import type { HubspotConfig } from './config.ts';
import { streamOfEvent } from './schema.ts';
import { signedByHubspot } from './signature.ts';

const id = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String);

const events = z.array(
  z.looseObject({
    subscriptionType: z.string(),
    portalId: id.optional(),
    occurredAt: z.number().optional(),
    objectTypeId: z.string().optional(),
    objectId: id.optional(),
    propertyName: z.string().optional(),
    fromObjectId: id.optional(),
    newObjectId: id.optional(),
    primaryObjectId: id.optional(),
    mergedObjectIds: z.array(id).optional(),
    changeSource: z.string().optional(),
    sourceId: z.union([z.string(), z.number()]).transform(String).optional(),
  }),
);
type Event = z.infer<typeof events>[number];

/** With the app's client secret only what it signed is believed; without it, only the secret address. */
export async function verify(request: Inbound, ctx: Context<HubspotConfig>): Promise<boolean> {
  const { clientSecret, hookKey } = ctx.config;
  if (clientSecret !== undefined) return await signedByHubspot(request, clientSecret, ctx.now());
  return hookKey !== undefined && (await addressedWith(request, hookKey));
}

/** The signature covers the time and the whole batch, so only a replay has the same. */
export function messageId(request: Inbound, { config }: Context<HubspotConfig>): string | undefined {
  if (config.clientSecret === undefined) return undefined;
  return new Headers(request.headers).get('x-hubspot-signature-v3') ?? undefined;
}

/**
 * Events are hints: they come twice, late and in any order, so what they lead to is a look at the record. That
 * holds for deletions too, since one fires for the losers of a merge: the look tells which it was. A merge names its
 * winner and is believed; a privacy deletion leaves nothing to look at. Both only of an event that says of which portal it is: one
 * secret signs for all portals of an app. Our own writes' echoes are dropped.
 */
export function parse(request: Inbound, ctx: Context<HubspotConfig>): Told[] {
  const changes = new Map<string, Told>();
  for (const event of read(request)) {
    const [subject = '', what = ''] = event.subscriptionType.split('.');
    const stream = streamOfEvent(ctx.config, subject, event.objectTypeId);
    if (stream === undefined || isEcho(event, ctx.config)) continue;
    const occurred = new Date(event.occurredAt ?? Number.NaN);
    const at = (isStorable(occurred) ? occurred : ctx.now()).toISOString();
    const account = event.portalId;
    const put = (change: Change) => {
      const key = `${account}/${change.stream}/${change.id}`;
      const before = changes.get(key);
      const told: Told = account === undefined ? change : { ...change, account };
      if (before === undefined) changes.set(key, told);
      else if (before.op === 'touch')
        changes.set(key, told.op === 'touch' ? eitherTouch(before, told) : told);
    };
    if (what === 'merge' && event.newObjectId !== undefined) {
      const into = { stream, id: event.newObjectId };
      for (const loser of new Set([event.primaryObjectId, event.objectId, ...(event.mergedObjectIds ?? [])]))
        if (loser !== undefined && loser !== into.id)
          put({ stream, id: loser, at, ...(account ? { op: 'merge', into } : { op: 'touch' }) });
      put({ ...into, at, op: 'touch' });
      continue;
    }
    const about = event.objectId ?? event.fromObjectId;
    if (about === undefined) continue;
    if (what === 'privacyDeletion')
      put({ stream, id: about, at, ...(account ? { op: 'delete' } : { op: 'touch', deleted: true }) });
    else if (what === 'propertyChange' && event.propertyName !== undefined)
      put({ stream, id: about, at, op: 'touch', fields: [event.propertyName] });
    else put({ stream, id: about, at, op: 'touch', ...(what === 'deletion' ? { deleted: true } : {}) });
  }
  return [...changes.values()];
}

function read(request: Inbound): Event[] {
  const refuse = () => new ConnectorError('rejected', 'the body is not a list of HubSpot events');
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch {
    // What the parser says quotes the body, which names people.
    throw refuse();
  }
  const result = events.safeParse(body);
  if (!result.success) throw refuse();
  return result.data;
}

const isEcho = (event: Event, config: HubspotConfig) =>
  config.appId !== undefined && event.changeSource === 'INTEGRATION' && event.sourceId === config.appId;
