import { resolve } from 'node:path';
import type { ZodType } from 'zod';
import { schemaProblems, unknownKey } from '../../mappings/issues.ts';
import { droppedKeys } from '../../mappings/knownKeys.ts';
import { nearest } from '../../mappings/nearest.ts';
import { type ConfigProblem, list } from '../../mappings/problem.ts';
import type { Source } from '../../mappings/source.ts';
import { budgetKeys } from './budgets.ts';
import type { HubFile } from './schema.ts';
import type { ConnectionConfig } from './types.ts';

/** What loading needs to know of each connector: the schema of its part of hub.yaml. */
export type ConnectorSchemas = Record<string, { config: ZodType; paths?: string[] }>;

/** Relative paths start at the config folder, wherever the process was started. */
function placed(config: unknown, paths: readonly string[], folder: string | undefined): unknown {
  if (folder === undefined || paths.length === 0) return config;
  const own = config as Record<string, unknown>;
  const absolute = paths.flatMap((key) =>
    typeof own[key] === 'string' ? [[key, resolve(folder, own[key])] as const] : [],
  );
  return { ...own, ...Object.fromEntries(absolute) };
}

/** Each connection against its connector's own schema. Keys that a schema would drop in silence are errors. */
export function readConnections(
  file: Pick<HubFile, 'connections'>,
  source: Source,
  connectors: ConnectorSchemas,
  folder?: string,
): { connections: Record<string, ConnectionConfig>; problems: ConfigProblem[] } {
  const connections: Record<string, ConnectionConfig> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, raw] of Object.entries(file.connections)) {
    const at = ['connections', name];
    const { type, hookKey, reserve, lanes, pace, ...own } = raw;
    const connector = Object.hasOwn(connectors, type) ? connectors[type] : undefined;
    if (!connector) {
      const guess = nearest(type, Object.keys(connectors));
      problems.push({
        severity: 'error',
        place: source.place([...at, 'type']),
        message: `there is no connector of type "${type}"`,
        expected: `one of ${list(Object.keys(connectors))}`,
        ...(guess === undefined ? {} : { fix: `did you mean "${guess}"?` }),
      });
      continue;
    }
    if (hookKey !== undefined && typeof hookKey !== 'string') {
      problems.push({
        severity: 'error',
        place: source.place([...at, 'hookKey']),
        message: '"hookKey" has a wrong value',
        expected: 'text',
      });
      continue;
    }
    const budget = budgetKeys.safeParse({ reserve, lanes, pace }, { reportInput: true });
    if (!budget.success) {
      problems.push(...schemaProblems(budget.error.issues, source, at, budgetKeys));
      continue;
    }
    // `type` and `hookKey` are the hub's; a connector that wants to see them says so in its schema.
    const known = new Set(droppedKeys({ type, hookKey }, connector.config).map(({ path }) => path[0]));
    const given = {
      ...own,
      ...(known.has('type') ? {} : { type }),
      ...(hookKey === undefined || known.has('hookKey') ? {} : { hookKey }),
    };
    const parsed = connector.config.safeParse(given, { reportInput: true });
    const dropped = parsed.success ? droppedKeys(own, connector.config) : [];
    if (!parsed.success) problems.push(...schemaProblems(parsed.error.issues, source, at, connector.config));
    for (const { path, known: keys } of dropped)
      problems.push(
        unknownKey(
          path.at(-1)!,
          [...at, ...path.slice(0, -1)],
          source,
          keys.filter((key) => key !== 'type'),
        ),
      );
    if (parsed.success && dropped.length === 0)
      connections[name] = {
        name,
        type,
        config: placed(parsed.data, connector.paths ?? [], folder),
        ...(hookKey === undefined ? {} : { hookKey }),
        budget: budget.data,
        place: source.place(at, 'key'),
      };
  }
  return { connections, problems };
}
