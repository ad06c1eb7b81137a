import type { WebhookConfig } from '../../connectors/webhook/config.ts';
import type { EventRule } from '../../core/messages/rule.ts';
import type { ConfigProblem } from '../../mappings/problem.ts';
import type { Source } from '../../mappings/source.ts';
import type { HubFile } from './schema.ts';
import { type Known, unknownName } from './syncs.ts';
import type { ConnectionConfig } from './types.ts';

/** The receivers of what happens to golden records. Each must be one that standard messages can be signed for. */
export function readWebhooks(
  file: HubFile,
  source: Source,
  known: Known,
  connections: Record<string, ConnectionConfig>,
): { webhooks: EventRule[]; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const webhooks = (file.webhooks ?? []).map(({ to, events, entity }, index): EventRule => {
    const at = ['webhooks', index];
    if (entity !== undefined && !known.entities.includes(entity))
      problems.push(unknownName('entity', entity, known.entities, source, [...at, 'entity']));
    if (!known.connections.includes(to))
      problems.push(unknownName('connection', to, known.connections, source, [...at, 'to']));
    const connection = Object.hasOwn(connections, to) ? connections[to] : undefined;
    const config = connection?.type === 'webhook' ? (connection.config as WebhookConfig) : undefined;
    const wrong = (message: string, expected: string) =>
      problems.push({ severity: 'error', place: source.place([...at, 'to']), message, expected });
    if (connection && config?.url === undefined)
      wrong(`the connection "${to}" cannot be told anything`, 'a connection of type webhook with a url');
    else if (
      config &&
      (config.format === 'slack' || config.format === 'teams' || config.secret === undefined)
    )
      wrong(
        `"${to}" is not told what happens to golden records: that goes out in the standard format, signed`,
        'a connection of type webhook with format: standard and a secret',
      );
    const twice = (file.webhooks ?? []).findIndex((one) => one.to === to && one.entity === entity) < index;
    if (twice) wrong(`"${to}" is told twice`, 'one entry a receiver (and entity) with all its events');
    return { to, events, ...(entity === undefined ? {} : { entity }) };
  });
  return { webhooks, problems };
}
