import { afterAll, afterEach } from 'vitest';
import type { Change, Context, Cursor, Fields, Page } from '../../../connectors/contract.ts';
import { type HubspotConfig, hubspotConfig } from '../../../connectors/hubspot/config.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import {
  createHubspotSandbox,
  type HubspotSandbox,
  type HubspotSandboxOptions,
} from '../../../connectors/hubspot/sandbox/index.ts';
import { serveSandbox } from '../../../connectors/serve.ts';

export interface Rig {
  sandbox: HubspotSandbox;
  ctx: Context<HubspotConfig>;
  /** Calls made since the last time it was asked. */
  calls(): number;
  logged: string[];
}

const open: (() => Promise<void>)[] = [];
const closeAll = async () => {
  for (const close of open.splice(0)) await close();
};
afterEach(closeAll);
afterAll(closeAll);

/** A sandbox on a loopback port, and a context that reaches it with the plain global fetch. Closed after the test. */
export async function rig(
  options: HubspotSandboxOptions = {},
  given: { config?: Record<string, unknown>; now?: () => Date; fetch?: typeof fetch } = {},
): Promise<Rig> {
  const sandbox = createHubspotSandbox(options);
  const served = await serveSandbox(sandbox.app);
  open.push(served.close);
  const logged: string[] = [];
  const log = (message: string) => void logged.push(message);
  const auth = 'oauth' in (given.config ?? {}) ? {} : { accessToken: 'sandbox-token' };
  let before = 0;
  return {
    sandbox,
    logged,
    ctx: {
      config: hubspotConfig.parse({ baseUrl: served.url, ...auth, ...given.config }),
      // Looked up at each call: msw puts its own in the place of the global one.
      fetch: given.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      now: given.now ?? options.now ?? (() => new Date()),
      signal: new AbortController().signal,
      log: { debug: log, info: log, warn: log },
    },
    calls: () => {
      const made = sandbox.books.calls - before;
      before = sandbox.books.calls;
      return made;
    },
  };
}

/** All pages from a cursor on. Each cursor goes through JSON, as the store has it. */
export async function readAll(
  ctx: Context<HubspotConfig>,
  stream: string,
  since: Cursor | null,
  fields: string[],
  between: (page: Page, n: number) => void = () => {},
): Promise<{ changes: Change[]; cursor: Cursor; pages: number }> {
  const changes: Change[] = [];
  let cursor = since;
  for (let pages = 1; ; pages += 1) {
    const page = await hubspot.read!(ctx, stream, { since: cursor }, fields);
    changes.push(...page.changes);
    cursor = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
    between(page, pages);
    if (page.done) return { changes, cursor, pages };
    if (pages > 500) throw new Error('paging does not end');
  }
}

export const ids = (changes: Change[], op: Change['op'] = 'upsert') =>
  changes.filter((change) => change.op === op).map(({ id }) => id);

export function fieldsOf(changes: Change[], id: string): Fields | undefined {
  const change = changes.find((each) => each.id === id && each.op === 'upsert');
  return change?.op === 'upsert' ? change.fields : undefined;
}

export const people = (count: number, at?: string) =>
  Array.from({ length: count }, (_, i) => ({
    fields: { email: `person${i}@example.com`, firstname: `名${i}`, lastname: '佐藤' },
    ...(at !== undefined && { at }),
  }));
