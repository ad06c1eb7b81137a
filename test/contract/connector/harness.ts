/** What a connector's own test hands to the kit, and what the kit builds of it. */
import type {
  Change,
  Connector,
  ConnectorError,
  Context,
  Cursor,
  Fields,
  Inbound,
  Op,
  Outcome,
  Page,
  Select,
} from '../../../connectors/contract.ts';
import { createTransport } from '../../../connectors/transport.ts';

/** The tool, simulated in this process: no port, no socket. Made anew for every test. */
export interface Tool {
  /** What hub.yaml would say; the kit parses it with the connector's schema. */
  config: unknown;
  /** Answers as the tool's server does. */
  fetch(request: Request): Promise<Response>;
  /** Puts records in as if they had always been there; ids in order. */
  seed(records: { fields: Fields; at?: string }[]): string[];
  /** A person edits or deletes in the tool's own screens. */
  edit(id: string, fields: Fields): void;
  remove(id: string): void;
  /** All records, deleted ones left out. */
  records(): { id: string; fields: Fields }[];
  close?(): void;
}

export interface Clock {
  now(): Date;
  pass(seconds: number): void;
}

export interface Harness<C> {
  connector: Connector<C>;
  start(clock: Clock): Tool;
  /** The stream that the kit reads and writes. */
  stream: string;
  /** Writable values that the tool keeps as they are; no two numbers share a value of `key` or of `changed`. */
  sample(n: number): Fields;
  /** A field of `sample` that a person (and the hub) changes. */
  changed: string;
  /** A field of `sample` that a record can be looked up by. */
  key: string;
  /** Enough records for three pages. */
  many: number;
  /** A record that the tool refuses to create. Left out by tools that refuse nothing, or take nothing. */
  poison?: Fields;
  /** An id that looks right and names nothing. */
  missingId: string;
  /** false: files and the like; there is no server that could refuse. */
  network?: false;
  /** true: the tool checks times itself, by the real clock. */
  realTime?: true;
  hook?: {
    /** A genuine request about one record, signed at that time. */
    genuine(at: Date): Inbound | Promise<Inbound>;
    /** The same by someone who does not know the secret. */
    forged(at: Date): Inbound | Promise<Inbound>;
  };
  /** Calls that log in; not to be taken for writes. */
  login?(url: URL): boolean;
  /** Properties that do not hold, by their name in the kit, each with its reason: run as expected failures. */
  gaps?: Record<string, string>;
}

/** What becomes of a call on its way: nothing (undefined), an answer in the tool's place, or a lost answer. */
export type Trouble = (
  request: Request,
) => { status: number; headers?: Record<string, string>; body?: string } | 'lost-answer' | undefined;

/** One test's tool, with contexts as the hub makes them. */
export class Rig<C> {
  readonly harness: Harness<C>;
  readonly tool: Tool;
  readonly clock: Clock;
  trouble: Trouble = () => undefined;
  calls = 0;
  warnings: string[] = [];

  constructor(harness: Harness<C>) {
    this.harness = harness;
    this.clock = harness.realTime ? realClock() : simulatedClock();
    this.tool = harness.start(this.clock);
  }

  /** A new process, as it were: configuration parsed anew, nothing cached. */
  context(): Context<C> {
    const { connector } = this.harness;
    const signal = new AbortController().signal;
    return {
      config: connector.config.parse(structuredClone(this.tool.config)),
      fetch: createTransport({
        fetch: async (input, init) => await this.#answer(new Request(input, init)),
        signal,
        retries: 1,
        deadline: 20_000,
        sleep: async () => {},
        now: () => this.clock.now(),
        ...(connector.readOnly === undefined
          ? {}
          : { readOnly: (method: string, url: URL) => connector.readOnly!(method, url) }),
      }),
      now: () => this.clock.now(),
      signal,
      log: { debug: () => {}, info: () => {}, warn: (message) => this.warnings.push(message) },
    };
  }

  async #answer(request: Request): Promise<Response> {
    this.calls += 1;
    const trouble = this.trouble(request.clone());
    if (trouble === 'lost-answer') {
      await this.tool.fetch(request);
      const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
      throw new TypeError('fetch failed', { cause });
    }
    if (trouble !== undefined) return new Response(trouble.body ?? '{}', trouble);
    return await this.tool.fetch(request);
  }

  isWrite(request: Request): boolean {
    const { connector, login } = this.harness;
    const url = new URL(request.url);
    if (request.method === 'GET' || login?.(url)) return false;
    return connector.readOnly?.(request.method, url) !== true;
  }

  sample(n: number): Fields {
    return this.harness.sample(n);
  }

  get fields(): string[] {
    return Object.keys(this.harness.sample(0));
  }

  seedMany(count: number, at?: string): string[] {
    return this.tool.seed(
      Array.from({ length: count }, (_, n) => ({
        fields: this.sample(n),
        ...(at === undefined ? {} : { at }),
      })),
    );
  }

  /** One page, in a context of its own, from a cursor that went through JSON. */
  async page(select: Select): Promise<Page> {
    const page = await this.harness.connector.read!(this.context(), this.harness.stream, select, this.fields);
    return { ...page, cursor: JSON.parse(JSON.stringify(page.cursor)) as Cursor };
  }

  /** All pages. `after` runs after each but the last. Throws when there is no end in sight. */
  async scan(
    select: Select,
    after?: (pages: number) => void,
  ): Promise<{ changes: Change[]; cursor: Cursor; pages: number }> {
    const changes: Change[] = [];
    let next = select;
    for (let pages = 1; pages <= 500; pages += 1) {
      const page = await this.page(next);
      changes.push(...page.changes);
      if (page.done) return { changes, cursor: page.cursor, pages };
      after?.(pages);
      next = { since: page.cursor };
    }
    throw new Error('paging does not end: 500 pages, and still not done');
  }

  write(ops: Op[]): Promise<Outcome[]> {
    return this.harness.connector.write!(this.context(), this.harness.stream, ops);
  }
}

/** What a run of changes leaves of each record: its newest fields, or null when it is gone. */
export function state(changes: Change[]): Map<string, Fields | null> {
  const records = new Map<string, Fields | null>();
  for (const change of changes) {
    if (change.op === 'upsert') records.set(change.id, change.fields);
    if (change.op === 'delete' || change.op === 'merge') records.set(change.id, null);
  }
  return records;
}

/** Those of `wanted`'s fields, with null for fields that are not there. */
export function pick(fields: Fields | null | undefined, wanted: Fields): Fields {
  return Object.fromEntries(Object.keys(wanted).map((name) => [name, fields?.[name] ?? null]));
}

/** How a write failed as a whole: thrown, or the same for each op. */
export async function failureOf(write: Promise<Outcome[]>): Promise<string[]> {
  try {
    return (await write).map((outcome) => (outcome.status === 'failed' ? outcome.kind : outcome.status));
  } catch (error) {
    return [(error as ConnectorError).kind ?? String(error)];
  }
}

const realClock = (): Clock => ({
  now: () => new Date(),
  pass: () => {},
});

function simulatedClock(): Clock {
  let time = Date.parse('2026-03-02T03:00:00.000Z');
  return {
    now: () => new Date(time),
    pass: (seconds) => {
      time += seconds * 1000;
    },
  };
}
