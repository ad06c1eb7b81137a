/** A parsed query over the sandbox's tables: which rows, in which order, and how they look in an answer. */
import type { Json } from '../../../contract.ts';
import { isId, to18 } from '../../ids.ts';
import { refuse } from '../errors.ts';
import type { FieldSpec, ObjectSpec } from '../schema.ts';
import { stamp } from '../values.ts';
import { findAnywhere, isDeleted, type Row, show, type Table, type World } from '../world.ts';
import { malformed } from './lex.ts';
import type { Condition, Operand, Query } from './parse.ts';

/** A field of a query, found in the schema: how to read it off a row. */
export interface Column {
  /** Canonical names, relationship names first. */
  path: string[];
  spec: FieldSpec;
  read(row: Row): Json;
}

export function column(world: World, spec: ObjectSpec, name: string): Column {
  const [first, ...rest] = name.split('.') as [string, ...string[]];
  if (rest.length > 0) {
    const hop = [...spec.fields.values()].find(
      (f) => f.relationshipName?.toLowerCase() === first.toLowerCase(),
    );
    const target = hop && world.tables.get(hop.referenceTo![0]!.toLowerCase());
    if (hop === undefined || target === undefined)
      throw refuse(400, 'INVALID_FIELD', `Didn't understand relationship '${first}' in field path.`);
    const inner = column(world, target.spec, rest.join('.'));
    return {
      path: [hop.relationshipName!, ...inner.path],
      spec: inner.spec,
      read: (row) => {
        const id = row.values[hop.name];
        const found = typeof id === 'string' ? findAnywhere(world, id) : undefined;
        return found ? inner.read(found.row) : null;
      },
    };
  }
  const found = spec.fields.get(first.toLowerCase());
  if (found === undefined)
    throw refuse(400, 'INVALID_FIELD', `No such column '${name}' on entity '${spec.name}'.`);
  const { name: stored, computed } = found;
  const read =
    computed === undefined ? (row: Row) => row.values[stored] ?? null : (row: Row) => show(row, found);
  return { path: [stored], spec: found, read };
}

export function select(world: World, table: Table, query: Query, deletedToo: boolean): Row[] {
  const where = query.where && compile(world, table.spec, query.where);
  const rows = table.rows.filter((row) => (deletedToo || !isDeleted(row)) && (where?.(row) ?? true));
  const order = query.orderBy.map((by) => ({ ...by, column: column(world, table.spec, by.field) }));
  if (order.length > 0) {
    const keyed = rows.map((row) => ({ row, keys: order.map((by) => sortKey(by.column, row)) }));
    keyed.sort((a, b) => {
      for (let i = 0; i < order.length; i += 1) {
        const { descending, nullsLast } = order[i]!;
        const sign = compareKeys(a.keys[i]!, b.keys[i]!, descending, nullsLast);
        if (sign !== 0) return sign;
      }
      return 0;
    });
    rows.splice(0, rows.length, ...keyed.map((k) => k.row));
  }
  return rows.slice(query.offset, query.limit === undefined ? undefined : query.offset + query.limit);
}

function sortKey(by: Column, row: Row): string | number | null {
  const value = by.read(row);
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return isKey(by.spec) ? value : value.toLowerCase();
  return typeof value === 'number' ? value : null;
}

function compareKeys(
  a: string | number | null,
  b: string | number | null,
  down: boolean,
  nullsLast: boolean,
) {
  if (a === b) return 0;
  if (a === null || b === null) return (a === null) === nullsLast ? 1 : -1;
  return (a < b ? -1 : 1) * (down ? -1 : 1);
}

/** Ids are compared byte by byte; all other text without regard to case. */
const isKey = (spec: FieldSpec) => spec.type === 'id' || spec.type === 'reference';
const isText = (spec: FieldSpec) =>
  ['string', 'textarea', 'email', 'phone', 'url', 'picklist', 'multipicklist'].includes(spec.type);

type Test = (row: Row) => boolean;

function compile(world: World, spec: ObjectSpec, condition: Condition): Test {
  if ('and' in condition) {
    const tests = condition.and.map((part) => compile(world, spec, part));
    return (row) => tests.every((test) => test(row));
  }
  if ('or' in condition) {
    const tests = condition.or.map((part) => compile(world, spec, part));
    return (row) => tests.some((test) => test(row));
  }
  if ('not' in condition) {
    const test = compile(world, spec, condition.not);
    return (row) => !test(row);
  }
  const target = column(world, spec, condition.field);
  if (target.spec.type === 'address' || (target.spec.length ?? 0) > 4000)
    throw refuse(400, 'INVALID_FIELD', `field '${condition.field}' can not be filtered in a query call`);
  const fold = (value: Json) =>
    typeof value === 'string' && isText(target.spec) ? value.toLowerCase() : value;
  if ('values' in condition) {
    const wanted = new Set(condition.values.map((value) => fold(convert(world, target.spec, value))));
    const negate = condition.op === 'NOT IN';
    return (row) => wanted.has(fold(target.read(row))) !== negate;
  }
  const { op } = condition;
  const value = fold(convert(world, target.spec, condition.value));
  if (op === 'LIKE') return like(target, condition.value);
  if (op === '=') return (row) => fold(target.read(row)) === value;
  if (op === '!=') return (row) => fold(target.read(row)) !== value;
  if (value === null || typeof value === 'object') throw malformed(`${op} cannot compare with null`);
  return (row) => {
    const held = fold(target.read(row));
    if (held === null || typeof held === 'object') return false;
    if (op === '<') return held < value;
    if (op === '<=') return held <= value;
    if (op === '>') return held > value;
    return held >= value;
  };
}

function like(target: Column, value: Operand): Test {
  if (typeof value !== 'string') throw malformed('LIKE needs a string');
  const body = value.replace(/\\([%_])|([%_])|[.*+?^${}()|[\]\\]/g, (found, escaped, wild) =>
    escaped ? escaped : wild === '%' ? '.*' : wild === '_' ? '.' : `\\${found}`,
  );
  const pattern = new RegExp(`^${body}$`, 'is');
  return (row) => {
    const held = target.read(row);
    return typeof held === 'string' && pattern.test(held);
  };
}

const DAY = 86_400_000;

/** A literal in the form the field is stored in; INVALID_FIELD where it is of another type. */
function convert(world: World, spec: FieldSpec, value: Operand): Json {
  const mismatch = (type: string) =>
    refuse(
      400,
      'INVALID_FIELD',
      `value of filter criterion for field '${spec.name}' must be of type ${type} and should not be enclosed in quotes`,
    );
  if (value === null) return null;
  if (typeof value === 'object' && 'relative' in value) {
    const [word, days] = value.relative.split(':');
    const shift = {
      TODAY: 0,
      YESTERDAY: -1,
      TOMORROW: 1,
      LAST_N_DAYS: -Number(days),
      NEXT_N_DAYS: Number(days),
    };
    const day = new Date(world.now().getTime() + shift[word as keyof typeof shift] * DAY);
    const midnight = `${day.toISOString().slice(0, 10)}T00:00:00Z`;
    return spec.type === 'datetime' ? stamp(new Date(midnight)) : midnight.slice(0, 10);
  }
  if (spec.type === 'datetime') {
    if (typeof value !== 'object' || !('datetime' in value)) throw mismatch('dateTime');
    return stamp(new Date(value.datetime));
  }
  if (spec.type === 'date') {
    if (typeof value !== 'object' || !('date' in value)) throw mismatch('date');
    return value.date;
  }
  if (typeof value === 'object') throw mismatch(spec.type);
  if (['int', 'double', 'currency', 'percent'].includes(spec.type)) {
    if (typeof value !== 'number') throw mismatch(spec.type === 'int' ? 'int' : 'double');
    return value;
  }
  if (spec.type === 'boolean') {
    if (typeof value !== 'boolean') throw mismatch('boolean');
    return value;
  }
  if (typeof value !== 'string') throw mismatch('string');
  if (!isKey(spec)) return value;
  if (!isId(value)) throw refuse(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${value}`);
  return to18(value);
}

/** A record as JSON, with its relationships nested. */
export function render(row: Row, object: string, columns: Column[], base: string): Record<string, Json> {
  const record: Record<string, Json> = {
    attributes: { type: object, url: `${base}/sobjects/${object}/${row.id}` },
  };
  for (const { path, read } of columns) {
    let place = record;
    const value = read(row);
    for (const step of path.slice(0, -1)) {
      const inner = place[step];
      if (inner === null || inner === undefined || typeof inner !== 'object' || Array.isArray(inner)) {
        const made: Record<string, Json> = { attributes: { type: step } };
        place[step] = made;
        place = made;
      } else place = inner;
    }
    place[path[path.length - 1]!] = value;
  }
  return nullEmptyRelations(record, row, columns);
}

/** A relationship that points nowhere is null, not an object of nulls. */
function nullEmptyRelations(record: Record<string, Json>, row: Row, columns: Column[]): Record<string, Json> {
  for (const { path } of columns) {
    if (path.length === 1) continue;
    const link = row.values[`${path[0]}Id`];
    if (link === null || link === undefined) record[path[0]!] = null;
  }
  return record;
}
