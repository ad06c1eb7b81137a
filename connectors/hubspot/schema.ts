import { AssociationTypes } from '@hubspot/api-client/lib/src/enums/AssociationTypes.js';
import { ConnectorError, type Context } from '../contract.ts';
import { apiOf } from './api.ts';
import { call, results } from './call.ts';
import type { HubspotConfig } from './config.ts';
import type { PropertyType } from './values.ts';

export interface Property extends PropertyType {
  name: string;
  label: string;
  options: { value: string; label: string }[];
  writable: boolean;
  unique: boolean;
  owner: boolean;
  currency: boolean;
}

/** How an object is linked to another. `plain`, `primary`: HubSpot's type ids, where it has fixed ones. */
export interface LinkDef {
  to: string;
  plain?: number;
  primary?: number;
}

/** What the connector knows of one object. */
export interface ObjectSchema {
  stream: string;
  /** In paths. */
  type: string;
  label: string;
  /** The property with the time of the last change. */
  modified: string;
  required: string[];
  properties: Map<string, Property>;
  links: LinkDef[];
}

/** The field that names a linked record: `associations.companies`. */
export const LINK_PREFIX = 'associations.';

/** The unique property that the hub keeps its own ids in, where the account has one. */
export const HUB_ID = 'nayose_id';

interface ObjectName {
  stream: string;
  type: string;
  label: string;
  required: string[];
}

const STANDARD: Record<string, { typeId: string; event: string; label: string; required?: string[] }> = {
  contacts: { typeId: '0-1', event: 'contact', label: 'Contacts' },
  companies: { typeId: '0-2', event: 'company', label: 'Companies' },
  deals: { typeId: '0-3', event: 'deal', label: 'Deals' },
  tickets: { typeId: '0-5', event: 'ticket', label: 'Tickets', required: ['hs_pipeline_stage'] },
};

export const STANDARD_OBJECTS: readonly string[] = Object.keys(STANDARD);

const A = AssociationTypes;
const LINKS: Record<string, LinkDef[]> = {
  contacts: [{ to: 'companies', plain: A.contactToCompany, primary: A.primaryContactToCompany }],
  companies: [],
  deals: [
    { to: 'companies', plain: A.dealToCompany, primary: A.primaryDealToCompany },
    { to: 'contacts', plain: A.dealToContact },
  ],
  tickets: [
    { to: 'companies', plain: A.ticketToCompany, primary: A.primaryTicketToCompany },
    { to: 'contacts', plain: A.ticketToContact },
    { to: 'deals', plain: A.ticketToDeal },
  ],
};
const CUSTOM_LINKS: LinkDef[] = [{ to: 'contacts' }, { to: 'companies' }, { to: 'deals' }];

interface Cache {
  schemas: Map<string, ObjectSchema>;
  customs?: ObjectName[];
}
const caches = new WeakMap<HubspotConfig, Cache>();

function cacheOf(config: HubspotConfig): Cache {
  const cache = caches.get(config) ?? { schemas: new Map() };
  caches.set(config, cache);
  return cache;
}

/** The object's schema as last discovered; asked for when it never was. */
export async function schemaOf(ctx: Context<HubspotConfig>, stream: string): Promise<ObjectSchema> {
  return cacheOf(ctx.config).schemas.get(stream) ?? (await loadSchema(ctx, stream));
}

/** Asks HubSpot, and remembers. A stream may be named by its name or, for custom objects, its type id. */
export async function loadSchema(ctx: Context<HubspotConfig>, stream: string): Promise<ObjectSchema> {
  const name = await resolve(ctx, stream);
  const listed = await call(ctx, async () => results(await apiOf(ctx).properties.getAll(name.type)));
  const properties = new Map<string, Property>();
  for (const property of listed)
    if (!property.archived)
      properties.set(property.name, {
        name: property.name,
        label: property.label,
        type: property.type,
        fieldType: property.fieldType,
        options: (property.options ?? []).map(({ value, label }) => ({ value, label })),
        writable: !property.modificationMetadata?.readOnlyValue && !property.calculated,
        unique: isUnique(stream, property.name, property.hasUniqueValue ?? false),
        owner: property.referencedObjectType === 'OWNER',
        currency: property.showCurrencySymbol ?? false,
      });
  const schema: ObjectSchema = {
    ...name,
    stream,
    modified: stream === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate',
    properties,
    links: LINKS[stream] ?? CUSTOM_LINKS,
  };
  cacheOf(ctx.config).schemas.set(stream, schema);
  return schema;
}

/** HubSpot keeps contacts' e-mail addresses unique without saying so in the property. */
const isUnique = (stream: string, name: string, declared: boolean) =>
  declared || name === 'hs_object_id' || (stream === 'contacts' && name === 'email');

async function resolve(ctx: Context<HubspotConfig>, stream: string): Promise<ObjectName> {
  const standard = STANDARD[stream];
  if (standard !== undefined)
    return { stream, type: stream, label: standard.label, required: standard.required ?? [] };
  const customs = await customObjects(ctx);
  const found = customs.find((custom) => custom.stream === stream || custom.type === stream);
  if (found !== undefined) return found;
  const known = [...Object.keys(STANDARD), ...customs.map((custom) => custom.stream)];
  throw new ConnectorError('rejected', `HubSpot has no object ${stream}`, {
    hint: `Name one of ${known.join(', ')}.`,
  });
}

/** Names of all streams. Custom objects are left out when the account or the token does not have them. */
export async function streamNames(ctx: Context<HubspotConfig>): Promise<string[]> {
  delete cacheOf(ctx.config).customs;
  try {
    return [...Object.keys(STANDARD), ...(await customObjects(ctx)).map(({ stream }) => stream)];
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.status !== 403) throw error;
    ctx.log.info('HubSpot custom objects are left out: the token has no scope crm.schemas.custom.read');
    return Object.keys(STANDARD);
  }
}

async function customObjects(ctx: Context<HubspotConfig>): Promise<ObjectName[]> {
  const cache = cacheOf(ctx.config);
  if (cache.customs !== undefined) return cache.customs;
  const schemas = await call(ctx, async () => results(await apiOf(ctx).schemas.getAll()));
  cache.customs = schemas.map((schema) => ({
    stream: schema.name,
    type: schema.objectTypeId ?? schema.fullyQualifiedName ?? schema.name,
    label: schema.labels?.plural ?? schema.name,
    required: schema.requiredProperties ?? [],
  }));
  return cache.customs;
}

/** The stream an event is about: by its type (`contact.creation`) or its type id. */
export function streamOfEvent(
  config: HubspotConfig,
  subject: string,
  typeId: string | undefined,
): string | undefined {
  for (const [stream, { event, typeId: id }] of Object.entries(STANDARD))
    if (event === subject || id === typeId) return stream;
  if (subject !== 'object' || typeId === undefined) return undefined;
  return cacheOf(config).customs?.find((custom) => custom.type === typeId)?.stream ?? typeId;
}
