import { type Change, ConnectorError, type Context, type Fields } from '../contract.ts';
import type { HubspotConfig } from './config.ts';
import { readLinks, shownLink } from './links.ts';
import { LINK_PREFIX, type LinkDef, type ObjectSchema } from './schema.ts';
import { fromWire } from './values.ts';

/** A record as any of HubSpot's answers carries it. */
export interface Answered {
  id: string;
  properties: Record<string, string | null>;
  /** Each property's versions, newest first, where they were asked for. */
  propertiesWithHistory?: Record<string, Version[]>;
  updatedAt: Date;
}

interface Version {
  sourceType: string;
}

/**
 * How people write into records: on their screens (many at once too), by phone, with a list, in a form, by mail. Of the sources that
 * HubSpot's own client libraries list (`PropertyValue.source`; histories call them `sourceType`), these are sure to be people's. Apps
 * are INTEGRATION or API, workflows AUTOMATION_PLATFORM; what HubSpot adds or calculates by itself has names of its own.
 */
const BY_PEOPLE = new Set([
  'CRM_UI',
  'CRM_UI_BULK_ACTION',
  'MOBILE_IOS',
  'MOBILE_ANDROID',
  'IMPORT',
  'FORM',
  'BCC_TO_CRM',
  'FORWARD_TO_CRM',
  'CONVERSATIONS',
  'MEETINGS',
]);

/** Properties that people wrote last, or emptied; undefined: the answer does not tell. */
const writtenByPeople = ({ propertiesWithHistory }: Answered): string[] | undefined =>
  propertiesWithHistory &&
  Object.entries(propertiesWithHistory).flatMap(([name, [newest]]) =>
    newest !== undefined && BY_PEOPLE.has(newest.sourceType) ? [name] : [],
  );

/** What a read was asked for. */
export interface Wanted {
  /** Properties, with those the connector itself needs. */
  properties: string[];
  /** Fields of the change, in HubSpot's names. */
  fields: string[];
  links: LinkDef[];
}

const MERGED = 'hs_merged_object_ids';

/** Throws ConnectorError for a field that names an object which this one is not linked to. */
export function wanted(schema: ObjectSchema, fields: string[]): Wanted {
  const names = fields.filter((name) => !name.startsWith(LINK_PREFIX));
  const links = fields.filter((name) => name.startsWith(LINK_PREFIX)).map((name) => linkOf(schema, name));
  // An unknown property would vanish from answers without a word: it is left out of fields, too.
  const known = names.filter((name) => schema.properties.has(name));
  return { properties: [...new Set([...known, MERGED])], fields: known, links };
}

export function linkOf(schema: ObjectSchema, field: string): LinkDef {
  const link = schema.links.find(({ to }) => `${LINK_PREFIX}${to}` === field);
  if (link !== undefined) return link;
  const known = schema.links.map(({ to }) => `${LINK_PREFIX}${to}`);
  throw new ConnectorError('rejected', `HubSpot's ${schema.stream} have no field ${field}`, {
    hint: known.length > 0 ? `References are ${known.join(', ')}.` : 'This object has no references.',
  });
}

/** Linked ids by field and record. */
export type LinkValues = Map<string, Map<string, string | null>>;

/** One call for each object that fields refer to (and up to a thousand records). */
export async function linkValues(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  links: LinkDef[],
  ids: string[],
): Promise<LinkValues> {
  const values: LinkValues = new Map();
  if (ids.length === 0) return values;
  for (const link of links) {
    const linked = await readLinks(ctx, schema, link, ids);
    const shown = new Map([...linked].map(([id, list]) => [id, shownLink(link, list)]));
    values.set(`${LINK_PREFIX}${link.to}`, shown);
  }
  return values;
}

/** A record's news: its state, and each id that was folded into it. */
export function changesOf(schema: ObjectSchema, want: Wanted, record: Answered, links: LinkValues): Change[] {
  const at = timeOf(schema, record);
  const fields: Fields = {};
  // A property that was deleted meanwhile vanishes from answers: that is not the same as being empty.
  for (const name of want.fields)
    if (name in record.properties)
      fields[name] = fromWire(schema.properties.get(name), record.properties[name]);
  for (const { to } of want.links) {
    const name = `${LINK_PREFIX}${to}`;
    fields[name] = links.get(name)?.get(record.id) ?? null;
  }
  const { stream } = schema;
  const theirs = writtenByPeople(record)?.filter((name) => name in fields);
  // Somebody emptied a property: the record may have been written to by others since.
  const othersLast = theirs?.some((name) => !record.properties[name]);
  return [
    {
      stream,
      id: record.id,
      at,
      op: 'upsert',
      fields,
      ...(othersLast ? { othersLast } : {}),
      ...(theirs ? { theirs } : {}),
    },
    ...mergedIds(record).map((id) => ({
      stream,
      id,
      at,
      op: 'merge' as const,
      into: { stream, id: record.id },
    })),
  ];
}

export const mergedIds = (record: Answered) =>
  (record.properties[MERGED] ?? '').split(';').filter((id) => id !== '' && id !== record.id);

export function timeOf(schema: ObjectSchema, record: Answered): string {
  const shown = record.properties[schema.modified];
  const time = shown ? new Date(/^\d+$/.test(shown) ? Number(shown) : shown) : record.updatedAt;
  return time.toISOString();
}
