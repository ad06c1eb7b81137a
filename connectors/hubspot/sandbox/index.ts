import { Hono } from 'hono';
import type { Fields, Json } from '../../contract.ts';
import { emptyBooks, type Sandbox } from '../../sandbox.ts';
import { createAccess, type OAuthApp, type Usage } from './access.ts';
import { Account, type By } from './account.ts';
import { type BatchRules, batchRoutes } from './batch.ts';
import { callsMiddleware, HungUp } from './calls.ts';
import type { CustomObject, PropertyDef } from './definitions.ts';
import { ApiError } from './errors.ts';
import { linkingRoutes } from './linking.ts';
import { metaRoutes, type Owner } from './meta.ts';
import { objectRoutes } from './objects.ts';
import { SEARCH_CAP } from './search.ts';
import type { Row, Table } from './table.ts';
import { createWebhookSender, type WebhookOptions } from './webhooks.ts';

export type { CustomObject, PropertyDef } from './definitions.ts';
export { custom, text } from './definitions.ts';

export interface HubspotSandboxOptions extends Partial<BatchRules> {
  /** Records to begin with, by object. */
  seed?: Record<string, { id?: string; fields: Fields; at?: string }[]>;
  now?: () => Date;
  /** Default 123456. */
  portalId?: number;
  /** The private app's token. Default `sandbox-token`. */
  accessToken?: string;
  oauth?: OAuthApp;
  scopes?: string[];
  /** No limit when absent. */
  rateLimit?: { calls: number; perSeconds: number };
  dailyLimit?: number;
  midnight?: Date;
  searchPerSecond?: number;
  /** How long a change stays unseen by search. Default 0. */
  searchDelayMs?: number;
  /** How far search pages reach; smaller than HubSpot's 10,000 for quick tests. */
  searchCap?: number;
  /** false: no nayose_id properties. */
  uniqueNayoseId?: boolean;
  customObjects?: CustomObject[];
  owners?: Owner[];
  webhook?: WebhookOptions;
}

export interface HubspotSandbox extends Sandbox {
  /** Of the account that it stands for; its webhooks carry it. */
  portalId: number;
  /** Resolves when every webhook event has been delivered or given up. */
  webhooksSettled(): Promise<void>;
  /** A person takes a record back from the archive. */
  restore(stream: string, id: string): void;
  /** A permanent deletion, as privacy law asks for: the archived list does not show it either. */
  purge(stream: string, id: string): void;
  /** An administrator adds a property to an object, or changes it: its options, who may write it. */
  setProperty(stream: string, property: PropertyDef): void;
  /** An administrator deletes a property. */
  dropProperty(stream: string, name: string): void;
  /** Ends all OAuth tokens before their time. */
  expireTokens(): void;
  /** Calls of the day; a test that adds to `used` is another app of the account. */
  usage: Usage;
}

/** HubSpot, simulated: see shared facts for what it is true to. Fields are HubSpot's property names and `associations.{object}`. */
export function createHubspotSandbox(options: HubspotSandboxOptions = {}): HubspotSandbox {
  const now = options.now ?? (() => new Date());
  const books = emptyBooks();
  const portalId = options.portalId ?? 123456;
  const sender = options.webhook && createWebhookSender(options.webhook, portalId, now);
  const account = new Account({
    unique: options.uniqueNayoseId ?? true,
    customs: options.customObjects ?? [],
    now,
    searchDelayMs: options.searchDelayMs ?? 0,
    books,
    tell: (happening) => sender?.tell(happening),
  });
  // Owners who left are refused.
  const owners = (options.owners ?? []).filter(({ archived }) => !archived);
  for (const table of account.tables.values())
    for (const property of table.def.properties.filter(({ owner }) => owner))
      table.define({
        ...property,
        options: owners.map(({ id, firstName, lastName }) => ({
          value: id,
          label: `${firstName} ${lastName}`,
        })),
      });
  const access = createAccess({
    ...options,
    now,
    portalId,
    accessToken: options.accessToken ?? 'sandbox-token',
  });
  const app = new Hono();
  const sandbox: HubspotSandbox = {
    app,
    books,
    portalId,
    fault: undefined,
    seed: (stream, records) =>
      records.map(({ id, fields, at }) => {
        const table = account.table(stream);
        if (id !== undefined && (!/^\d+$/.test(id) || table.rows.has(id)))
          throw new Error(`seed id ${id} is not a number, or taken`);
        const given = { ...(id && { id }), ...(at && { at: Date.parse(at) }) };
        const { properties, links } = split(fields);
        const row = account.prepareCreate(table, { properties }, 'seed', new Set(), given).commit();
        relink(account, table, row, links, 'seed');
        return row.id;
      }),
    records: (stream) => {
      const table = account.table(stream);
      return [...table.rows.values()].map((row) => ({
        id: row.id,
        fields: { ...row.properties, ...shownLinks(account, table, row) },
        modifiedAt: new Date(row.updatedAt).toISOString(),
        deleted: row.archivedAt !== undefined || row.mergedInto !== undefined,
      }));
    },
    edit: (stream, id, fields) => {
      const table = account.table(stream);
      const row = table.live(id);
      if (row === undefined) throw new Error(`no live ${stream} ${id}`);
      const { properties, links } = split(fields);
      account.prepareUpdate(table, row, properties, 'person').commit();
      relink(account, table, row, links, 'person');
    },
    remove: (stream, id) => account.archive(account.table(stream), id, 'person'),
    merge: (stream, winner, loser) => void account.merge(account.table(stream), winner, loser, 'person'),
    restore: (stream, id) => account.restore(account.table(stream), id, 'person'),
    purge: (stream, id) => account.purge(account.table(stream), id, 'person'),
    setProperty: (stream, property) => account.table(stream).define(property),
    dropProperty: (stream, name) => account.table(stream).drop(name),
    webhooksSettled: async () => await sender?.settled(),
    expireTokens: access.expire,
    usage: access.usage,
  };

  app.use('*', async (c, next) => {
    await next();
    c.res.headers.set('date', now().toUTCString());
  });
  app.use(
    '*',
    callsMiddleware(books, (call) => sandbox.fault?.(call)),
  );
  app.use('*', access.guard);
  app.route('/', access.routes);
  app.route('/', metaRoutes(account, options.owners ?? [], portalId));
  const rules = {
    partial: options.partial ?? 'all',
    mergedInBatchRead: options.mergedInBatchRead ?? 'winner',
  };
  app.route('/crm/v3/objects', batchRoutes(account, rules));
  app.route('/crm/v3/objects', objectRoutes(account, options.searchCap ?? SEARCH_CAP));
  app.route('/crm/v4/associations', linkingRoutes(account));
  app.notFound((c) => c.json({ status: 'error', message: 'resource not found', category: 'NOT_FOUND' }, 404));
  app.onError((error) => {
    if (error instanceof ApiError)
      return Response.json(error.body, { status: error.status, headers: error.headers });
    if (error instanceof SyntaxError)
      return Response.json(new ApiError(400, 'VALIDATION_ERROR', 'Invalid input JSON').body, { status: 400 });
    if (error instanceof HungUp) throw error;
    return Response.json(new ApiError(500, 'INTERNAL_ERROR', String(error)).body, { status: 500 });
  });
  for (const [stream, records] of Object.entries(options.seed ?? {})) sandbox.seed(stream, records);
  return sandbox;
}

const LINK = 'associations.';

function split(fields: Fields): { properties: Record<string, string>; links: [string, Json][] } {
  const properties: Record<string, string> = {};
  const links: [string, Json][] = [];
  for (const [name, value] of Object.entries(fields))
    if (name.startsWith(LINK)) links.push([name.slice(LINK.length), value]);
    else properties[name] = wire(value);
  return { properties, links };
}

function wire(value: Json): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join(';') : String(value);
}

/** Makes the record's links to each object named exactly the one given, or none. */
function relink(account: Account, table: Table, row: Row, links: [string, Json][], by: By): void {
  const from = { type: table.def.name, id: row.id };
  for (const [object, value] of links) {
    const other = account.table(object);
    for (const { id } of account.links.of(from, other.def.name))
      account.unlink(from, { type: other.def.name, id }, by);
    if (value === null) continue;
    const target = other.resolve(String(value));
    if (target === undefined) throw new Error(`no ${object} ${String(value)} to associate with`);
    account.link(from, { type: other.def.name, id: target.id }, undefined, by);
  }
}

/** The primary or only link to each object, by its field name. */
function shownLinks(account: Account, table: Table, row: Row): Fields {
  const shown: Fields = {};
  for (const { def } of account.tables.values()) {
    const linked = account.links.of({ type: table.def.name, id: row.id }, def.name);
    const first =
      linked.find(({ types }) => types.some(({ label }) => label === 'Primary')) ??
      linked.sort((a, b) => Number(a.id) - Number(b.id))[0];
    if (first !== undefined) shown[`${LINK}${def.name}`] = first.id;
  }
  return shown;
}
