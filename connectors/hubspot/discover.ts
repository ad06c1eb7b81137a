import { ConnectorError, type Context, type Field, type Stream } from '../contract.ts';
import { apiOf } from './api.ts';
import { call, results } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { MERGEABLE } from './merge.ts';
import { HUB_ID, LINK_PREFIX, loadSchema, type ObjectSchema, streamNames } from './schema.ts';
import { fieldType } from './values.ts';

/** HubSpot's batches, for every kind of write. */
export const BATCH = 100;

const LONGEST_TEXT = 65_536;

/**
 * The account's objects. One call each, and one for the custom ones when all are wanted or a name is not
 * standard. Objects that the token may not see are left out, unless they were asked for by name.
 */
export async function discover(ctx: Context<HubspotConfig>, only?: string[]): Promise<Stream[]> {
  const streams: Stream[] = [];
  let owners: Owners | undefined;
  for (const name of only ?? (await streamNames(ctx)))
    try {
      const schema = await loadSchema(ctx, name);
      const asks = [...schema.properties.values()].some((property) => property.owner);
      if (asks) owners ??= await activeOwners(ctx);
      streams.push(describe(schema, owners));
    } catch (error) {
      if (only !== undefined || !(error instanceof ConnectorError) || error.status !== 403) throw error;
      ctx.log.warn(`HubSpot's ${name} are left out: the token may not see them`);
    }
  return streams;
}

function describe(schema: ObjectSchema, owners: Owners | undefined): Stream {
  const properties = [...schema.properties.values()];
  const unique = properties.filter((p) => p.unique && p.name !== 'hs_object_id').map((p) => p.name);
  const hubId = unique.includes(HUB_ID);
  const fields = properties.map((property): Field => {
    const type = fieldType(property.name, property);
    const options = property.owner ? owners : property.options;
    return {
      name: property.name,
      label: property.label,
      type: property.owner && options === undefined ? 'text' : type,
      ...(type === 'text' && { length: LONGEST_TEXT }),
      ...((type === 'option' || type === 'options') && options !== undefined && { options }),
      required: schema.required.includes(property.name),
      writable: property.writable,
      unique: property.unique,
    };
  });
  for (const { to } of schema.links)
    fields.push({
      name: `${LINK_PREFIX}${to}`,
      label: `Associated ${to}`,
      type: 'reference',
      references: [to],
      separate: true,
      required: false,
      writable: true,
      unique: false,
    });
  return {
    name: schema.stream,
    label: schema.label,
    fields,
    read: {
      incremental: true,
      deletes: 'feed',
      merges: true,
      whose: true,
      ...(schema.type === MERGEABLE ? { mergesFill: true } : {}),
      lookupBy: ['hs_object_id', ...unique.sort((a, b) => Number(b === HUB_ID) - Number(a === HUB_ID))],
    },
    write: {
      ops: ['create', 'update', 'delete', ...(schema.type === MERGEABLE ? (['merge'] as const) : [])],
      maxBatch: BATCH,
      /*
       * Creates go by batch create, not by upsert on the hub's id: HubSpot refuses a second record with the same
       * unique value just the same, and only create takes associations along, which halves the calls.
       */
      idempotency: hubId ? 'external-id' : 'lookup',
    },
  };
}

type Owners = { value: string; label: string }[];

/** Values that an owner property takes: inactive owners are refused. Unknown without the scope for it. */
async function activeOwners(ctx: Context<HubspotConfig>): Promise<Owners | undefined> {
  const owners: Owners = [];
  let after: string | undefined;
  try {
    do {
      const page = await call(ctx, async () => {
        const answer = await apiOf(ctx).owners.getPage(undefined, after, 500, false);
        return { found: results(answer), next: answer.paging?.next?.after };
      });
      for (const owner of page.found)
        owners.push({
          value: owner.id,
          label: [owner.firstName, owner.lastName].filter(Boolean).join(' ') || owner.id,
        });
      after = page.next;
    } while (after !== undefined);
    return owners;
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.status !== 403) throw error;
    ctx.log.info('HubSpot owners are not shown as options: the token has no scope crm.objects.owners.read');
    return undefined;
  }
}
