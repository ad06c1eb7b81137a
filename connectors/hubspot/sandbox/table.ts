import type { ObjectDef, PropertyDef } from './definitions.ts';

/** A value that a property had, from when on, and who put it there. */
export interface Version {
  value: string;
  at: number;
  by: 'api' | 'person';
}

export interface Row {
  id: string;
  number: number;
  properties: Record<string, string>;
  /** Versions of properties since they were last put in by the sandbox itself, newest first. */
  versions?: Record<string, Version[]>;
  createdAt: number;
  updatedAt: number;
  archivedAt?: number;
  /** Folded into this record: neither live nor archived, but GET and PATCH of its id answer with the winner. */
  mergedInto?: string;
  /** The record as search shows it, which may be older than it is. */
  indexed?: { properties: Record<string, string>; updatedAt: number };
}

/** The records of one object: by id, in order of id, and by unique value. */
export class Table {
  readonly def: ObjectDef;
  readonly byName: Map<string, PropertyDef>;
  readonly rows = new Map<string, Row>();
  readonly unique = new Map<string, Map<string, string>>();
  private order: Row[] = [];
  private sorted = true;

  constructor(def: ObjectDef) {
    this.def = def;
    this.byName = new Map(def.properties.map((property) => [property.name, property]));
    for (const property of def.properties) if (property.unique) this.unique.set(property.name, new Map());
  }

  /** A new property, or a known one with other options. */
  define(property: PropertyDef): void {
    this.def.properties = [...this.def.properties.filter(({ name }) => name !== property.name), property];
    this.byName.set(property.name, property);
    if (property.unique && !this.unique.has(property.name)) this.unique.set(property.name, new Map());
  }

  /** The property is gone from the account: reads leave it out without a word, writes are refused. */
  drop(name: string): void {
    this.def.properties = this.def.properties.filter((property) => property.name !== name);
    this.byName.delete(name);
    this.unique.delete(name);
  }

  forget(row: Row): void {
    this.rows.delete(row.id);
    this.order = this.order.filter((other) => other !== row);
  }

  insert(row: Row): void {
    this.rows.set(row.id, row);
    if (this.order.length > 0 && row.number < this.order.at(-1)!.number) this.sorted = false;
    this.order.push(row);
    this.claim(row);
  }

  /** All rows by ascending id, archived and merged ones too. */
  ordered(): Row[] {
    if (!this.sorted) this.order.sort((a, b) => a.number - b.number);
    this.sorted = true;
    return this.order;
  }

  /** Index in `ordered()` of the first row with at least this id. */
  firstFrom(number: number): number {
    const rows = this.ordered();
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (rows[middle]!.number < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The row an id stands for now: its winner, if it was merged away. */
  resolve(id: string): Row | undefined {
    let row = this.rows.get(id);
    while (row?.mergedInto !== undefined) row = this.rows.get(row.mergedInto);
    return row;
  }

  live(id: string): Row | undefined {
    const row = this.rows.get(id);
    return row !== undefined && row.archivedAt === undefined && row.mergedInto === undefined
      ? row
      : undefined;
  }

  find(property: string, value: string): Row | undefined {
    const id = this.unique.get(property)?.get(fold(value));
    return id === undefined ? undefined : this.live(id);
  }

  /** Takes the row's unique values for itself. */
  claim(row: Row): void {
    for (const [property, owners] of this.unique) {
      const value = row.properties[property];
      if (value) owners.set(fold(value), row.id);
    }
    for (const extra of (row.properties.hs_additional_emails ?? '').split(';'))
      if (extra !== '') this.unique.get('email')?.set(fold(extra), row.id);
  }

  /** Gives up the row's unique values, before they change or the row goes. */
  release(row: Row): void {
    for (const [property, owners] of this.unique) {
      const value = row.properties[property];
      if (value && owners.get(fold(value)) === row.id) owners.delete(fold(value));
    }
  }
}

/** Unique values are compared without case. */
const fold = (value: string) => value.trim().toLowerCase();
