/** The sandbox's records, and the plain moves on them that routes and people share. No HTTP here. */
import type { Fields, Json } from '../../contract.ts';
import type { Books } from '../../sandbox.ts';
import { to15, to18 } from '../ids.ts';
import type { RowError } from './errors.ts';
import type { FieldSpec, ObjectSpec } from './schema.ts';
import { type EmailCheck, stamp } from './values.ts';

export interface Row {
  id: string;
  /** Canonical field names; every stored field is a key. */
  values: Record<string, Json>;
  /** The record whose deletion took this one along. */
  goneWith?: Row;
}

export interface Table {
  spec: ObjectSpec;
  /** In order of creation. */
  rows: Row[];
  /** By 15-character id. */
  byId: Map<string, Row>;
  /** Live rows by unique field, then by lower-case value. */
  unique: Map<string, Map<string, Row>>;
  /** Told after every change of a row, with the fields that changed. */
  changed?: (row: Row, kind: RowChange, fields: string[], by: string) => void;
}

export type RowChange = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE';

/** Asked before each row of a write: an error here is that row's, and the rest goes on. */
export type RowFault = (row: {
  stream: string;
  op: 'create' | 'update' | 'delete';
  id: string | undefined;
  fields: Fields;
}) => RowError | undefined;

export interface World {
  tables: Map<string, Table>;
  now(): Date;
  emails: EmailCheck;
  books: Books;
  rowFault: RowFault | undefined;
  /** What a flow makes of a record that the API has just written. */
  flows: Map<Table, (fields: Fields) => Fields>;
  /** Fields by object in which two live records may not be alike, unless the caller insists. */
  duplicateRules: Readonly<Record<string, string>>;
  /** The integration user, who makes every API write; people edit as another. */
  apiUser: string;
  humanUser: string;
  newId(spec: ObjectSpec): string;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Ids that rise with creation. `seed` picks the org's two letters, so that two sandboxes share no id. */
export function idMaker(seed: number): (spec: ObjectSpec) => string {
  const org = BASE62[10 + (seed % 26)]! + BASE62[36 + (Math.floor(seed / 26) % 26)]!;
  let count = 0;
  return (spec) => {
    count += 1;
    let rest = count;
    let digits = '';
    for (let i = 0; i < 9; i += 1) {
      digits = BASE62[rest % 62] + digits;
      rest = Math.floor(rest / 62);
    }
    return to18(`${spec.prefix}${org}0${digits}`);
  };
}

export function makeTable(spec: ObjectSpec): Table {
  const unique = [...spec.fields.values()].filter((f) => f.unique === true);
  return {
    spec,
    rows: [],
    byId: new Map(),
    unique: new Map(unique.map((f) => [f.name, new Map()])),
  };
}

export function tableOf(world: World, object: string): Table | undefined {
  return world.tables.get(object.toLowerCase());
}

export function findRow(table: Table, id: string): Row | undefined {
  return table.byId.get(to15(id));
}

/** A record anywhere, by the first three characters of its id. */
export function findAnywhere(world: World, id: string): { table: Table; row: Row } | undefined {
  for (const table of world.tables.values())
    if (table.spec.prefix === id.slice(0, 3)) {
      const row = findRow(table, id);
      return row && { table, row };
    }
  return undefined;
}

export const isDeleted = (row: Row) => row.values.IsDeleted === true;

/** A field as a query or an answer shows it. */
export function show(row: Row, spec: FieldSpec): Json {
  if (spec.computed === undefined) return row.values[spec.name] ?? null;
  if (spec.computed === 'name') {
    const parts = [row.values.Salutation, row.values.FirstName, row.values.LastName];
    return (
      parts
        .slice(1)
        .filter((part) => part !== null && part !== undefined)
        .join(' ') || null
    );
  }
  const prefix = spec.computed.address;
  const parts = ['Street', 'City', 'State', 'PostalCode', 'Country'].map((part): [string, Json] => [
    part.charAt(0).toLowerCase() + part.slice(1),
    row.values[prefix + part] ?? null,
  ]);
  return parts.some(([, value]) => value !== null) ? Object.fromEntries(parts) : null;
}

export function addRow(
  world: World,
  table: Table,
  values: Fields,
  at: Date | number,
  by: string,
  id?: string,
) {
  const { spec } = table;
  const row: Row = { id: id === undefined ? world.newId(spec) : to18(id), values: {} };
  for (const f of spec.fields.values())
    if (f.computed === undefined) row.values[f.name] = f.type === 'boolean' ? false : null;
  const time = stamp(at);
  if (spec.fields.has('ownerid')) row.values.OwnerId = by;
  Object.assign(row.values, values, { Id: row.id, CreatedDate: time, CreatedById: by });
  touch(row, time, by);
  table.rows.push(row);
  table.byId.set(to15(row.id), row);
  index(table, row);
  table.changed?.(row, 'CREATE', Object.keys(values), by);
  return row;
}

/** Sets values, keeps the unique indexes true, and stamps. Returns whether any value changed. */
export function changeRow(table: Table, row: Row, values: Fields, time: string, by: string): boolean {
  const changed = Object.keys(values).filter((name) => row.values[name] !== values[name]);
  unindex(table, row);
  Object.assign(row.values, values);
  if (!isDeleted(row)) index(table, row);
  touch(row, time, by);
  table.changed?.(row, 'UPDATE', [...changed, 'LastModifiedDate'], by);
  return changed.length > 0;
}

export function touch(row: Row, time: string, by: string): void {
  row.values.LastModifiedDate = time;
  row.values.LastModifiedById = by;
  row.values.SystemModstamp = time;
}

/** Marks as deleted (or removes, where the object keeps no deleted records), with what hangs on an account. */
export function deleteRow(world: World, table: Table, row: Row, by: string, master?: string): void {
  const time = stamp(world.now());
  unindex(table, row);
  if (table.spec.softDelete) {
    row.values.IsDeleted = true;
    if (table.spec.merges) row.values.MasterRecordId = master ?? null;
    touch(row, time, by);
  } else {
    table.rows.splice(table.rows.indexOf(row), 1);
    table.byId.delete(to15(row.id));
  }
  table.changed?.(row, 'DELETE', [], by);
  if (table.spec.name !== 'Account') return;
  for (const child of ['contact', 'opportunity'].flatMap((name) => world.tables.get(name) ?? []))
    for (const held of child.rows.filter((r) => r.values.AccountId === row.id && !isDeleted(r)))
      if (master === undefined) {
        deleteRow(world, child, held, by);
        held.goneWith = row;
      } else changeRow(child, held, { AccountId: master }, time, by);
}

/** Out of the recycle bin, with what its deletion took along. A record that was merged away stays where it is. */
export function undeleteRow(world: World, table: Table, row: Row, by: string): void {
  if (!isDeleted(row) || typeof row.values.MasterRecordId === 'string')
    throw new Error(`${table.spec.name} ${row.id} is not in the recycle bin`);
  row.values.IsDeleted = false;
  index(table, row);
  touch(row, stamp(world.now()), by);
  table.changed?.(row, 'UNDELETE', Object.keys(row.values), by);
  for (const child of world.tables.values())
    for (const held of child.rows.filter((r) => r.goneWith === row && isDeleted(r)))
      undeleteRow(world, child, held, by);
  delete row.goneWith;
}

/** Gone without a trace: the recycle bin was emptied, or the record was hard deleted. */
export function purgeRow(world: World, table: Table, row: Row, by: string): void {
  if (!isDeleted(row)) deleteRow(world, table, row, by);
  if (table.byId.delete(to15(row.id))) table.rows.splice(table.rows.indexOf(row), 1);
}

function index(table: Table, row: Row): void {
  for (const [name, rows] of table.unique) {
    const value = row.values[name];
    if (typeof value === 'string') rows.set(value.toLowerCase(), row);
  }
}

function unindex(table: Table, row: Row): void {
  for (const [name, rows] of table.unique) {
    const value = row.values[name];
    if (typeof value === 'string' && rows.get(value.toLowerCase()) === row) rows.delete(value.toLowerCase());
  }
}
