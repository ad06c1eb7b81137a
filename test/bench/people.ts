import { DEFAULT_NOW, generateWorld } from '../../api/demo/world/index.ts';
import type { Fields } from '../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { keyText } from '../../core/model/record.ts';
import { isEmpty, type Values } from '../../core/model/value.ts';
import type { StoredRecord } from '../../core/sync/observe.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { parseMapping } from '../../mappings/spec.ts';
import { COLUMNS, firstRecordOf } from './list/records.ts';

const entity = BUILTIN_ENTITIES.person;
const mapping = compileMapping(
  parseMapping('mappings/crm-contact.yaml', 'preset: salesforce/contact\nconnection: crm\n').spec!,
  { entity, objectOf: () => undefined, region: 'JP', timeZone: 'Asia/Tokyo' },
);

/** So many generated contacts as the store keeps them after a pull, not yet resolved. */
export async function storedPeople(
  count: number,
  seed: number,
  prefix: string,
): Promise<(StoredRecord & { dirty: boolean })[]> {
  const world = generateWorld({
    seed,
    people: count,
    companies: Math.ceil(count / 10),
    shared: 0,
    tools: ['crm'],
    messiness: 0,
  });
  const rows: (StoredRecord & { dirty: boolean })[] = [];
  for (const [i, { fields, at }] of world.crm.contacts.slice(0, count).entries())
    rows.push(await stored(mapping, fields, at, `${prefix}${i}`));
  return rows;
}

const listMapping = compileMapping(
  parseMapping(
    'mappings/list.yaml',
    `connection: crm\nobject: Contact\nentity: person\nfields:\n  familyName: family_name\n  givenName: given_name\n  email: email\n  phone: phone\n  postalCode: postal_code\n  region: region\n  city: city\n  street: street\n`,
  ).spec!,
  { entity, objectOf: () => undefined, region: 'JP', timeZone: 'Asia/Tokyo' },
);

/** The people of a generated list from this number on, one record each: as many of them as one likes, and as varied as a country's. */
export async function listedPeople(
  from: number,
  count: number,
): Promise<(StoredRecord & { dirty: boolean })[]> {
  const rows: (StoredRecord & { dirty: boolean })[] = [];
  for (let person = from; person < from + count; person++) {
    const cells = firstRecordOf(person, 41);
    const fields = Object.fromEntries(COLUMNS.map((name, i) => [name, cells[i]! === '' ? null : cells[i]!]));
    rows.push(await stored(listMapping, fields, DEFAULT_NOW, cells[0]!));
  }
  return rows;
}

/** A record as the store keeps it after a pull. */
async function stored(
  { in: read }: Pick<typeof mapping, 'in'>,
  fields: Fields,
  at: string,
  extId: string,
): Promise<StoredRecord & { dirty: boolean }> {
  const { values } = await read(fields);
  const opinions = Object.fromEntries(
    Object.entries(values as Values)
      .filter(([, value]) => !isEmpty(value))
      .map(([name, value]) => [name, { value, at }]),
  );
  return {
    key: keyText({ connection: 'crm', object: 'Contact', id: extId }),
    connection: 'crm',
    object: 'Contact',
    extId,
    entity: 'person',
    goldenId: null,
    opinions,
    seen: values,
    native: fields,
    written: {},
    at,
    version: null,
    wroteAt: null,
    deleted: false,
    mergedInto: null,
    confirm: false,
    dirty: true,
  };
}

export { DEFAULT_NOW, entity };
