import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type Connector,
  ConnectorError,
  isPushed,
  type Log,
  type Stream,
  type Vault,
} from '../../connectors/contract.ts';
import type { CallRecord } from '../../connectors/transport.ts';
import type { Db } from '../../core/store/db.ts';
import { retryFailures } from '../../core/store/failures.ts';
import { cachedStreams, cacheStreams } from '../../core/store/streams.ts';
import type { AtWork, Blocks, Engine, Member, Progress, Sync } from '../../core/sync/ports.ts';
import { absentFields, fieldsThere, mapsNothing } from '../../mappings/absent.ts';
import { parseCondition } from '../../mappings/alert.ts';
import { compileMapping } from '../../mappings/compile.ts';
import type { MappingSpec } from '../../mappings/spec.ts';
import { unwritableFix } from '../../mappings/unwritable.ts';
import { type ConnectionConfig, type HubConfig, objectOf, type SyncConfig } from '../config/types.ts';
import { localBank, sharedBank } from '../ops/bank.ts';
import { createKeeper } from '../ops/budgets.ts';
import { USUAL_SHARES } from '../ops/shares.ts';
import { createBlocks } from '../secrets/blocks.ts';
import { localAccounts, sharedAccounts } from './accounts.ts';
import { alertRules } from './alerts.ts';
import { createIds } from './ids.ts';
import { createMatchers } from './matchers.ts';
import type { Shelf } from './schemas.ts';
import type { Store } from './store.ts';
import { sayStrangers } from './strangers.ts';
import { budgetsOf, createTool, type LiveTool, streamOf, type ToolOptions } from './tools.ts';

export interface HubOptions {
  fetch?: typeof fetch;
  /** For webhooks, whose addresses strangers may steer: connects to public addresses only. Absent: `fetch`. */
  publicFetch?: typeof fetch;
  now?: () => Date;
  random?: () => number;
  log?: Log;
  progress?: (event: Progress) => void;
  span?: Engine['span'];
  /** For a hub that serves: a tool that cannot be asked for its schema is taken as it was last seen by one. */
  lastSeen?: boolean;
  /** For processes that live for one step: so long is a connection believed to lead where it led. */
  accountsBelievedMs?: number;
  /** Told of every call to a tool. */
  called?: (connection: string, call: CallRecord) => void;
  observed?: Engine['observed'];
  strangers?: Engine['strangers'];
  /** What each connection keeps encrypted; absent without NAYOSE_KEY. */
  vaults?: ((connection: string) => Vault) | undefined;
  /** The block against re-import of the erased; absent: its key is not sealed. */
  blocks?: Blocks;
  /** Tools of the hub that this one replaces: connections that did not change go on with theirs, and so with windows and logins. */
  before?: ReadonlyMap<string, LiveTool> | undefined;
  /** Which revision of the config this is; absent: there are no others. */
  revision?: (() => AtWork) | undefined;
  signal: AbortSignal;
}

/** Config, store and connectors put together: what every command and the server work with. */
export interface Hub {
  config: HubConfig;
  store: Store;
  tools: Map<string, LiveTool>;
  engine: Engine;
  /** Resolves when what was learned of the tools' budgets is in the database; called before it closes. */
  settled(): Promise<void>;
  /**
   * The syncs named, or all, in the order that references need, with live schemas and compiled mappings. Throws ConnectorError
   * when a tool cannot be asked for its schema.
   */
  syncs(names?: readonly string[]): Promise<Sync[]>;
}

/** Schemas drift while a hub serves: a new option, a field given back. */
const SCHEMA_MS = 60 * 60_000;

/** One that does not fit its mapping is asked for again so much later: a file may be put right, or a permission given. */
const UNFIT_MS = 5 * 60_000;

/** A tool shows nothing, or no whole filter, of what a mapping names. What was seen before is no help: it is not there any more. */
class UnfitSchema extends ConnectorError {}

export const SILENT: Log = { debug() {}, info() {}, warn() {} };

const isPublicOnly = ({ type, config }: ConnectionConfig) =>
  type === 'webhook' && (config as { allowPrivate?: boolean }).allowPrivate !== true;

export function createHub(
  config: HubConfig,
  store: Store,
  connectors: Record<string, Connector>,
  options: HubOptions,
): Hub {
  const now = options.now ?? (() => new Date());
  const random = options.random ?? Math.random;
  const log = options.log ?? SILENT;
  const keeperOf = (connection: ConnectionConfig): ToolOptions['keeper'] => {
    // The embedded database has one process, which may be occupied by a plan.
    const bank = store.db.driver === 'pg' ? sharedBank(store.db) : localBank(store.db, connection.name, now);
    return (ask) =>
      createKeeper({
        bank,
        connection: connection.name,
        budgets: budgetsOf(connection, connectors[connection.type]!),
        shares: connection.budget ?? USUAL_SHARES,
        ask,
        log,
        now,
        sleep: (ms) => sleep(ms),
      });
  };
  const accountsOf = (name: string) =>
    (store.db.driver === 'pg' ? sharedAccounts : localAccounts)({
      db: store.db,
      connection: name,
      mappings: Object.values(config.mappings).flatMap((spec) =>
        spec.connection === name ? [spec.name] : [],
      ),
      believedMs: options.accountsBelievedMs,
      now,
      log,
    });
  const tools = new Map(
    Object.values(config.connections).map((connection) => [
      connection.name,
      kept(options.before, connection) ??
        createTool(connection, connectors[connection.type]!, {
          vault: options.vaults?.(connection.name),
          keeper: keeperOf(connection),
          accounts: accountsOf,
          shelf: options.lastSeen ? shelfOf(store.db, now) : undefined,
          called: options.called,
          fetch:
            (isPublicOnly(connection) ? options.publicFetch : undefined) ?? options.fetch ?? globalThis.fetch,
          now,
          random,
          log,
          signal: options.signal,
        }),
    ]),
  );
  const nextId = createIds(now);
  const sayStranger = sayStrangers(log);
  const creating = (connection: string, entity: string) =>
    Object.values(config.syncs).some(
      (sync) =>
        sync.entity === entity &&
        sync.members.some(
          (m) =>
            m.create &&
            // Whom the condition leaves out is never made: nothing that points to them waits.
            m.createWhen === undefined &&
            m.mode !== 'read' &&
            config.mappings[m.mapping]!.connection === connection,
        ),
    );
  const engine: Engine = {
    db: store.db,
    syncs: [],
    now,
    newId: () => nextId('g'),
    owner: store.owner,
    isAlive: (owner) => store.isAlive(owner),
    ...store.hands,
    ...(options.revision ? { revision: options.revision } : {}),
    freshUntil: new Map(),
    isMapping: (name) => Object.hasOwn(config.mappings, name),
    objectOf: (connection, entity) => objectOf(config, connection, entity),
    creates: creating,
    random,
    progress: options.progress ?? (() => undefined),
    ...(options.span ? { span: options.span } : {}),
    dry: false,
    blocks: options.blocks ?? createBlocks([], now),
    alerts: alertRules(config),
    webhooks: config.webhooks,
    ...(options.observed ? { observed: options.observed } : {}),
    strangers(connection, told) {
      sayStranger(connection, told);
      options.strangers?.(connection, told);
    },
  };
  const ready = new Map<string, { sync: Sync; since: number }>();
  const unfit = new Map<string, { since: number; before: Sync | undefined }>();
  const stale = ({ since }: { since: number }) => now().getTime() - since >= SCHEMA_MS;
  engine.drifted = (connection) => {
    tools.get(connection)?.schemas.forget();
    for (const [name, { sync }] of ready)
      if (sync.members.some(({ tool }) => tool.name === connection)) ready.delete(name);
  };
  const fresh = ({ tool }: Member) => !tools.get(tool.name)!.schemas.stale();
  const matchers = createMatchers(store.db);
  return {
    config,
    store,
    tools,
    engine,
    settled: async () => {
      await Promise.all([...tools.values()].map((tool) => tool.settled()));
    },
    async syncs(names = config.order) {
      if ([...ready.values()].some(stale)) for (const tool of tools.values()) tool.schemas.forget();
      for (const name of config.order) {
        const known = ready.get(name);
        if (!names.includes(name) || (known && !stale(known) && known.sync.members.every(fresh))) continue;
        if (now().getTime() - (unfit.get(name)?.since ?? Number.POSITIVE_INFINITY) >= UNFIT_MS) {
          unfit.set(name, { since: now().getTime(), before: unfit.get(name)!.before });
          for (const { mapping } of config.syncs[name]!.members)
            tools.get(config.mappings[mapping]!.connection)!.schemas.forget();
        }
        const sync = await assemble(config, config.syncs[name]!, tools, matchers).catch((error) => {
          if (error instanceof UnfitSchema) {
            ready.delete(name);
            if (!unfit.has(name)) unfit.set(name, { since: now().getTime(), before: known?.sync });
            throw error;
          }
          // What was learned an hour ago is better than nothing: the tool's own failure is told where it is read.
          if (!known || !(error instanceof ConnectorError)) throw error;
          return known.sync;
        });
        const before = known?.sync ?? unfit.get(name)?.before;
        unfit.delete(name);
        if (before) await retryChanged(store.db, before, sync, now());
        ready.set(name, { sync, since: now().getTime() });
      }
      engine.syncs = [...ready.values()].map(({ sync }) => sync);
      const current = await matchers(engine.syncs.map(({ entity }) => entity));
      for (const sync of engine.syncs) sync.matcher = current.get(sync.entity.name)!;
      return config.order.filter((name) => names.includes(name)).map((name) => ready.get(name)!.sync);
    },
  };
}

const shelfOf = (db: Db, now: () => Date): Shelf => ({
  put: (connection, streams) => cacheStreams(db, connection, streams, now()),
  get: (connection, objects) => cachedStreams(db, connection, objects, new Date(0)),
});

/** The tool of the same connection in the hub before, when nothing of the connection has changed. Its schema is asked for anew. */
function kept(before: HubOptions['before'], connection: ConnectionConfig): LiveTool | undefined {
  const tool = before?.get(connection.name);
  const told = ({ place: _, ...all }: ConnectionConfig) => all;
  if (!tool || !isDeepStrictEqual(told(tool.config), told(connection))) return undefined;
  tool.schemas.forget();
  return tool;
}

/** What a tool refused may be right for the schema that it has now. */
async function retryChanged(db: Store['db'], before: Sync, after: Sync, now: Date): Promise<void> {
  const changed = after.members.filter(
    ({ stream }, i) => !isDeepStrictEqual(stream.fields, before.members[i]?.stream.fields),
  );
  if (changed.length > 0)
    await retryFailures(
      db,
      changed.map(({ mapping }) => mapping.name),
      now.toISOString(),
    );
}

/** A filter that cannot be looked at would let everything pass, or nothing. */
const lackingFields = ({ where = {}, onCreate = {} }: MappingSpec, { fields }: Stream): string[] => {
  const known = new Set(fields.map(({ name }) => name));
  return [...Object.keys(where), ...Object.keys(onCreate)].filter((name) => !known.has(name));
};

/** The condition was checked when the config was read. */
function conditionOf(text: string): NonNullable<Member['createsWhen']> {
  const parsed = parseCondition(text, undefined, []);
  if ('message' in parsed) throw new Error(`${parsed.message}: ${text}`);
  return (values) => parsed.condition.holds(values, undefined);
}

async function assemble(
  config: HubConfig,
  sync: SyncConfig,
  tools: Map<string, LiveTool>,
  matchers: ReturnType<typeof createMatchers>,
): Promise<Sync> {
  const entity = config.entities[sync.entity]!;
  const members: Member[] = [];
  for (const { mapping: name, mode, create, createWhen, deletes, mergeInTool } of sync.members) {
    const spec = config.mappings[name]!;
    const tool = tools.get(spec.connection)!;
    const stream = await streamOf(config, tool, spec.object);
    const mapping = compileMapping(spec, {
      entity,
      schema: stream.fields,
      open: stream.open ?? false,
      objectOf: (target) => objectOf(config, spec.connection, target),
      ...config.hub,
    });
    const lacking = stream.open ? [] : lackingFields(spec, stream);
    if (lacking.length > 0)
      throw new UnfitSchema(
        'rejected',
        stream.file
          ? `there is no column ${lacking.join(', ')} in ${stream.file.name} of ${tool.name}; it has ${fieldsThere(stream.fields)}`
          : `${tool.name} ${spec.object} has no field ${lacking.join(', ')}, or does not show it to the connection's user`,
        {
          hint: `mappings/${spec.name}.yaml names it under where or onCreate: correct the name, or ${stream.file ? 'add the column' : "the user's permissions"}.`,
        },
      );
    if (!stream.open && mapsNothing(spec, stream.fields))
      throw new UnfitSchema(
        'rejected',
        `${tool.name} ${spec.object} has none of the fields that mappings/${spec.name}.yaml names; it has ${fieldsThere(stream.fields)}`,
        {
          hint: 'Under fields, name for each attribute the field that holds it: `nayose check` shows each line.',
        },
      );
    const unwritable = mode === 'read' ? undefined : unwritableFix(spec, stream);
    const reads = mode !== 'write' && stream.read !== false;
    const writes = mode !== 'read' && stream.write !== false;
    const pushed = mode !== 'write' && stream.read === false && isPushed(tool.connector);
    if (mode === 'read' && !reads && !pushed)
      throw new ConnectorError('rejected', `${tool.name} ${spec.object} cannot be read`, {
        hint: `Give the connection's user the permission to read it, or take ${spec.name} out of the members of ${sync.name}.`,
      });
    members.push({
      mapping,
      tool,
      stream,
      reads,
      writes,
      ...(pushed ? { pushed } : {}),
      creates: writes && create && stream.write !== false && stream.write.ops.includes('create'),
      absent: stream.open ? [] : absentFields(spec, stream.fields),
      ...(unwritable === undefined ? {} : { unwritable }),
      ...(createWhen === undefined ? {} : { createsWhen: conditionOf(createWhen) }),
      deletes: deletes ?? 'unlink',
      mergeInTool: mergeInTool ?? 'never',
      idField: stream.fields.find(
        (field) => field.unique && field.writable && /^nayose_?id(__c)?$/i.test(field.name),
      )?.name,
    });
  }
  return {
    name: sync.name,
    entity,
    matcher: (await matchers([entity])).get(entity.name)!,
    members,
    guards: sync.guards,
    edits: sync.edits,
  };
}
