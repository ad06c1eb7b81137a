/**
 * What every connector fulfils. The smallest contract that can express what tools do: two connectors that
 * differ do so by declared capability, never by a subclass.
 *
 * Glossary
 *   stream    one kind of record in a tool (Contact, contacts, a csv file's rows)
 *   change    what a tool says of one record: its newest state, or that it is gone, merged, or worth a look
 *   cursor    where a reader stands in a stream; opaque JSON to the hub, stored with the page it ends
 *   op        one write the hub wants; its key is stable across retries
 *   outcome   what became of one op
 *   field     the tool's own name for a column; an attribute is the hub's name (see core/model)
 */
import type { ZodType } from 'zod';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A record's values by the tool's own field names. `null` means: the tool shows the field as empty. A field that is not there
 * was not shown, and says nothing.
 */
export type Fields = Record<string, Json>;

/** Opaque to the hub. Survives JSON, and resumes in any process. */
export type Cursor = Json;

/** A record of a tool, as other records of the same tool name it. */
export interface Ref {
  stream: string;
  id: string;
}

export interface Log {
  debug(message: string, detail?: object): void;
  info(message: string, detail?: object): void;
  warn(message: string, detail?: object): void;
}

/**
 * Secrets that a connector must remember beyond this process: a refresh token that the tool rotates. They lie encrypted in
 * the hub's database, for this connection alone.
 */
export interface Vault {
  get(name: string): Promise<string | undefined>;
  put(name: string, value: string): Promise<void>;
}

/** Handed to every call of a connector. A connector has no other way to the network, the clock or the log. */
export interface Context<C = unknown> {
  config: C;
  fetch: typeof fetch;
  now(): Date;
  /** Aborted when the hub stops or the call's deadline has passed. */
  signal: AbortSignal;
  log: Log;
  /** Absent: the hub has no key to encrypt with, so nothing can be kept. */
  vault?: Vault;
}

export type FieldType =
  | 'text'
  | 'email'
  | 'phone'
  | 'url'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'option'
  | 'options'
  | 'reference'
  | 'json';

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  /** Longest text accepted, in UTF-16 code units. */
  length?: number;
  /** Digits after the point that a number keeps; absent: all of them. */
  decimals?: number;
  /** The only values that it takes; of a `reference`: the ids, with the names that people know them by. */
  options?: { value: string; label: string }[];
  /** A create without it is refused (and the tool fills in no default). */
  required: boolean;
  writable: boolean;
  /** No two records share a value, and a record can be looked up by it. */
  unique: boolean;
  /** For `reference`: the streams it may point to. */
  references?: string[];
  /** It names a user of the tool: see `people`. */
  owner?: true;
  /** An amount of money. */
  money?: true;
  /** It says in which currency the amounts of its record are. */
  currency?: true;
  /** Reading it takes a call of its own. */
  separate?: true;
  /** What a record gets whose creator says nothing of it, where the tool tells. */
  default?: Json;
}

/** A user of the tool, to whom records can be given. */
export interface Person {
  id: string;
  name: string;
  email?: string;
}

/** What the hub would do with a stream. */
export interface Wanted {
  stream: string;
  read: boolean;
  write: boolean;
}

/** What the connection's user or token may not do, although the schema shows the stream. */
export interface Lack {
  stream: string;
  what: 'read' | 'write';
  message: string;
  fix: string;
}

export interface ReadAbility {
  /** true: `since` a cursor reads only what changed. false: every read is a full one. */
  incremental: boolean;
  /** `feed`: deletes arrive as changes. `soft`: as records flagged deleted. `none`: only a full read shows them. */
  deletes: 'feed' | 'soft' | 'none';
  /** Only a look-up that asks for it (`whose`) tells of others' changes. */
  whose?: true;
  /** The tool tells when it folded one record into another. */
  merges: boolean;
  /** What remains of a merge has a new id, and begins with every value that either record had where the other had none. */
  mergesFill?: true;
  /** Fields by which `read(…, { by, in })` finds records, best first (the id, then unique keys, then the rest). */
  lookupBy: string[];
}

export interface WriteAbility {
  ops: Op['op'][];
  maxBatch: number;
  /** When at least `from` ops of a kind are due, up to `max` of them in one write cost fewer calls. */
  bulk?: { from: number; max: number };
  /** How a create that was sent without an answer can be told from one that never arrived. */
  idempotency: 'key' | 'external-id' | 'lookup' | 'none';
}

export interface Stream {
  name: string;
  label: string;
  fields: Field[];
  /** true: it has (or takes) fields beyond those listed, so an unknown name in a mapping is no mistake. */
  open?: boolean;
  read: false | ReadAbility;
  write: false | WriteAbility;
  /** It is a file, whose fields are its columns. `twice`: names that its header gives to more than one. */
  file?: { name: string; twice: string[] };
  /** What its connection's configuration would have to say for the hub to write it, where that alone keeps it from it. */
  unlock?: string;
}

/**
 * One record's news. `at` is the tool's own time of the change (ISO 8601, UTC); `fieldTimes` where the tool
 * knows it per field. `version` changes with every change of the record, where the tool has such a thing. A touch that names
 * `fields` says that no others have changed; one that says `deleted`, that the tool told of a deletion, which a look must still
 * tell from a merge. A delete is `presumed` where a look finds nothing and the tool has not said that anybody deleted it: it may
 * be out of sight for other reasons (permissions, a copy that lags behind).
 */
export type Change = { stream: string; id: string; at: string; version?: string } & (
  | {
      op: 'upsert';
      fields: Fields;
      fieldTimes?: Record<string, string>;
      /** Another user than the hub's changed the record last, or emptied one of these fields, where the tool tells. */
      othersLast?: boolean;
      /** Fields that people wrote last, where the look asked `whose` and the tool tells. */
      theirs?: string[];
    }
  | { op: 'delete'; presumed?: true }
  | { op: 'merge'; into: Ref }
  | { op: 'touch'; fields?: string[]; deleted?: true }
);

/**
 * A change as a webhook tells of it. `account`: the one that the record is of, where the message says; a tool may sign the messages of
 * all its accounts with one secret, and records of two of them may share an id.
 */
export type Told = Change & { account?: string };

/** A thin event: look the record up. */
export type Touch = Extract<Change, { op: 'touch' }>;

/** Two hints to look at one record as one. If either may mean any field, so does the whole; and so with a deletion. */
export function eitherTouch({ fields: before, ...first }: Touch, { fields, deleted }: Touch): Touch {
  const touch: Touch = deleted ? { ...first, deleted } : first;
  return before && fields ? { ...touch, fields: [...new Set([...before, ...fields])] } : touch;
}

export interface Page {
  changes: Change[];
  /** Stored in the transaction that commits the changes; the next read starts from it. */
  cursor: Cursor;
  /** Nothing more to read now. */
  done: boolean;
  /** What could not be read at all and was set aside: shown by name and counted, so that it is not 'complete'. */
  problems?: Problem[];
  /**
   * Fields asked for that the tool no longer has, or no longer shows to the connection's user: the page was read without
   * them. The hub says so, and asks for the schema anew.
   */
  lacking?: string[];
  /** A read of everything begins here, although a cursor was given: the file was replaced by another. */
  afresh?: true;
  /** Of a push feed: streams in which it knows that something was missed. They are read again at once. */
  missed?: Missed[];
}

/** `all`: no cursor shows what was missed, so the stream is read from its beginning. */
export interface Missed {
  stream: string;
  all: boolean;
}

/** What a connector may ask of `ctx.fetch` beyond the standard. Pass it as a variable: `fetch` itself knows only RequestInit. */
export interface CallInit extends RequestInit {
  /** Milliseconds that this call may take, where the tool answers late on purpose (long polling). */
  deadline?: number;
}

/** A row that is in no Change because it could not be understood. `message` holds nothing private. */
export interface Problem {
  /** Counted from 1, where the tool has lines. */
  line?: number;
  message: string;
}

/** What a field's value must be. Texts are compared without regard to case; an empty field passes `notIn` and no other list. */
export interface FilterTest {
  in?: (string | number | boolean)[];
  notIn?: (string | number | boolean)[];
  /** Of a field with several options: one of these is among them. */
  has?: (string | number | boolean)[];
  empty?: boolean | undefined;
  atLeast?: string | number | undefined;
  atMost?: string | number | undefined;
}

/** Which records are wanted, by field: all tests must hold. */
export type RecordFilter = Record<string, FilterTest>;

/**
 * `since: null` reads everything. `by … in` finds the records whose field has one of the values; `whose`: it matters whether somebody
 * else emptied a field (`othersLast`), and which fields people wrote last (`theirs`), however much dearer that is to learn.
 */
export type Select = { since: Cursor | null } | { by: string; in: string[]; whose?: true };

/**
 * `update` and `create` carry only the fields to write; `null` clears. `forget`: somebody is to be forgotten, so the tool deletes for
 * good where it can, and says in the outcome's `note` what it keeps.
 */
export type Op = { key: string } & (
  | { op: 'create'; fields: Fields }
  | { op: 'update'; id: string; fields: Fields; ifVersion?: string }
  | { op: 'delete'; id: string; forget?: true }
  | { op: 'merge'; id: string; into: string }
);

/**
 * What recovers a failure, not what caused it.
 *   auth       stop the connection and tell someone
 *   quota      wait (`retryAfter`), then go on
 *   transient  back off and try again
 *   rejected   this row will fail until its value, the mapping or the schema changes; `fields` names the culprits
 *   conflict   the record exists already (`id`, where the tool says which) or was changed since `ifVersion`
 *   gone       the record to be changed is deleted or merged away (`id`: its survivor, where known)
 */
export type FailureKind = 'auth' | 'quota' | 'transient' | 'rejected' | 'conflict' | 'gone';

/**
 * What became of one op. `ok.at` is the tool's own time of the write, where it tells: a later look that is older shows a
 * stale state. `ok.note`: what people should know of how it was done. `unknown`: sent, and no answer came.
 */
export type Outcome = { key: string } & (
  | { status: 'ok'; id: string; version?: string; at?: string; fields?: Fields; note?: string }
  | { status: 'failed'; kind: FailureKind; message: string; fields?: string[]; id?: string }
  | { status: 'unknown' }
);

/** A webhook as it arrived. `body` is raw: signatures cover bytes. */
export interface Inbound {
  method: string;
  /** The full address as the sender saw it. */
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface Acknowledgement {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A budget the tool enforces. `per` in seconds; a day is 86400. */
export interface Budget {
  name: string;
  calls: number;
  per: number;
  /** true: each call is given back as it grows `per` old. Otherwise all of them at one moment, which the tool may tell. */
  rolling?: boolean;
  /** When it renews, in words for people, where the tool does not tell the time. */
  renewal?: string;
  /** Of these calls alone, beside all other budgets. Seconds long, and kept by each process for itself. */
  only?(method: string, url: URL): boolean;
}

/** Who waits for a call, the most urgent first: somebody who takes a consent back, or has just done something (a webhook), a run that looks for news, a run that reads or writes everything. */
export type Lane = 'consent' | 'realtime' | 'incremental' | 'backfill';

/** What a tool said about a budget. */
export interface QuotaHint {
  name: string;
  /** Of all the customer's apps. */
  used?: number;
  limit?: number;
  remaining?: number;
  /** Seconds that the limit is for. */
  per?: number;
  /** ISO time at which all of it renews. */
  resetsAt?: string;
  /** No call of this budget succeeds before this ISO time. It may take longer: then one call looks. */
  exhaustedUntil?: string;
}

/** The accounts of a tool, each of which has records of its own. */
export interface Accounts<C> {
  /** What the tool calls one. */
  noun: string;
  /** The key of the connection's configuration that names one, and what it names. */
  key: string;
  named(config: C): string | undefined;
  /**
   * Called before anything else is asked of the tool: the id of the account that the credentials belong to. One call, and none where
   * the login tells. Throws ConnectorError.
   */
  ask(ctx: Context<C>): Promise<string>;
}

/**
 * A tool. Per-record failures are data (`Outcome`); a failure of the whole call throws `ConnectorError`.
 * A connector holds nothing between calls but caches keyed by `ctx.config`.
 */
export interface Connector<C = unknown> {
  type: string;
  config: ZodType<C>;
  /** Keys of its configuration that name a file or folder of this machine: relative ones are taken from the config folder on. */
  paths?: string[];
  /** Whose records a connection shows. Absent: the tool tells of no such thing. */
  account?: Accounts<C>;
  /**
   * Called by check, by the mapping editor, and at the start of a run. Only the streams asked for, where named; a single one that is not
   * there may be thrown as a ConnectorError 'rejected' that says what is.
   */
  discover(ctx: Context<C>, only?: string[]): Promise<Stream[]>;
  /**
   * Called by the engine: exactly one page. `fields` are the tool's names that mappings need. With `{ by, in }`
   * all matches come in as many pages as it takes; pass the answer's cursor as `since` to go on.
   */
  read?(ctx: Context<C>, stream: string, select: Select, fields: string[]): Promise<Page>;
  /** Records that one API call of a read of everything brings. Absent: reading takes no calls. */
  readPage?: number;
  /** Called by the engine with at most `maxBatch` ops of one kind. One outcome per key, in any order. */
  write?(ctx: Context<C>, stream: string, ops: Op[]): Promise<Outcome[]>;
  hook?: {
    /** Called before the body is parsed. false: answer 401 and forget it. */
    verify(request: Inbound, ctx: Context<C>): Promise<boolean>;
    parse(request: Inbound, ctx: Context<C>): Told[];
    /**
     * What a replay of this message shares with it, and no other message does; undefined where nothing tells. A message
     * that is known is acknowledged, and nothing more.
     */
    id?(request: Inbound, ctx: Context<C>): string | undefined;
    /**
     * What the tool expects to hear once its message is committed; called only then. undefined, or left out: the
     * hub's own 202.
     */
    acknowledge?(request: Inbound): Acknowledgement | undefined;
  };
  /** Does this connection follow its tool's push feed? */
  subscribes?(config: C): boolean;
  /**
   * Push feeds, on Node only. Goes on until `ctx.signal` is aborted; throws ConnectorError when it breaks, and is called
   * again with the cursor of the last page that was committed. The next page is asked for only after this one's commit.
   * A page without changes says that the feed lives.
   */
  subscribe?(ctx: Context<C>, streams: string[], since: Cursor | null): AsyncIterable<Page>;
  /** Called by check: permissions that are missing, where the schema does not tell. Throws ConnectorError. */
  lacks?(ctx: Context<C>, wanted: readonly Wanted[]): Promise<Lack[]>;
  /** Called by check where owner fields are mapped: the tool's users, as far as they may be seen. Throws ConnectorError. */
  people?(ctx: Context<C>): Promise<Person[]>;
  /** Calls other than GET that only read (searches, batch reads): transport may send them again. */
  readOnly?(method: string, url: URL): boolean;
  quota?: {
    budgets(config: C): Budget[];
    /** Called with every answer. `body`: of a refusal (403, 429), whose headers may say nothing. */
    observe(response: Response, body?: string): QuotaHint[];
    /** Asks the tool what is left, and when it renews, where answers do not tell: in one call. Throws ConnectorError. */
    ask?(ctx: Context<C>): Promise<QuotaHint[]>;
  };
}

/** Do whole records come by themselves, while none can be asked for? Only then is a stream that cannot be read a source all the same. */
export const isPushed = ({ hook, read }: Pick<Connector, 'hook' | 'read'>): boolean =>
  hook !== undefined && read === undefined;

/** A whole call failed. `kind` says what recovers it; `hint` tells the user what to do next. */
export class ConnectorError extends Error {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  /** Seconds to wait, where the tool said so. */
  readonly retryAfter: number | undefined;
  readonly hint: string | undefined;
  /** The call was sent and may have been applied. */
  readonly maybeApplied: boolean;

  constructor(
    kind: FailureKind,
    message: string,
    detail: {
      status?: number;
      retryAfter?: number;
      hint?: string;
      maybeApplied?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: detail.cause });
    this.name = 'ConnectorError';
    this.kind = kind;
    this.status = detail.status;
    this.retryAfter = detail.retryAfter;
    this.hint = detail.hint;
    this.maybeApplied = detail.maybeApplied ?? false;
  }
}

/** For `catch`: a failure of a tool becomes a value; anything else is thrown on. */
export function connectorError(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  throw error;
}
