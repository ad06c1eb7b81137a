import type { PropertyDef } from './definitions.ts';
import { badRequest } from './errors.ts';
import { systemValue } from './show.ts';
import type { Row, Table } from './table.ts';
import { moment } from './values.ts';

export interface SearchBody {
  filterGroups?: { filters: Filter[] }[];
  sorts?: (string | { propertyName: string; direction?: string })[];
  properties?: string[];
  limit?: number;
  after?: string | number;
}
interface Filter {
  propertyName: string;
  operator: string;
  value?: string;
  highValue?: string;
  values?: string[];
}
type Comparable = string | number;
type Test = (row: Row) => boolean;

/** The most results that paging reaches: beyond it a 400, although `paging.next` was offered. */
export const SEARCH_CAP = 10_000;
const LARGEST_PAGE = 200;

/** One page of what the index shows. Archived and merged records never appear. */
export function search(
  table: Table,
  body: SearchBody,
  cap: number,
): { total: number; rows: Row[]; after: string | undefined } {
  const limit = body.limit ?? 10;
  if (!Number.isInteger(limit) || limit < 0 || limit > LARGEST_PAGE)
    throw badRequest(`Invalid limit ${limit}: the limit must be between 0 and ${LARGEST_PAGE}.`);
  const start = Number(body.after ?? 0);
  if (!Number.isInteger(start) || start < 0) throw badRequest(`Invalid after ${body.after}`);
  if (start + limit > cap)
    throw badRequest(`There was a problem with the request: paging past ${cap} results is not supported.`);
  const groups = body.filterGroups ?? [];
  if (groups.length > 5 || groups.some((group) => group.filters.length > 6))
    throw badRequest('Too many filters: at most 5 groups of 6.');
  const tests = groups.map((group) => group.filters.map((filter) => compile(table, filter)));
  const matches = table
    .ordered()
    .filter(
      (row) =>
        row.indexed !== undefined &&
        row.archivedAt === undefined &&
        row.mergedInto === undefined &&
        (tests.length === 0 || tests.some((all) => all.every((test) => test(row)))),
    );
  sort(table, matches, body.sorts ?? []);
  const rows = matches.slice(start, start + limit);
  const more = start + limit < matches.length;
  return { total: matches.length, rows, after: more ? String(start + limit) : undefined };
}

function sort(table: Table, rows: Row[], sorts: NonNullable<SearchBody['sorts']>): void {
  for (const each of [...sorts].reverse()) {
    const { propertyName, direction } = parseSort(each);
    // Rows come in order of id already.
    if (propertyName === 'hs_object_id' && direction > 0) continue;
    const def = property(table, propertyName);
    const keys = new Map(rows.map((row) => [row, read(table, def, row)]));
    rows.sort((a, b) => direction * compare(keys.get(a), keys.get(b)));
  }
}

function parseSort(sort: string | { propertyName: string; direction?: string }) {
  const given = typeof sort === 'string' && sort.startsWith('{') ? JSON.parse(sort) : sort;
  if (typeof given === 'string')
    return { propertyName: given.replace(/^-/, ''), direction: given.startsWith('-') ? -1 : 1 };
  return {
    propertyName: String(given.propertyName),
    direction: String(given.direction).startsWith('DESC') ? -1 : 1,
  };
}

function compile(table: Table, filter: Filter): Test {
  const def = property(table, filter.propertyName);
  const key = (value: unknown) => comparable(def, value, true);
  const low = key(filter.value);
  const high = key(filter.highValue);
  const values = (filter.values ?? []).map(key);
  const get = (row: Row) => read(table, def, row);
  const tests: Record<string, Test> = {
    EQ: (row) => get(row) === low,
    NEQ: (row) => get(row) !== low,
    LT: (row) => compare(get(row), low) < 0 && get(row) !== undefined,
    LTE: (row) => compare(get(row), low) <= 0 && get(row) !== undefined,
    GT: (row) => compare(get(row), low) > 0,
    GTE: (row) => compare(get(row), low) >= 0,
    BETWEEN: (row) => compare(get(row), low) >= 0 && compare(get(row), high) <= 0,
    IN: (row) => values.includes(get(row)),
    NOT_IN: (row) => !values.includes(get(row)),
    HAS_PROPERTY: (row) => get(row) !== undefined,
    NOT_HAS_PROPERTY: (row) => get(row) === undefined,
    CONTAINS_TOKEN: (row) => tokens(get(row)).includes(String(low)),
    NOT_CONTAINS_TOKEN: (row) => !tokens(get(row)).includes(String(low)),
  };
  const test = tests[filter.operator];
  if (test === undefined) throw badRequest(`Unknown operator ${filter.operator}`);
  return test;
}

function property(table: Table, name: string): PropertyDef {
  const def = table.byName.get(name);
  if (def === undefined) throw badRequest(`There was a problem with the request: no property ${name}`);
  return def;
}

function read(table: Table, def: PropertyDef, row: Row): Comparable | undefined {
  if (def.name === 'hs_object_id') return row.number;
  if (def.name === table.def.modified) return row.indexed!.updatedAt;
  if (def.name === 'createdate') return row.createdAt;
  return comparable(def, row.indexed!.properties[def.name] ?? systemValue(table, row, def.name), false);
}

function comparable(def: PropertyDef, value: unknown, asked: boolean): Comparable | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = String(value);
  if (def.type === 'number') return asNumber(Number(text), text, asked);
  if (def.type === 'date' || def.type === 'datetime')
    return asNumber(moment(text) ?? Number.NaN, text, asked);
  return text.toLowerCase();
}

function asNumber(value: number, text: string, asked: boolean): number | undefined {
  if (!Number.isNaN(value)) return value;
  if (asked) throw badRequest(`There was a problem with the request: ${text} is not a number or time`);
  return undefined;
}

function compare(a: Comparable | undefined, b: Comparable | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return a < b ? -1 : 1;
}

const tokens = (value: Comparable | undefined) => String(value ?? '').split(/[\s@.,;-]+/);
