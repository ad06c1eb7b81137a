/**
 * Salesforce simulated: a Hono app that answers like an org with Contacts, Leads, Accounts, Opportunities and
 * Users. True to what a sync has to live with: tokens that expire, ties of whole seconds, values that come back
 * changed, rows that fail alone, merges, conversions, limits, and answers that get lost.
 */
import { Hono } from 'hono';
import type { Fields } from '../../contract.ts';
import { emptyBooks, type Sandbox, type SeedRecord } from '../../sandbox.ts';
import { bulkRoutes, type Jobs } from './bulk.ts';
import { eventBus } from './changes.ts';
import { collectionRoutes } from './collections.ts';
import { ownValues } from './dml.ts';
import { answerError, dataGate, type Env, type Gate, gatekeeper } from './gate.ts';
import { type HookTarget, hookSender } from './hooks.ts';
import { type Credentials, oauthRoutes } from './oauth.ts';
import { recordTypes, standardObjects } from './objects.ts';
import { convertLead, mergeRows } from './people.ts';
import { type Locators, restRoutes } from './rest.ts';
import { type FieldSpec, reference } from './schema.ts';
import { type Streaming, streamingRoutes } from './streaming.ts';
import { type EmailCheck, stamp } from './values.ts';
import {
  addRow,
  changeRow,
  deleteRow,
  findRow,
  idMaker,
  isDeleted,
  makeTable,
  purgeRow,
  type Row,
  type RowFault,
  type Table,
  tableOf,
  undeleteRow,
  type World,
} from './world.ts';

export type { FieldSpec } from './schema.ts';
export { field, reference, text } from './schema.ts';
export type { RowFault } from './world.ts';

export interface SalesforceSandboxOptions {
  /** Picks the org's part of every id: two sandboxes with different seeds share none. */
  seed?: number;
  now?(): Date;
  /** The org's own id. Default: one that follows from the seed. */
  organizationId?: string;
  clientId?: string;
  clientSecret?: string;
  refreshToken?: string;
  username?: string;
  /** SPKI PEM of the connected app's certificate: JWT bearer works only with it. */
  publicKey?: string;
  /** Every refresh voids the refresh token it used and hands out the next. */
  rotateRefreshTokens?: boolean;
  /** API calls a day. Default 1,000,000. */
  dailyLimit?: number;
  /** Further fields by object. */
  schema?: Record<string, FieldSpec[]>;
  /** Whether objects have Nayose_Id__c (unique, external id). Default true. */
  externalId?: boolean;
  /** 'strict' also refuses the dots that old carrier addresses have. Default 'standard'. */
  emailValidation?: EmailCheck;
  /** Duplicate rules by object: the field by which two records are found alike. Callers may overrule them. */
  duplicateRules?: Record<string, string>;
  /** Told of every edit that a person makes, as a Flow callout would. */
  hook?: HookTarget;
  /** How long a streaming poll without news is held, in milliseconds. Default 110,000. */
  pollMs?: number;
}

export interface SalesforceSandbox extends Sandbox {
  credentials: Readonly<Pick<Credentials, 'clientId' | 'clientSecret' | 'refreshToken' | 'username'>>;
  /** Every token issued so far is refused from now on. */
  expireTokens(): void;
  /** Every open query locator is refused from now on. */
  expireLocators(): void;
  /** A person converts a lead: an account and a contact are made of it, and it becomes read-only. */
  convert(leadId: string): { contactId: string; accountId: string };
  /** A person takes a record out of the recycle bin, with what its deletion took along. */
  undelete(stream: string, id: string): void;
  /** The record leaves the recycle bin for good (or is hard deleted): no query shows it any more. */
  purge(stream: string, id: string): void;
  /** A formula's value changes because something else did: no stamp moves, and nobody is told. */
  recalculate(stream: string, id: string, fields: Fields): void;
  /** A flow or trigger: what it returns is set on every record right after a write through the API. */
  flow(stream: string, rule: (fields: Fields) => Fields): void;
  /** An administrator adds a field to an object, or changes it: its picklist's values, who may write it. */
  setField(stream: string, spec: FieldSpec): void;
  /** An administrator makes a record type of an object, which the hub's user may use. Returns its id. */
  recordType(stream: string, name: string): string;
  /** An administrator takes rights on an object from the hub's user. */
  forbid(stream: string, ...what: ('create' | 'update' | 'delete')[]): void;
  /** An administrator deletes a field, or hides it from the hub's user: to the API both are the same. */
  dropField(stream: string, name: string): void;
  /** An error here is that one row's. */
  rowFault: RowFault | undefined;
  limit: { used: number; max: number };
  /** Settles when every hook due so far was answered; rejects if one was not accepted. */
  hooksDelivered(): Promise<void>;
  /** Who follows the change events, and ways to disturb them. */
  streaming: Pick<Streaming, 'clients' | 'handshakes' | 'followed' | 'drop'> & {
    /** Ends the retention of all change events so far: replay ids among them are no longer valid. */
    forget(): void;
    /** What happens within makes no change events. */
    quietly(work: () => void): void;
    /** An event that no row's change made: a gap (`GAP_UPDATE`, with ids) or an overflow. */
    publish(stream: string, changeType: string, recordIds: string[]): void;
  };
}

export function createSalesforceSandbox(options: SalesforceSandboxOptions = {}): SalesforceSandbox {
  const now = options.now ?? (() => new Date());
  const books = emptyBooks();
  const specs = standardObjects(options.externalId ?? true);
  for (const [name, fields] of Object.entries(options.schema ?? {})) {
    const spec = specs.find((s) => s.name === name);
    if (spec === undefined) throw new Error(`the sandbox has no object ${name} to add fields to`);
    for (const field of fields) spec.fields.set(field.name.toLowerCase(), field);
  }
  const world: World = {
    tables: new Map(specs.map((spec) => [spec.name.toLowerCase(), makeTable(spec)])),
    now,
    emails: options.emailValidation ?? 'standard',
    books,
    rowFault: undefined,
    duplicateRules: options.duplicateRules ?? {},
    flows: new Map(),
    apiUser: '',
    humanUser: '',
    newId: idMaker(options.seed ?? 1),
  };
  const organizations = world.tables.get('organization')!;
  organizations.spec.forbidden = new Set(['create', 'update', 'delete']);
  const organization = addRow(
    world,
    organizations,
    { Name: 'Sandbox' },
    now(),
    '',
    options.organizationId ?? idMaker(options.seed ?? 1)(organizations.spec),
  );
  const users = world.tables.get('user')!;
  for (const [slot, name] of [
    ['apiUser', 'Integration'],
    ['humanUser', 'Sales'],
  ] as const) {
    const fields = { LastName: name, Username: `${name.toLowerCase()}@sandbox.example`, IsActive: true };
    world[slot] = addRow(world, users, fields, now(), '').id;
  }

  const gate: Gate = {
    fault: undefined,
    limit: { used: 0, max: options.dailyLimit ?? 1_000_000 },
    tokens: new Set(),
  };
  const credentials: Credentials = {
    clientId: options.clientId ?? 'sandbox-client',
    clientSecret: options.clientSecret ?? 'sandbox-secret',
    refreshToken: options.refreshToken ?? 'sandbox-refresh',
    username: options.username ?? 'integration@sandbox.example',
    publicKey: options.publicKey,
    rotate: options.rotateRefreshTokens ?? false,
  };
  const bus = eventBus(world);
  const locators: Locators = { byId: new Map(), made: 0 };
  const jobs: Jobs = new Map();
  const app = new Hono<Env>();
  app.onError(answerError);
  app.use(
    '*',
    gatekeeper(world, gate, async (c) => createsOf(c.req.method, c.req.path, await c.req.text(), jobs)),
  );
  oauthRoutes(app, gate, credentials, { ...world, organization: organization.id });
  app.use('/services/data/*', dataGate(gate));
  app.use('/services/data/*', (c, next) =>
    bus.asClient(/client=([^,\s]+)/.exec(c.req.header('Sforce-Call-Options') ?? '')?.[1], next),
  );
  collectionRoutes(app, world);
  bulkRoutes(app, world, jobs);
  restRoutes(app, world, gate, locators);
  const streaming = streamingRoutes(app, world, gate, bus, options.pollMs ?? 110_000);

  const hooks = hookSender(options.hook, now);
  const table = (stream: string): Table => {
    const found = tableOf(world, stream);
    if (found === undefined) throw new Error(`the sandbox has no object ${stream}`);
    return found;
  };
  const row = (stream: string, id: string): Row => {
    const found = findRow(table(stream), id);
    if (found === undefined || isDeleted(found)) throw new Error(`${stream} ${id} is not in the sandbox`);
    return found;
  };

  return {
    // Its own type tells of the Node server's bindings, which a caller need not give.
    app: app as unknown as Hono,
    books,
    credentials,
    limit: gate.limit,
    seed(stream, records) {
      const into = table(stream);
      return bus.quietly(() => records.map((record) => seedOne(world, into, record).id));
    },
    records: (stream) =>
      table(stream).rows.map((r) => ({
        id: r.id,
        fields: { ...r.values },
        modifiedAt: String(r.values.SystemModstamp).replace('+0000', 'Z'),
        deleted: isDeleted(r),
      })),
    edit(stream, id, fields) {
      const target = row(stream, id);
      const values = ownValues(world, table(stream), fields);
      changeRow(table(stream), target, values, stamp(now()), world.humanUser);
      hooks.tell(stream, [target.id]);
    },
    remove(stream, id) {
      const target = row(stream, id);
      deleteRow(world, table(stream), target, world.humanUser);
      hooks.tell(stream, [target.id]);
    },
    merge(stream, winner, loser) {
      const [kept, folded] = [row(stream, winner), row(stream, loser)];
      mergeRows(world, table(stream), kept, folded);
      hooks.tell(stream, [kept.id, folded.id]);
    },
    convert(leadId) {
      const lead = row('Lead', leadId);
      const made = convertLead(world, lead);
      hooks.tell('Lead', [lead.id]);
      return made;
    },
    undelete(stream, id) {
      const found = findRow(table(stream), id);
      if (found === undefined) throw new Error(`${stream} ${id} is not in the recycle bin`);
      undeleteRow(world, table(stream), found, world.humanUser);
      hooks.tell(stream, [found.id]);
    },
    purge(stream, id) {
      const found = findRow(table(stream), id);
      if (found !== undefined) purgeRow(world, table(stream), found, world.humanUser);
    },
    recalculate: (stream, id, fields) => void Object.assign(row(stream, id).values, fields),
    flow: (stream, rule) => void world.flows.set(table(stream), rule),
    setField: (stream, spec) => void table(stream).spec.fields.set(spec.name.toLowerCase(), spec),
    recordType(stream, name) {
      const { spec } = table(stream);
      const types = world.tables.get('recordtype') ?? makeTable(recordTypes());
      world.tables.set('recordtype', types);
      const { id } = addRow(world, types, { Name: name, SobjectType: stream }, now(), world.humanUser);
      spec.recordTypes = [...(spec.recordTypes ?? []), { id, name }];
      spec.fields.set('recordtypeid', reference('RecordTypeId', 'Record Type ID', 'RecordType'));
      return id;
    },
    forbid(stream, ...what) {
      table(stream).spec.forbidden = new Set(what);
    },
    dropField: (stream, name) => void table(stream).spec.fields.delete(name.toLowerCase()),
    expireTokens() {
      gate.tokens.clear();
      streaming.wake();
    },
    streaming: {
      ...streaming,
      forget: () => bus.forget(),
      quietly: (work) => bus.quietly(work),
      publish: (stream, changeType, recordIds) => bus.publish(stream, { changeType, recordIds }),
    },
    expireLocators: () => locators.byId.clear(),
    hooksDelivered: () => hooks.delivered(),
    get fault() {
      return gate.fault;
    },
    set fault(fault) {
      gate.fault = fault;
    },
    get rowFault() {
      return world.rowFault;
    },
    set rowFault(fault) {
      world.rowFault = fault;
    },
  };
}

function seedOne(world: World, table: Table, record: SeedRecord): Row {
  const at = record.at === undefined ? world.now() : new Date(record.at);
  const values: Fields = ownValues(world, table, record.fields);
  return addRow(world, table, values, at, world.humanUser, record.id);
}

/** How many records a call asks to create, so that a fault can pick creates out. */
function createsOf(method: string, path: string, body: string, jobs: Jobs): number {
  if (/\/composite\/sobjects$/.test(path) && method === 'POST')
    return body.match(/"attributes":\s*\{/g)?.length ?? 0;
  if (/\/sobjects\/\w+$/.test(path) && !path.includes('/composite/') && method === 'POST') return 1;
  const job = method === 'PATCH' ? jobs.get(/\/jobs\/ingest\/(\w+)$/.exec(path)?.[1] ?? '') : undefined;
  return job?.operation === 'insert' ? job.lines.length : 0;
}
