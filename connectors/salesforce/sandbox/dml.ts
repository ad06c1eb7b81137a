/** Inserts, updates and deletes as the API does them: checked, stamped, and written into the books. */
import type { Fields, Json } from '../../contract.ts';
import { noteWrite } from '../../sandbox.ts';
import { isId, to15, to18 } from '../ids.ts';
import { noSuchColumn, type RowError, refuse, rowError } from './errors.ts';
import { keep, stamp } from './values.ts';
import {
  addRow,
  changeRow,
  deleteRow,
  findAnywhere,
  findRow,
  isDeleted,
  type Row,
  type Table,
  type World,
} from './world.ts';

export type Saved = { id: string; created: boolean } | { errors: RowError[] };

/** The table, or a refusal of the whole call. */
export function requireTable(world: World, object: string): Table {
  const table = world.tables.get(object.toLowerCase());
  if (table === undefined) throw refuse(404, 'NOT_FOUND', 'The requested resource does not exist');
  return table;
}

/** Type errors and unknown columns refuse the whole call, whichever row they are in. */
export function readRow(world: World, table: Table, given: Record<string, Json>) {
  const values: Fields = {};
  const errors: RowError[] = [];
  const readOnly: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const spec = table.spec.fields.get(name.toLowerCase());
    if (spec === undefined) throw noSuchColumn(name, table.spec.name);
    if (spec.readOnly === true) readOnly.push(spec.name);
    else {
      const kept = keep(spec, value, world.emails);
      if ('error' in kept) errors.push(kept.error);
      else values[spec.name] = kept.value;
    }
  }
  if (readOnly.length > 0)
    errors.push(
      rowError(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${readOnly.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        readOnly,
      ),
    );
  return { values, errors };
}

function missing(table: Table, values: Fields, creating: boolean): RowError[] {
  const names = [...table.spec.fields.values()]
    .filter((f) => f.required === true && (creating || f.name in values) && (values[f.name] ?? null) === null)
    .map((f) => f.name);
  if (names.length === 0) return [];
  return [rowError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names)];
}

/** The user's profile does not let it do this with the object. */
const forbidden = (table: Table, what: 'create' | 'update' | 'delete'): RowError[] =>
  table.spec.forbidden?.has(what)
    ? [rowError('INSUFFICIENT_ACCESS_OR_READONLY', `insufficient access rights on ${table.spec.name}`)]
    : [];

function duplicates(table: Table, values: Fields, self: Row | undefined): RowError[] {
  for (const [name, rows] of table.unique) {
    const value = values[name];
    const other = typeof value === 'string' ? rows.get(value.toLowerCase()) : undefined;
    if (other !== undefined && other !== self)
      return [
        rowError(
          'DUPLICATE_VALUE',
          `duplicate value found: ${name} duplicates value on record with id: ${to15(other.id)}`,
        ),
      ];
  }
  return [];
}

/** A duplicate rule compares loosely, names no record, and lets callers overrule it. */
function alike(
  world: World,
  table: Table,
  values: Fields,
  self: Row | undefined,
  allow: boolean,
): RowError[] {
  const name = world.duplicateRules[table.spec.name];
  const value = name === undefined ? undefined : values[name];
  if (allow || typeof value !== 'string') return [];
  const same = (row: Row) =>
    row !== self && !isDeleted(row) && String(row.values[name!]).toLowerCase() === value.toLowerCase();
  return table.rows.some(same) ? [rowError('DUPLICATES_DETECTED', 'Use one of these records?')] : [];
}

function danglers(world: World, table: Table, values: Fields): RowError[] {
  const errors: RowError[] = [];
  for (const f of table.spec.fields.values()) {
    const target = values[f.name];
    if (f.type !== 'reference' || typeof target !== 'string') continue;
    const found = findAnywhere(world, target);
    if (found === undefined || !f.referenceTo!.includes(found.table.spec.name))
      errors.push(
        rowError('INVALID_CROSS_REFERENCE_KEY', `${f.label}: invalid cross reference id`, [f.name]),
      );
    else if (isDeleted(found.row)) errors.push(rowError('ENTITY_IS_DELETED', 'entity is deleted', [f.name]));
  }
  return errors;
}

const count = (book: Record<string, number>, key: string) => {
  book[key] = (book[key] ?? 0) + 1;
};

/** In the transaction of the write, by the user who wrote. */
function flow(world: World, table: Table, row: Row): void {
  const rule = world.flows.get(table);
  if (rule === undefined) return;
  const values = ownValues(world, table, rule(row.values));
  if (Object.keys(values).length > 0) changeRow(table, row, values, stamp(world.now()), world.apiUser);
}

export function insertRow(
  world: World,
  table: Table,
  given: Record<string, Json>,
  allowDuplicates = false,
): Saved {
  const { values, errors } = readRow(world, table, given);
  const stream = table.spec.name;
  const fault = world.rowFault?.({ stream, op: 'create', id: undefined, fields: values });
  const all = [
    ...forbidden(table, 'create'),
    ...(fault ? [fault] : []),
    ...errors,
    ...missing(table, values, true),
    ...danglers(world, table, values),
    ...duplicates(table, values, undefined),
    ...alike(world, table, values, undefined, allowDuplicates),
  ];
  if (all.length > 0) return { errors: all };
  const row = addRow(world, table, values, world.now(), world.apiUser);
  flow(world, table, row);
  count(world.books.created, stream);
  noteWrite(world.books, stream, row.id, world.now());
  return { id: row.id, created: true };
}

export function updateRow(
  world: World,
  table: Table,
  id: string,
  given: Record<string, Json>,
  allowDuplicates = false,
): Saved {
  const { values, errors } = readRow(world, table, given);
  const target = writable(table, id);
  if ('errors' in target) return target;
  const { row } = target;
  const stream = table.spec.name;
  if (row.values.IsConverted === true)
    return { errors: [rowError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')] };
  const fault = world.rowFault?.({ stream, op: 'update', id: row.id, fields: values });
  const all = [
    ...forbidden(table, 'update'),
    ...(fault ? [fault] : []),
    ...errors,
    ...missing(table, values, false),
    ...danglers(world, table, values),
    ...duplicates(table, values, row),
    ...alike(world, table, values, row, allowDuplicates),
  ];
  if (all.length > 0) return { errors: all };
  if (!changeRow(table, row, values, stamp(world.now()), world.apiUser)) world.books.noops += 1;
  flow(world, table, row);
  count(world.books.updated, stream);
  noteWrite(world.books, stream, row.id, world.now());
  return { id: row.id, created: false };
}

export function removeRow(world: World, table: Table, id: string): Saved {
  const target = writable(table, id);
  if ('errors' in target) return target;
  const { row } = target;
  const stream = table.spec.name;
  const fault = world.rowFault?.({ stream, op: 'delete', id: row.id, fields: {} });
  const all = [...(fault ? [fault] : []), ...forbidden(table, 'delete')];
  if (all.length > 0) return { errors: all };
  deleteRow(world, table, row, world.apiUser);
  count(world.books.deleted, stream);
  noteWrite(world.books, stream, row.id, world.now());
  return { id: row.id, created: false };
}

/** By a unique external id: updates the record that has it, or makes one. */
export function upsertRow(world: World, table: Table, key: string, given: Record<string, Json>): Saved {
  const spec = table.spec.fields.get(key.toLowerCase());
  if (spec?.externalId !== true)
    throw refuse(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${key}`);
  const value = given[spec.name];
  if (typeof value !== 'string' || value.trim() === '')
    return { errors: [rowError('MISSING_ARGUMENT', `${spec.name} not specified`)] };
  const row = table.unique.get(spec.name)?.get(value.trim().toLowerCase());
  return row ? updateRow(world, table, row.id, given) : insertRow(world, table, given);
}

function writable(table: Table, id: string): { row: Row } | { errors: RowError[] } {
  if (!isId(id)) return { errors: [rowError('MALFORMED_ID', `bad id ${id}`, ['Id'])] };
  const row = findRow(table, id);
  if (row === undefined)
    return { errors: [rowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')] };
  if (isDeleted(row)) return { errors: [rowError('ENTITY_IS_DELETED', 'entity is deleted')] };
  return { row };
}

/** Fields as a person or a seed gives them: normalised like the API's, but nothing is refused. */
export function ownValues(world: World, table: Table, given: Fields): Fields {
  const values: Fields = {};
  for (const [name, value] of Object.entries(given)) {
    const spec = table.spec.fields.get(name.toLowerCase());
    if (spec === undefined)
      throw new Error(`${table.spec.name} has no field ${name}: add it with the sandbox's schema option`);
    if (spec.computed !== undefined) continue;
    const kept = keep(spec, value, world.emails);
    values[spec.name] =
      'value' in kept ? kept.value : typeof value === 'string' && isId(value) ? to18(value) : value;
  }
  return values;
}
