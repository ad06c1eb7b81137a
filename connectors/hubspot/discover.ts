import { ConnectorError, type Context, type Field, type Stream } from '../contract.ts';
import type { HubspotConfig } from './config.ts';
import { MERGEABLE } from './merge.ts';
import { activeOwners } from './owners.ts';
import { HUB_ID, LINK_PREFIX, loadSchema, type ObjectSchema, streamNames } from './schema.ts';
import { fieldType } from './values.ts';

/** HubSpot's batches, for every kind of write. */
export const BATCH = 100;

const LONGEST_TEXT = 65_536;

/** The property of deals that says in which currency the amount is. */
const CURRENCY = 'deal_currency_code';

type Options = NonNullable<Field['options']>;

/**
 * The account's objects. One call each, and one for the custom ones when all are wanted or a name is not
 * standard. Objects that the token may not see are left out, unless they were asked for by name.
 */
export async function discover(ctx: Context<HubspotConfig>, only?: string[]): Promise<Stream[]> {
  const streams: Stream[] = [];
  let owners: Options | undefined;
  for (const name of only ?? (await streamNames(ctx)))
    try {
      const schema = await loadSchema(ctx, name);
      const asks = [...schema.properties.values()].some((property) => property.owner);
      if (asks) owners ??= (await activeOwners(ctx))?.map(({ id, name: label }) => ({ value: id, label }));
      streams.push(describe(schema, owners));
    } catch (error) {
      if (only !== undefined || !(error instanceof ConnectorError) || error.status !== 403) throw error;
      ctx.log.warn(`HubSpot's ${name} are left out: the token may not see them`);
    }
  return streams;
}

function describe(schema: ObjectSchema, owners: Options | undefined): Stream {
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
      ...(property.owner && { owner: true as const }),
      ...(property.currency && { money: true as const }),
      ...(property.name === CURRENCY && { currency: true as const }),
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
