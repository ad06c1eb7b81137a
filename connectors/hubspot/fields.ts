import type { Fields, Json } from '../contract.ts';
import { linkOf } from './records.ts';
import { LINK_PREFIX, type LinkDef, type ObjectSchema } from './schema.ts';
import { fromWire, toWire } from './values.ts';

/** A reference to set, or (`null`) to take away. */
export interface LinkWish {
  field: string;
  link: LinkDef;
  to: string | null;
}

/** An op's fields as HubSpot takes them: properties in a record, references as associations. */
export function split(
  schema: ObjectSchema,
  fields: Fields,
): { properties: Record<string, string>; links: LinkWish[] } {
  const properties: Record<string, string> = {};
  const links: LinkWish[] = [];
  for (const [field, value] of Object.entries(fields))
    if (field.startsWith(LINK_PREFIX))
      links.push({ field, link: linkOf(schema, field), to: reference(value) });
    else properties[field] = toWire(schema.properties.get(field), value);
  return { properties, links };
}

const reference = (value: Json) => (value === null || value === '' ? null : String(value));

/** What HubSpot made of the fields that were written, as far as its answer shows them. */
export function madeOf(
  schema: ObjectSchema,
  written: Record<string, string>,
  answered: Record<string, string | null>,
): Fields {
  const made: Fields = {};
  for (const name of Object.keys(written))
    if (name in answered) made[name] = fromWire(schema.properties.get(name), answered[name]);
  return made;
}
