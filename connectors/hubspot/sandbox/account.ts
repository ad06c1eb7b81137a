import { type Books, noteWrite } from '../../sandbox.ts';
import { type End, Links } from './associations.ts';
import { type CustomObject, LIFECYCLE, type ObjectDef, objectDefs } from './definitions.ts';
import { ApiError, badRequest, invalidProperties, notFound, type Refusal } from './errors.ts';
import { type Row, Table } from './table.ts';
import { normalise } from './values.ts';

/** Who makes a change: the API (counted in the books) or a person in HubSpot's screens. */
export type By = 'api' | 'person' | 'seed';

/** What happened, for webhooks. */
export type Happening = { def: ObjectDef; id: string; by: By } & (
  | { kind: 'creation' | 'deletion' | 'restore' | 'privacyDeletion' }
  | { kind: 'propertyChange'; property: string; value: string }
  | { kind: 'associationChange'; to: End; removed: boolean }
  | { kind: 'merge'; primary: string; merged: string[]; newId: string }
);

/** A write that was checked and waits to be carried out. */
export interface Prepared {
  commit(): Row;
}

export interface CreateInput {
  properties?: Record<string, unknown>;
  associations?: { to: { id: string | number }; types: { associationTypeId: number }[] }[];
}

/** The simulated account: its records, and the rules by which they change. */
export class Account {
  readonly tables = new Map<string, Table>();
  readonly links = new Links();
  readonly books: Books;
  readonly now: () => Date;
  private readonly searchDelayMs: number;
  private readonly tell: (happening: Happening) => void;
  private lastNumber = 51_000_000_000;
  /** Changes that search does not show yet, oldest first. */
  private pending: { due: number; row: Row; state: Row['indexed'] }[] = [];

  constructor(options: {
    unique: boolean;
    customs: CustomObject[];
    now: () => Date;
    searchDelayMs: number;
    books: Books;
    tell: (happening: Happening) => void;
  }) {
    for (const def of objectDefs(options.unique, options.customs)) this.tables.set(def.name, new Table(def));
    this.now = options.now;
    this.searchDelayMs = options.searchDelayMs;
    this.books = options.books;
    this.tell = options.tell;
  }

  /** By plural, singular, type id, or a custom object's qualified name. 400 when there is no such object. */
  table(name: string): Table {
    const plain = name.replace(/^p\d*_/, '');
    for (const table of this.tables.values())
      if ([table.def.name, table.def.singular, table.def.typeId].some((n) => n === name || n === plain))
        return table;
    throw badRequest(`Unable to infer object type from: ${name}`);
  }

  /** `claims`: unique values that earlier inputs of the same batch will take. */
  prepareCreate(
    table: Table,
    input: CreateInput,
    by: By,
    claims = new Set<string>(),
    given: { id?: string; at?: number } = {},
  ): Prepared {
    const values = this.check(table, undefined, input.properties ?? {}, by);
    this.refuseTaken(table, values, undefined, claims);
    const missing = table.def.required.filter((name) => !values[name]);
    if (missing.length > 0)
      throw badRequest(
        `Error creating ${table.def.singular.toUpperCase()}. Some required properties were not set.`,
        {
          context: { properties: missing },
          errors: missing.map((name) => ({
            message: `${name} is required`,
            code: 'REQUIRED_PROPERTIES_MISSING',
            context: { propertyName: [name] },
          })),
        },
      );
    const targets = (input.associations ?? []).map(({ to, types }) => ({
      to: this.target(table, String(to.id), types),
      types: types.map((type) => type.associationTypeId),
    }));
    return {
      commit: () => {
        const at = given.at ?? this.now().getTime();
        const id = given.id ?? String(this.nextNumber());
        const properties = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
        const row: Row = { id, number: Number(id), properties, createdAt: at, updatedAt: at };
        this.lastNumber = Math.max(this.lastNumber, row.number);
        note(row, Object.entries(properties), at, by);
        table.insert(row);
        this.index(row, by);
        for (const { to, types } of targets) this.link({ type: table.def.name, id }, to, types, by);
        if (by === 'api') this.count(table, id, this.books.created);
        if (by !== 'seed') this.tell({ kind: 'creation', def: table.def, id, by });
        for (const [property, value] of Object.entries(properties))
          if (by !== 'seed') this.tell({ kind: 'propertyChange', def: table.def, id, by, property, value });
        return row;
      },
    };
  }

  prepareUpdate(
    table: Table,
    row: Row,
    properties: Record<string, unknown>,
    by: By,
    claims = new Set<string>(),
  ): Prepared {
    const values = this.check(table, row, properties, by);
    this.refuseTaken(table, values, row, claims);
    return {
      commit: () => {
        const changed = Object.entries(values).filter(
          ([name, value]) => (row.properties[name] ?? '') !== value,
        );
        table.release(row);
        for (const [name, value] of changed)
          if (value === '') delete row.properties[name];
          else row.properties[name] = value;
        table.claim(row);
        note(row, changed, this.now().getTime(), by);
        this.touch(row, by);
        if (by === 'api') {
          this.count(table, row.id, this.books.updated);
          if (changed.length === 0) this.books.noops += 1;
        }
        for (const [property, value] of changed)
          this.tell({ kind: 'propertyChange', def: table.def, id: row.id, by, property, value });
        return row;
      },
    };
  }

  archive(table: Table, id: string, by: By): void {
    const row = table.live(table.resolve(id)?.id ?? id);
    if (row === undefined) return;
    table.release(row);
    row.archivedAt = this.now().getTime();
    this.links.removeAll({ type: table.def.name, id: row.id });
    if (by === 'api') this.count(table, row.id, this.books.deleted);
    this.tell({ kind: 'deletion', def: table.def, id: row.id, by });
  }

  /** Back from the archive, with the id and the values it had; its associations stay gone. */
  restore(table: Table, id: string, by: By): void {
    const row = table.rows.get(id);
    if (row?.archivedAt === undefined) throw new Error(`no archived ${table.def.singular} ${id}`);
    delete row.archivedAt;
    table.claim(row);
    this.touch(row, by);
    this.tell({ kind: 'restore', def: table.def, id, by });
  }

  /** For good, by law: in neither the live nor the archived list from now on. */
  purge(table: Table, id: string, by: By): void {
    const row = table.rows.get(id);
    if (row === undefined) return;
    if (row.archivedAt === undefined) this.archive(table, id, by);
    table.forget(row);
    this.tell({ kind: 'privacyDeletion', def: table.def, id, by });
  }

  /** Contacts and companies get a record with a new id; elsewhere the winner stays. */
  merge(table: Table, winnerId: string, loserId: string, by: By): Row {
    const winner = table.resolve(winnerId);
    const loser = table.resolve(loserId);
    for (const [id, row] of [
      [winnerId, winner],
      [loserId, loser],
    ] as const)
      if (row === undefined || row.archivedAt !== undefined) throw notFound([id], table.def.singular);
    if (winner === loser) throw badRequest('Cannot merge a record with itself');
    const [into, from] = [winner!, loser!];
    const old = [into, from].flatMap((row) => [row.id, ...list(row.properties.hs_merged_object_ids)]);
    const properties = { ...from.properties, ...into.properties };
    const emails = [into, from].flatMap((row) => [
      row.properties.email ?? '',
      ...list(row.properties.hs_additional_emails),
    ]);
    const extra = [...new Set(emails)].filter((email) => email !== '' && email !== properties.email);
    if (extra.length > 0) properties.hs_additional_emails = extra.join(';');
    const type = table.def.name;
    for (const row of [into, from]) table.release(row);
    let result = into;
    if (table.def.mergeMakesId) {
      const number = this.nextNumber();
      const at = this.now().getTime();
      result = { id: String(number), number, properties, createdAt: into.createdAt, updatedAt: at };
      into.mergedInto = result.id;
      properties.hs_merged_object_ids = old.join(';');
      table.insert(result);
      this.links.move({ type, id: into.id }, { type, id: result.id });
    } else {
      into.properties = properties;
      properties.hs_merged_object_ids = old.filter((id) => id !== into.id).join(';');
      table.claim(result);
    }
    from.mergedInto = result.id;
    this.links.move({ type, id: from.id }, { type, id: result.id });
    this.touch(result, by);
    const gone = table.def.mergeMakesId ? [into.id, from.id] : [from.id];
    this.tell({
      kind: 'merge',
      def: table.def,
      id: result.id,
      by,
      primary: into.id,
      merged: [from.id],
      newId: result.id,
    });
    for (const id of gone) this.tell({ kind: 'deletion', def: table.def, id, by });
    return result;
  }

  link(from: End, to: End, typeIds: number[] | undefined, by: By): void {
    if (typeIds === undefined) this.links.addDefault(from, to);
    else {
      this.links.addTypes(from, to, typeIds);
      this.links.addDefault(from, to);
    }
    const { def } = this.table(from.type);
    if (by !== 'seed') this.tell({ kind: 'associationChange', def, id: from.id, by, to, removed: false });
  }

  unlink(from: End, to: End, by: By, typeIds?: number[]): void {
    if (!this.links.remove(from, to, typeIds)) return;
    const { def } = this.table(from.type);
    this.tell({ kind: 'associationChange', def, id: from.id, by, to, removed: true });
  }

  /** Lets search see what has become due. */
  catchUp(): void {
    const now = this.now().getTime();
    let n = 0;
    for (; n < this.pending.length && this.pending[n]!.due <= now; n += 1)
      this.pending[n]!.row.indexed = this.pending[n]!.state;
    if (n > 0) this.pending = this.pending.slice(n);
  }

  private touch(row: Row, by: By): void {
    row.updatedAt = Math.max(row.updatedAt, this.now().getTime());
    this.index(row, by);
  }

  private index(row: Row, by: By): void {
    const state = { properties: { ...row.properties }, updatedAt: row.updatedAt };
    if (this.searchDelayMs === 0 || by === 'seed') row.indexed = state;
    else this.pending.push({ due: this.now().getTime() + this.searchDelayMs, row, state });
  }

  private nextNumber(): number {
    this.lastNumber += 7;
    return this.lastNumber;
  }

  private count(table: Table, id: string, book: Record<string, number>): void {
    const stream = table.def.name;
    book[stream] = (book[stream] ?? 0) + 1;
    noteWrite(this.books, stream, id, this.now());
  }

  /** Every value as it would be stored. 400 with all that is wrong. */
  private check(
    table: Table,
    row: Row | undefined,
    properties: Record<string, unknown>,
    by: By,
  ): Record<string, string> {
    const refusals: Refusal[] = [];
    const values: Record<string, string> = {};
    for (const [name, raw] of Object.entries(properties)) {
      const def = table.byName.get(name);
      const refuse = (code: string, message: string) => refusals.push({ code, message, name });
      if (def === undefined) refuse('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
      else if (by !== 'seed' && (def.readOnly || def.calculated))
        refuse('READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set.`);
      else {
        const before = row?.properties[name];
        const result = normalise(def, raw, before);
        if ('code' in result) refusals.push(result);
        else values[name] = forwardOnly(name, before, result.value);
      }
    }
    if (refusals.length > 0) throw invalidProperties(refusals);
    return values;
  }

  private refuseTaken(
    table: Table,
    values: Record<string, string>,
    row: Row | undefined,
    claims: Set<string>,
  ): void {
    for (const property of table.unique.keys()) {
      const value = values[property];
      if (!value) continue;
      const holder = table.find(property, value);
      const claim = `${property}=${value.toLowerCase()}`;
      const inBatch = claims.has(claim);
      claims.add(claim);
      if (inBatch || (holder !== undefined && holder !== row))
        throw taken(table, property, value, holder?.id);
    }
  }

  private target(table: Table, id: string, types: { associationTypeId: number }[]): End {
    for (const other of this.tables.values()) {
      const known = this.links.typesBetween(table.def.name, other.def.name).map(({ typeId }) => typeId);
      if (!types.some((type) => known.includes(type.associationTypeId))) continue;
      const found = other.resolve(id);
      if (found === undefined || found.archivedAt !== undefined) throw notFound([id], other.def.singular);
      return { type: other.def.name, id: found.id };
    }
    throw badRequest(`One or more association types are not valid: ${JSON.stringify(types)}`);
  }
}

const list = (text: string | undefined) => (text ?? '').split(';').filter((part) => part !== '');

/** HubSpot keeps the last 20 values of a property. */
const MOST_VERSIONS = 20;

function note(row: Row, values: readonly [string, string][], at: number, by: By): void {
  if (by === 'seed') return;
  row.versions ??= {};
  for (const [name, value] of values) {
    const before = row.versions[name] ?? [];
    row.versions[name] = [{ value, at, by }, ...before].slice(0, MOST_VERSIONS);
  }
}

/** A lifecycle stage stays when it is asked to go back; clearing it first lets it. */
function forwardOnly(name: string, before: string | undefined, value: string): string {
  if (name !== 'lifecyclestage' || before === undefined || value === '') return value;
  return LIFECYCLE.indexOf(value) < LIFECYCLE.indexOf(before) ? before : value;
}

function taken(table: Table, property: string, value: string, holder: string | undefined): ApiError {
  if (property === 'email' && holder !== undefined)
    return new ApiError(409, 'CONFLICT', `Contact already exists. Existing ID: ${holder}`);
  const refusal = invalidProperties([
    {
      code: 'CONFLICTING_UNIQUE_VALUE',
      name: property,
      message: `Cannot set ${property} to ${value} on ${table.def.singular}. ${holder ?? 'Another input'} already has that value.`,
    },
  ]);
  return refusal;
}
