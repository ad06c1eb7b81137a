/** From Salesforce's describe to the hub's streams. */
import { z } from 'zod';
import {
  ConnectorError,
  type Context,
  type Field,
  type FieldType,
  type Op,
  type Stream,
  type WriteAbility,
} from '../contract.ts';
import type { SalesforceConfig } from './config.ts';
import { COLLECTION, jobFrom, LARGEST_JOB, paceOf, takesJobs } from './cost.ts';
import { call } from './session.ts';
import { identifier } from './soql.ts';

const DescribedField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number().default(0),
  scale: z.number().default(0),
  nillable: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  defaultedOnCreate: z.boolean().default(false),
  /** A formula's default is not told here. */
  defaultValue: z.union([z.string(), z.number(), z.boolean()]).nullish(),
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
  filterable: z.boolean().default(true),
  picklistValues: z
    .array(
      z.object({
        value: z.string(),
        label: z.string().nullish(),
        active: z.boolean(),
        defaultValue: z.boolean().default(false),
      }),
    )
    .default([]),
  restrictedPicklist: z.boolean().default(false),
  referenceTo: z.array(z.string()).default([]),
});
const Described = z.object({
  name: z.string(),
  label: z.string(),
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean(),
  queryable: z.boolean(),
  fields: z.array(DescribedField),
  /** `available`: to the connection's user. The master stands for having none. */
  recordTypeInfos: z
    .array(
      z.object({
        recordTypeId: z.string().nullish(),
        name: z.string(),
        available: z.boolean(),
        master: z.boolean(),
        active: z.boolean().default(true),
      }),
    )
    .default([]),
});
export type Described = z.infer<typeof Described>;
type DescribedField = z.infer<typeof DescribedField>;

const Global = z.object({
  sobjects: z.array(
    z.object({ name: z.string(), custom: z.boolean(), queryable: z.boolean(), createable: z.boolean() }),
  ),
});

const STANDARD = ['Account', 'Contact', 'Lead', 'Opportunity', 'User'];
/** A job carries far more, but its answer has to come within one step of the hub. */

const cache = new WeakMap<object, Map<string, Described>>();

/** The last describe of this connection, or a fresh one: one call an object while the process lives. */
export async function described(ctx: Context<SalesforceConfig>, object: string): Promise<Described> {
  return cache.get(ctx.config)?.get(object) ?? describe(ctx, object);
}

/** Asks Salesforce, and remembers. */
export async function describe(ctx: Context<SalesforceConfig>, object: string): Promise<Described> {
  const { body } = await call(ctx, (connection) => connection.describe(identifier(object, false)));
  const parsed = Described.safeParse(body);
  if (!parsed.success)
    throw new ConnectorError(
      'transient',
      `Salesforce’s description of ${object} broke off or cannot be read`,
      {
        hint: 'If it stays so, check apiVersion.',
      },
    );
  const known = cache.get(ctx.config) ?? new Map<string, Described>();
  cache.set(ctx.config, known.set(object, parsed.data));
  return parsed.data;
}

/**
 * Costs one call a stream; without `only` one more, for the list, and every custom object is described. An
 * object named in `only` that the org (or the user) lacks is left out.
 */
export async function discover(ctx: Context<SalesforceConfig>, only?: string[]): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (const name of only ?? (await objects(ctx))) {
    try {
      streams.push(streamOf(await describe(ctx, name), ctx.config));
    } catch (error) {
      if (!(error instanceof ConnectorError && error.status === 404)) throw error;
      ctx.log.warn(`salesforce: there is no object ${name}, or the connection’s user may not see it`);
    }
  }
  return streams;
}

async function objects(ctx: Context<SalesforceConfig>): Promise<string[]> {
  const { body } = await call(ctx, (connection) => connection.describeGlobal());
  const parsed = Global.safeParse(body);
  if (!parsed.success)
    throw new ConnectorError('transient', 'Salesforce’s list of objects broke off or cannot be read');
  const known = parsed.data.sobjects.filter((o) => o.queryable);
  const custom = known.filter((o) => o.custom && o.createable && o.name.endsWith('__c'));
  return [...STANDARD.filter((name) => known.some((o) => o.name === name)), ...custom.map((o) => o.name)];
}

const TYPES: Record<string, FieldType> = {
  email: 'email',
  phone: 'phone',
  url: 'url',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  picklist: 'option',
  multipicklist: 'options',
  reference: 'reference',
  address: 'json',
  location: 'json',
  base64: 'json',
  complexvalue: 'json',
  json: 'json',
};

function fieldOf(field: DescribedField, recordTypes: Described['recordTypeInfos']): Field {
  const type = TYPES[field.type] ?? 'text';
  const isText = ['text', 'email', 'phone', 'url'].includes(type) && field.length > 0;
  const isOption = type === 'option' || type === 'options';
  return {
    name: field.name,
    label: field.label,
    type,
    ...(isText ? { length: field.length } : {}),
    ...(type === 'number' ? { decimals: field.scale } : {}),
    // An unrestricted picklist takes any text: its values are no limit, so they are not listed as one.
    ...(isOption && field.restrictedPicklist
      ? {
          options: field.picklistValues
            .filter((one) => one.active)
            .map(({ value, label }) => ({ value, label: label ?? value })),
        }
      : {}),
    ...(field.name === 'RecordTypeId'
      ? {
          options: recordTypes
            .filter(({ available, active, master }) => available && active && !master)
            .flatMap(({ recordTypeId, name }) =>
              recordTypeId ? [{ value: recordTypeId, label: name }] : [],
            ),
        }
      : {}),
    required: field.createable && !field.nillable && !field.defaultedOnCreate && type !== 'boolean',
    writable: (field.createable || field.updateable) && type !== 'json',
    unique: field.unique || field.name === 'Id',
    ...(field.referenceTo.includes('User') ? { owner: true as const } : {}),
    ...(field.type === 'currency' ? { money: true as const } : {}),
    ...(field.name === 'CurrencyIsoCode' ? { currency: true as const } : {}),
    ...(type === 'reference' ? { references: field.referenceTo } : {}),
    ...defaultOf(field, type),
  };
}

function defaultOf(
  { defaultValue, picklistValues }: DescribedField,
  type: FieldType,
): Pick<Field, 'default'> {
  const option = picklistValues.find((one) => one.active && one.defaultValue)?.value;
  const known = option ?? defaultValue ?? (type === 'boolean' ? false : undefined);
  return known === undefined ? {} : { default: known };
}

/** Id, then unique external ids (the hub's own first), then other unique fields, then all that can be filtered by. */
function lookupBy(fields: DescribedField[]): string[] {
  const rank = (field: DescribedField) => {
    if (field.name === 'Id') return 0;
    if (field.unique && field.externalId) return /nayose/i.test(field.name) ? 1 : 2;
    if (field.unique) return 3;
    return field.externalId ? 4 : 5;
  };
  return fields
    .filter((field) => field.filterable && TYPES[field.type] !== 'json')
    .sort((a, b) => rank(a) - rank(b))
    .map((field) => field.name);
}

function streamOf(object: Described, config: SalesforceConfig): Stream {
  const has = (name: string) => object.fields.some((field) => field.name === name);
  const ops: Op['op'][] = [
    ...(object.createable ? (['create'] as const) : []),
    ...(object.updateable ? (['update'] as const) : []),
    ...(object.deletable ? (['delete'] as const) : []),
  ];
  const ownKey = object.fields.some((f) => f.unique && f.externalId && f.createable);
  return {
    name: object.name,
    label: object.label,
    fields: object.fields.map((field) => fieldOf(field, object.recordTypeInfos)),
    read: object.queryable && {
      incremental: has('SystemModstamp'),
      deletes: has('IsDeleted') ? 'feed' : 'none',
      merges: has('MasterRecordId') || has('ConvertedContactId'),
      lookupBy: lookupBy(object.fields),
    },
    write: ops.length > 0 && {
      ops,
      maxBatch: COLLECTION,
      ...bulkOf(config, ownKey),
      idempotency: ownKey ? 'external-id' : 'lookup',
    },
  };
}

/**
 * From how many due writes on a job takes them. It may still be at work when the process that closed it has died: without a
 * unique field of ours a create of it could not be told from one that never was, and would be made again.
 */
function bulkOf(config: SalesforceConfig, ownKey: boolean): { bulk?: NonNullable<WriteAbility['bulk']> } {
  const from = config.bulkThreshold ?? jobFrom(paceOf(config));
  if (!takesJobs(config) || !ownKey || from === undefined) return {};
  return { bulk: { from, max: Math.max(LARGEST_JOB, from) } };
}

/** Which of the fields that tell of deletes, merges and conversions an object has. Known by heart for the usual ones. */
export async function systemFields(ctx: Context<SalesforceConfig>, object: string): Promise<string[]> {
  const always = ['Id', 'SystemModstamp', 'LastModifiedById'];
  if (object === 'Lead')
    return [...always, 'IsDeleted', 'MasterRecordId', 'IsConverted', 'ConvertedContactId'];
  if (object === 'Contact' || object === 'Account') return [...always, 'IsDeleted', 'MasterRecordId'];
  if (object === 'Opportunity' || object.endsWith('__c')) return [...always, 'IsDeleted'];
  if (object === 'User') return always;
  const { fields } = await described(ctx, object);
  return [
    ...always,
    ...fields.map((field) => field.name).filter((name) => name === 'IsDeleted' || name === 'MasterRecordId'),
  ];
}
