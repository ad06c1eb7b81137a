import type { WebhookConfig } from '../../connectors/webhook/config.ts';
import type { AlertRule } from '../../core/messages/rule.ts';
import { parseCondition } from '../../mappings/alert.ts';
import type { HubConfig } from '../config/types.ts';

/** The alerts of a checked config, as the engine looks at them. */
export function alertRules(config: Pick<HubConfig, 'alerts' | 'connections'>): AlertRule[] {
  return Object.values(config.alerts).map(({ name, entity, when, to, format }) => {
    const parsed = parseCondition(when, undefined);
    if ('message' in parsed) throw new Error(`the alert ${name} was not checked: ${parsed.message}`);
    const { format: own } = config.connections[to]!.config as WebhookConfig;
    return { name, entity, to, format: format ?? own, holds: parsed.condition.holds };
  });
}
