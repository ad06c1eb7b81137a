/** What the engine is handed: it never imports a mapping, a connector or a clock. */
import type {
  Lane as CallLane,
  Connector,
  Context,
  Fields,
  RecordFilter,
  Stream,
} from '../../connectors/contract.ts';
import type { Matcher } from '../match/types.ts';
import type { AlertRule, EventRule } from '../messages/rule.ts';
import type { Entity } from '../model/entity.ts';
import type { Values } from '../model/value.ts';
import type { Outward } from '../plan/plan.ts';
import type { Db } from '../store/db.ts';
import type { News } from './observe.ts';
import type { Notes } from './planned.ts';

export interface ReadProblem {
  attribute: string;
  field?: string;
  found: string;
  message: string;
}

/** A record as a mapping reads it. */
export interface Incoming {
  values: Values;
  problems: ReadProblem[];
}

/** A compiled mapping as the engine uses it; mappings/types.ts says more and fulfils it. */
export interface Mapping extends Outward {
  connection: string;
  object: string;
  readFields: string[];
  readAttributes: string[];
  /** By attribute: the fields that its value is read from. Absent: not known. */
  sources?: Record<string, string[]>;
  /** Which records the hub sees; absent: all. */
  filter?: RecordFilter;
  /** Does a record with these fields pass the filter? Absent: every one does. */
  admits?(fields: Fields): boolean;
  /** All that the mapping says, as one text: another text, another mapping. */
  revision?: string;
  in(fields: Fields): Incoming | Promise<Incoming>;
}

export interface Tool {
  name: string;
  connector: Connector;
  /** A fresh context; its fetch counts calls and keeps the budget, of which less urgent lanes leave some to the others. */
  context(signal: AbortSignal, lane?: CallLane): Context;
  /** Calls made since the process started, retries included. */
  calls(): number;
  /** The account that its records are of. Throws ConnectorError when the tool does not tell, or leads to another one. Absent: it may lead anywhere. */
  account?(signal: AbortSignal): Promise<string>;
  /** Has this process asked for it before, and was it the right one? */
  knowsAccount?(): boolean;
}

/** unlink: they stay; archive: they are deleted too; ask: a person says. */
export type DeletePolicy = 'unlink' | 'archive' | 'ask';

export interface Member {
  mapping: Mapping;
  tool: Tool;
  stream: Stream;
  reads: boolean;
  writes: boolean;
  /** Nothing can be asked for there: its records come by webhooks alone. */
  pushed?: true;
  creates: boolean;
  /** Fields that its mapping names, and the tool does not have. Absent: none. */
  absent?: { attribute: string; field: string; way: 'in' | 'out' | 'both' }[];
  /** It is to be written to, and takes no writes: how it would. Absent: it takes them, or is only read. */
  unwritable?: string;
  /** Is a golden record with these values one that is created there? Absent: each is. Never rejects. */
  createsWhen?(values: Values): Promise<Condition>;
  /** What becomes of its records when somebody deletes their counterparts in another tool. Absent: nothing. */
  deletes?: DeletePolicy;
  /** Are duplicates within this tool offered to people, to be merged there? Absent: never. */
  mergeInTool?: 'never' | 'review';
  /** The stream's unique text field that holds golden ids (Nayose_Id__c, nayose_id), where there is one. */
  idField: string | undefined;
}

/** What a condition says of values: or why it cannot tell. */
export type Condition = { ok: true; value: boolean } | { ok: false; message: string };

export interface Guards {
  /** Shares between 0 and 1, or counts of 1 and more; undefined: not guarded. */
  maxChanged: number | undefined;
  /** Of records of one tool that it reports deleted; 0: of deletes that the hub would write alone. */
  maxDeleted: number | undefined;
  /** Of records that a full read of a tool does not show any more. */
  maxMissing?: number | undefined;
  /** Records that may join one golden record between two runs. */
  maxGrowth?: number | undefined;
}

/** How the hub lives with people, and tools, that edit what it writes to. */
export interface EditRules {
  /** Seconds after which a look at a stream is too old to write by; 0: records are read before every write. */
  lookAgain: number;
  /** So many of our writes to one attribute of one record, each overwritten in its tool, within `within` seconds: it flips. */
  rounds: number;
  within: number;
}

export const DEFAULT_EDITS: EditRules = { lookAgain: 120, rounds: 4, within: 86_400 };

export interface Sync {
  name: string;
  entity: Entity;
  matcher: Matcher;
  members: Member[];
  guards: Guards;
  /** Absent: DEFAULT_EDITS. */
  edits?: EditRules;
}

export interface Progress {
  run: string;
  sync: string;
  phase: string;
  connection?: string;
  object?: string;
  done: number;
  total?: number;
}

/** Which config an engine works by, where several processes may work by different ones. */
export interface AtWork {
  /** The newest revision that this process has looked at. */
  looked: number;
  /** It does not check here, and the one before it goes on. */
  refused: boolean;
}

/** Keyed hashes of what erased persons are known by. */
export interface Blocks {
  /** Makes sure that there is a key. Called before an erasure's transaction, which may be rolled back. */
  ready(db: Db): Promise<void>;
  /** One hash a text, in order. `db`: the transaction at work, if there is one. Throws when the key cannot be opened. */
  hash(db: Db, texts: readonly string[]): Promise<string[]>;
}

export interface Engine {
  db: Db;
  syncs: Sync[];
  now(): Date;
  newId(): string;
  /** This process, as it signs rows that are in flight. */
  owner: string;
  isAlive(owner: string): Promise<boolean>;
  /** Absent: there is but one config. */
  revision?(): AtWork;
  /** See `orOwe`. Shared by all who work as this owner in this process. */
  owed?: (() => Promise<unknown>)[];
  /**
   * The tries (`tryOf`) that this process has claimed, until what became of them is stored. Whatever else its name stands on in the
   * outbox was claimed by a commit whose answer got lost. Absent: nobody tells these apart.
   */
  inHand?: Set<string>;
  /** By mapping: until when (ms) the last look at its stream is fresh. Absent: the store is asked each time. */
  freshUntil?: Map<string, number>;
  /** Is there (still) a mapping of this name? Absent: nobody knows. */
  isMapping?(name: string): boolean;
  /** The stream of a connection that holds an entity, from all mappings: where references point. */
  objectOf(connection: string, entity: string): string | undefined;
  /** Does some sync create records of this entity in this tool? Only then is it worth waiting for one. */
  creates(connection: string, entity: string): boolean;
  /** Between 0 and 1: the jitter of waits. */
  random(): number;
  progress(event: Progress): void;
  /** Has work told apart in traces; absent: it is just done. */
  span?<T>(name: string, attributes: Record<string, string>, work: () => Promise<T>): Promise<T>;
  /** A dry run: everything is worked out inside one transaction that is rolled back, and no tool is written to. */
  dry: boolean;
  /** Rules that are looked at when golden records change; absent: none. */
  alerts?: readonly AlertRule[];
  /** Who is told of what happens to golden records; absent: nobody. */
  webhooks?: readonly EventRule[];
  /** Told what each look at a tool's records showed, by kind. */
  observed?(connection: string, news: Readonly<Record<News, number>>): void;
  /** Told, after the commit, how many changes of which other accounts webhooks told of; nothing of them was believed. */
  strangers?(connection: string, told: ReadonlyMap<string, number>): void;
  /** Called after a commit that may have put messages to the outside. */
  told?(): void;
  /** Called after a commit by hand that may have made writes due: whoever serves need not wait for the next sweep. */
  due?(): void;
  /** Called when a tool no longer has a field that was in its schema: whoever remembers the schema asks for it anew. */
  drifted?(connection: string): void;
  /** Absent: nobody can be erased here, and where somebody is blocked nothing can be taken in. */
  blocks?: Blocks;
  /** A run of a plan: it writes what its permits (core/sync/permits.ts) cover, and leaves the rest. */
  within?: string;
  /** Of a dry run: told what it does. */
  notes?: Notes;
}
