import {
  type Connector,
  ConnectorError,
  type QuotaHint,
  type Stream,
} from '../../../../connectors/contract.ts';
import type { ConnectionConfig } from '../../../config/types.ts';
import { createTool, type ToolOptions } from '../../../runtime/tools.ts';

/** What a connection answered. `ok`: it was reached, and its credentials were taken. */
export interface ConnectionCheck {
  name: string;
  type: string;
  state: 'ok' | 'unused' | 'refused' | 'unreachable' | 'budget used up';
  message?: string;
  hint?: string;
  /** Budgets longer than a minute, as the tool last told or as it is known to allow. */
  budgets: { name: string; limit: number; used?: number; perSeconds: number }[];
  calls: number;
}

export interface Probe {
  check: ConnectionCheck;
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
  options: ToolOptions,
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
  const found: Probe = { check, streams: new Map(), refused: new Map() };
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
  check.calls = tool.calls();
  check.budgets = budgetsOf(connector, config, hints);
  return found;
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
      observe(response) {
        const hint = quota.observe(response);
        if (hint) hints.set(hint.name, hint);
        return hint;
      },
    },
  };
}

function budgetsOf(
  connector: Connector,
  config: ConnectionConfig,
  hints: ReadonlyMap<string, QuotaHint>,
): ConnectionCheck['budgets'] {
  const known = connector.quota?.budgets(config.config) ?? [];
  const names = new Set([...known.map(({ name }) => name), ...hints.keys()]);
  return [...names].flatMap((name) => {
    const budget = known.find((one) => one.name === name);
    const hint = hints.get(name);
    const limit = hint?.limit ?? budget?.calls;
    const perSeconds = budget?.per ?? 86_400;
    if (limit === undefined || perSeconds <= LASTING_SECONDS) return [];
    return [{ name, limit, perSeconds, ...(hint?.used === undefined ? {} : { used: hint.used }) }];
  });
}
