import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Budget,
  type Connector,
  ConnectorError,
  type Context,
  type Lane,
  type Log,
  type QuotaHint,
  type Stream,
  type Vault,
} from '../../connectors/contract.ts';
import { LONGEST_PACED_SECONDS } from '../../connectors/pace.ts';
import { type CallRecord, createTransports } from '../../connectors/transport.ts';
import type { Tool } from '../../core/sync/ports.ts';
import type { ConnectionConfig, HubConfig } from '../config/types.ts';
import type { Keeper } from '../ops/budgets.ts';
import { behindGate, createAccountGate } from './accountGate.ts';
import type { Accounts } from './accounts.ts';
import { createSchemas, type Schemas, type Shelf } from './schemas.ts';

export interface ToolOptions {
  fetch: typeof fetch;
  now(): Date;
  random(): number;
  log: Log;
  /** Makes what keeps the connection's budgets, given a way to ask the tool for its limits; absent: its windows only are kept. */
  keeper?: ((ask: (() => Promise<QuotaHint[]>) | undefined) => Keeper) | undefined;
  /** Where the tool's schema outlives this process. */
  shelf?: Shelf | undefined;
  /** Told of every call that left. */
  called?: ((connection: string, call: CallRecord) => void) | undefined;
  /** What this connection keeps encrypted; absent without NAYOSE_KEY. */
  vault?: Vault | undefined;
  /** What is known of the account behind the connection; absent: it may lead anywhere. */
  accounts?: ((connection: string) => Accounts) | undefined;
  /** Ends every call when the process stops. */
  signal: AbortSignal;
}

/** A connection at work: its connector, one transport, and what it learned about the tool's schema. */
export interface LiveTool extends Tool {
  config: ConnectionConfig;
  /** As a Tool's. */
  context(signal: AbortSignal, lane?: Lane): Context;
  /** Its budgets, as far as they are known: what the tool last said of its windows to this process counts. */
  budgets(): Budget[];
  schemas: Schemas;
  /** Resolves when what was learned of the budgets and of the account is in the database. */
  settled(): Promise<void>;
}

/** Nothing is called until the first use. */
export function createTool(config: ConnectionConfig, bare: Connector, options: ToolOptions): LiveTool {
  const accounts = bare.account && options.accounts?.(config.name);
  const pass = bare.account && accounts && createAccountGate(config, bare.account, accounts, options);
  const connector = pass ? behindGate(bare, pass) : bare;
  let calls = 0;
  const ask = connector.quota?.ask && (() => connector.quota!.ask!(context(options.signal, 'realtime')));
  const keeper = options.keeper?.(ask);
  const quota = new Map<string, QuotaHint>();
  const transports = createTransports({
    fetch: options.fetch,
    signal: options.signal,
    budgets: budgetsOf(config, connector),
    ...(keeper ? { admit: keeper.admit } : {}),
    onQuota: (hint) => {
      quota.set(hint.name, { ...quota.get(hint.name), ...hint });
      keeper?.learn(hint);
    },
    ...(connector.quota ? { observe: (response, body) => connector.quota!.observe(response, body) } : {}),
    ...(connector.readOnly ? { readOnly: (method, url) => connector.readOnly!(method, url) } : {}),
    onCall: (call) => {
      const { method, url, status, ms, retry } = call;
      calls++;
      options.called?.(config.name, call);
      options.log.debug('call', { connection: config.name, method, url, status, ms, retry });
    },
    now: options.now,
    random: options.random,
    sleep: async (ms, signal) => {
      await sleep(ms, undefined, { signal });
    },
  });
  const context = (signal: AbortSignal, lane: Lane = 'incremental'): Context => ({
    config: config.config,
    fetch: transports[lane],
    now: options.now,
    signal,
    log: options.log,
    ...(options.vault ? { vault: options.vault } : {}),
  });
  return {
    name: config.name,
    connector: keeper ? heard(connector, keeper) : connector,
    config,
    context,
    budgets: () =>
      budgetsOf(config, connector).map((budget) => {
        const { limit = budget.calls, per = budget.per } = quota.get(budget.name) ?? {};
        return budget.per > LONGEST_PACED_SECONDS ? budget : { ...budget, calls: limit, per };
      }),
    calls: () => calls,
    ...(pass
      ? {
          account: (signal) => telling(keeper, pass(context(signal, 'realtime'))),
          knowsAccount: pass.passed,
        }
      : {}),
    settled: async () => {
      await Promise.all([keeper?.settled(), accounts?.settled()]);
    },
    schemas: createSchemas({
      connection: config.name,
      ask: (objects) => connector.discover(context(options.signal), [...objects]).catch(named(config)),
      shelf: options.shelf,
      now: options.now,
      log: options.log,
    }),
  };
}

/** The tool's budgets, with the pace that the connection's administrator set in place of the tool's own short ones. */
export function budgetsOf({ config, budget }: ConnectionConfig, connector: Connector): Budget[] {
  const own = connector.quota?.budgets(config) ?? [];
  const pace = budget?.pace;
  return pace
    ? [{ name: 'pace', ...pace }, ...own.filter(({ per, only }) => only || per > LONGEST_PACED_SECONDS)]
    : own;
}

/** The same connector, whose failures as a whole the keeper hears of. */
function heard(connector: Connector, keeper: Keeper): Connector {
  const tell = <T>(work: Promise<T>): Promise<T> => telling(keeper, work);
  const { read, write } = connector;
  return {
    ...connector,
    discover: (...given) => tell(connector.discover(...given)),
    ...(read ? { read: (...given) => tell(read.call(connector, ...given)) } : {}),
    ...(write ? { write: (...given) => tell(write.call(connector, ...given)) } : {}),
  };
}

const telling = <T>(keeper: Keeper | undefined, work: Promise<T>): Promise<T> =>
  work.catch((error) => {
    keeper?.failed(error);
    throw error;
  });

/** The same failure, said with the connection's name: an address alone tells nobody which entry of hub.yaml to mend. */
function named({ name, type }: ConnectionConfig): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ConnectorError)) throw error;
    const { kind, message, status, retryAfter, hint, maybeApplied } = error;
    throw new ConnectorError(kind, `${name} (${type}): ${message}`, {
      ...(status === undefined ? {} : { status }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(hint === undefined ? {} : { hint }),
      maybeApplied,
      cause: error,
    });
  };
}

/** The objects of a connection that mappings use: asked for together, so that discovery costs as few calls as it can. */
export function objectsOf(config: HubConfig, connection: string): string[] {
  const used = new Set(
    Object.values(config.syncs).flatMap((sync) => sync.members.map((member) => member.mapping)),
  );
  const objects = Object.values(config.mappings)
    .filter((spec) => spec.connection === connection && used.has(spec.name))
    .map((spec) => spec.object);
  return [...new Set(objects)];
}

export async function streamOf(config: HubConfig, tool: LiveTool, object: string): Promise<Stream> {
  const streams = await tool.schemas.of(objectsOf(config, tool.name));
  const stream = streams.find((one) => one.name === object) ?? (await tool.schemas.of([object]))[0];
  if (!stream)
    throw new ConnectorError(
      'rejected',
      `${tool.name} has no object "${object}", or its user may not see it`,
      {
        hint: `Run 'nayose check' to see what ${tool.name} offers.`,
      },
    );
  return stream;
}
