import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import type { Preset } from './preset.ts';

/** Columns or keys that are named like the hub's attributes: for files and webhooks of your own making. */
function plain(label: string, object: string, entity: 'person' | 'company'): Preset {
  const fields: Preset['fields'] = {};
  for (const [name, attribute] of Object.entries(BUILTIN_ENTITIES[entity].attributes))
    if (attribute.type !== 'reference') fields[name] = name;
  return { label, object, entity, fields };
}

export const PLAIN: Record<string, Preset> = {
  'csv/person': plain('people in a file', 'people', 'person'),
  'csv/company': plain('companies in a file', 'companies', 'company'),
  'webhook/person': plain('people by webhook', 'records', 'person'),
};
