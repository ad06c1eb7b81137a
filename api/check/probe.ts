import {
  type Connector,
  ConnectorError,
  type Context,
  type QuotaHint,
  type Stream,
} from '../../connectors/contract.ts';
import type { ConnectionConfig } from '../config/types.ts';
import { type Forecast, report } from '../ops/forecast.ts';
import { createTool, type LiveTool, type ToolOptions } from '../runtime/tools.ts';

/** What a connection answered. `ok`: it was reached, and its credentials were taken. */
export interface ConnectionCheck {
  name: string;
  type: string;
  state: 'ok' | 'unused' | 'refused' | 'unreachable' | 'budget used up';
  message?: string;
  hint?: string;
  /** Budgets longer than a minute, as the tool last told or as it is known to allow; where they are going, if it told what is used. */
  budgets: CheckedBudget[];
  calls: number;
}

export interface CheckedBudget {
  name: string;
  limit: number;
  perSeconds: number;
  used?: number;
  share?: number;
  resetsAt?: string | null;
  forecast?: Forecast;
}

export interface ProbeOptions extends ToolOptions {
  timeZone: string;
}

export interface Probe {
  check: ConnectionCheck;
  tool: LiveTool;
  streams: Map<string, Stream>;
  /** Objects that the tool would not describe, though it was reached. */
  refused: Map<string, ConnectorError>;
}

/** A budget that refills within a minute only slows a run down. */
const LASTING_SECONDS = 60;

/** Asks a tool for the objects that mappings use, one by one, so that one that is missing hides none of the others. */
export async function probe(
  config: ConnectionConfig,
  connector: Connector,
  objects: readonly string[],
  options: ProbeOptions,
): Promise<Probe> {
  const hints = new Map<string, QuotaHint>();
  const tool = createTool(config, listening(connector, hints), options);
  const check: ConnectionCheck = {
    name: config.name,
    type: config.type,
    state: objects.length === 0 ? 'unused' : 'ok',
    budgets: [],
    calls: 0,
  };
  const found: Probe = { check, tool, streams: new Map(), refused: new Map() };
  for (const object of objects) {
    try {
      for (const stream of await tool.schemas.of([object])) found.streams.set(stream.name, stream);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const state = stateOf(error);
      if (state === undefined) found.refused.set(object, error);
      else {
        Object.assign(check, { state, message: error.message, ...(error.hint ? { hint: error.hint } : {}) });
        break;
      }
    }
  }
  if (check.state === 'ok') await askWhenItRenews(connector, config, hints, tool.context(options.signal));
  check.calls = tool.calls();
  check.budgets = budgetsOf(connector, config, hints, options);
  return found;
}

/** Answers tell what is used, and not when a day ends: that takes a call. Without it the rest is true all the same. */
async function askWhenItRenews(
  { quota }: Connector,
  { config, name }: ConnectionConfig,
  hints: Map<string, QuotaHint>,
  ctx: Context,
): Promise<void> {
  const days = quota?.budgets(config).filter(({ per, rolling }) => per > LASTING_SECONDS && !rolling) ?? [];
  if (!quota?.ask || days.length === 0) return;
  try {
    for (const hint of await quota.ask(ctx)) hints.set(hint.name, { ...hints.get(hint.name), ...hint });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    ctx.log.info('the tool does not tell when its budget renews', { connection: name, error: error.message });
  }
}

/** undefined: it is about this object alone, and the others may well be there. */
function stateOf({ kind, status }: ConnectorError): ConnectionCheck['state'] | undefined {
  if (kind === 'auth') return status === 403 ? undefined : 'refused';
  if (kind === 'transient') return 'unreachable';
  if (kind === 'quota') return 'budget used up';
  return undefined;
}

/** The connector, with everything its answers say about budgets written down. */
function listening(connector: Connector, hints: Map<string, QuotaHint>): Connector {
  const { quota } = connector;
  if (!quota) return connector;
  return {
    ...connector,
    quota: {
      ...quota,
      observe(response, body) {
        const said = quota.observe(response, body);
        for (const hint of said) hints.set(hint.name, { ...hints.get(hint.name), ...hint });
        return said;
      },
    },
  };
}

function budgetsOf(
  connector: Connector,
  config: ConnectionConfig,
  hints: ReadonlyMap<string, QuotaHint>,
  { now, timeZone }: ProbeOptions,
): CheckedBudget[] {
  const known = connector.quota?.budgets(config.config) ?? [];
  const names = new Set([...known.map(({ name }) => name), ...hints.keys()]);
  return [...names].flatMap((name) => {
    const budget = known.find((one) => one.name === name);
    const hint = hints.get(name);
    const limit = hint?.limit ?? budget?.calls;
    const perSeconds = budget?.per ?? 86_400;
    if (limit === undefined || perSeconds <= LASTING_SECONDS) return [];
    if (hint?.used === undefined) return [{ name, limit, perSeconds }];
    const { used, share, resetsAt, forecast } = report(
      {
        connection: config.name,
        name,
        used: hint.used,
        limit,
        per: perSeconds,
        rolling: budget?.rolling ?? false,
        resetsAt: hint.resetsAt ?? null,
      },
      [],
      { now: now(), timeZone, reserve: config.budget?.reserve ?? 0 },
    );
    return [{ name, limit, perSeconds, used, share, resetsAt, forecast }];
  });
}
