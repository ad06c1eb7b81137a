/** A sandbox on a loopback port, and what a hub would hand the connector to reach it. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Change, Context, Cursor, Outcome, Page, Select } from '../../../connectors/contract.ts';
import { type SalesforceConfig, salesforce } from '../../../connectors/salesforce/index.ts';
import {
  createSalesforceSandbox,
  type SalesforceSandbox,
  type SalesforceSandboxOptions,
} from '../../../connectors/salesforce/sandbox/index.ts';

export interface Bench {
  sandbox: SalesforceSandbox;
  url: string;
  ctx: Context<SalesforceConfig>;
  /** Data calls since the last `forget`, without logins. */
  calls(): number;
  forget(): void;
  logged: string[];
  read(stream: string, select: Select, fields: string[]): Promise<Page>;
  /** Pages until done. */
  readAll(
    stream: string,
    since: Cursor | null,
    fields: string[],
  ): Promise<{ changes: Change[]; cursor: Cursor; pages: number }>;
  find(stream: string, by: string, values: string[], fields: string[]): Promise<Change[]>;
  context(
    config: unknown,
    options?: { fetch?: typeof fetch; signal?: AbortSignal },
  ): Context<SalesforceConfig>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function bench(options: SalesforceSandboxOptions = {}, config: object = {}): Promise<Bench> {
  const sandbox = createSalesforceSandbox(options);
  const server = serve({ fetch: sandbox.app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const logged: string[] = [];
  const note = (message: string) => void logged.push(message);
  const now = options.now ?? (() => new Date());
  const context: Bench['context'] = (given, other = {}) => ({
    config: salesforce.config.parse(given),
    fetch: other.fetch ?? fetch,
    now,
    signal: other.signal ?? AbortSignal.timeout(20_000),
    log: { debug: note, info: note, warn: note },
  });
  const auth = { grant: 'client_credentials', ...pick(sandbox.credentials, 'clientId', 'clientSecret') };
  const ctx = context({ loginUrl: url, auth, ...config });
  let forgotten = 0;
  const data = () =>
    Object.entries(sandbox.books.byRoute).reduce(
      (sum, [route, n]) => (route.includes('/oauth2/') ? sum : sum + n),
      0,
    );
  return {
    sandbox,
    url,
    ctx,
    logged,
    context,
    calls: () => data() - forgotten,
    forget() {
      forgotten = data();
    },
    read: (stream, select, fields) => salesforce.read!(ctx, stream, select, fields),
    async readAll(stream, since, fields) {
      return drain(ctx, stream, { since }, fields);
    },
    async find(stream, by, values, fields) {
      return (await drain(ctx, stream, { by, in: values }, fields)).changes;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}

async function drain(ctx: Context<SalesforceConfig>, stream: string, select: Select, fields: string[]) {
  const changes: Change[] = [];
  let page = await salesforce.read!(ctx, stream, select, fields);
  let pages = 1;
  changes.push(...page.changes);
  while (!page.done) {
    // A cursor must survive JSON.
    const since = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
    page = await salesforce.read!(ctx, stream, { since }, fields);
    pages += 1;
    changes.push(...page.changes);
    if (pages > 100) throw new Error('paging does not end');
  }
  return { changes, cursor: page.cursor, pages };
}

export function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

export const people = (count: number, at?: string) =>
  Array.from({ length: count }, (_, i) => ({
    fields: { LastName: `Name${i}`, FirstName: `First${i}`, Email: `p${i}@example.com` },
    ...(at ? { at } : {}),
  }));

/** A clock that tests turn by hand. */
export function clock(start: string) {
  let time = Date.parse(start);
  return {
    now: () => new Date(time),
    forward(seconds: number) {
      time += seconds * 1000;
    },
  };
}

export const byKey = (outcomes: Outcome[]) => new Map(outcomes.map((one) => [one.key, one]));
