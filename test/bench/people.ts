import { DEFAULT_NOW, generateWorld } from '../../api/demo/world/index.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import { keyText } from '../../core/model/record.ts';
import { isEmpty, type Values } from '../../core/model/value.ts';
import type { StoredRecord } from '../../core/sync/observe.ts';
import { compileMapping } from '../../mappings/compile.ts';
import { parseMapping } from '../../mappings/spec.ts';

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
  for (const [i, { fields, at }] of world.crm.contacts.slice(0, count).entries()) {
    const { values } = await mapping.in(fields);
    const extId = `${prefix}${i}`;
    const opinions = Object.fromEntries(
      Object.entries(values as Values)
        .filter(([, value]) => !isEmpty(value))
        .map(([name, value]) => [name, { value, at }]),
    );
    rows.push({
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
    });
  }
  return rows;
}

export { DEFAULT_NOW, entity };
