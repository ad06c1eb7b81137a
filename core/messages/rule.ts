import type { Values } from '../model/value.ts';
import type { MessageFormat } from '../store/messages.ts';

export type Held = { ok: true; value: boolean } | { ok: false; message: string };

/** An alert of hub.yaml as the engine uses it: mappings/alert.ts compiles its condition. */
export interface AlertRule {
  name: string;
  entity: string;
  /** The connection that is told. */
  to: string;
  format: MessageFormat;
  /** Is the condition true of these values, when they were `previous` before? undefined: the record is new. Never rejects. */
  holds(values: Values, previous: Values | undefined): Promise<Held>;
}

export const EVENTS = ['created', 'updated', 'merged', 'split', 'erased'] as const;

/** An entry of `webhooks` in hub.yaml: a connection that is told what happens to golden records. */
export interface EventRule {
  to: string;
  events: readonly (typeof EVENTS)[number][];
  /** Absent: of every entity. */
  entity?: string;
}
