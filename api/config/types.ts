import type { EventRule } from '../../core/messages/rule.ts';
import type { Entity } from '../../core/model/entity.ts';
import type { DeletePolicy, EditRules, Guards } from '../../core/sync/ports.ts';
import type { ConfigProblem, Place } from '../../mappings/problem.ts';
import type { MappingSpec } from '../../mappings/spec.ts';
import type { BudgetConfig } from './budgets.ts';

/** A config folder, read, checked and frozen. Nothing in it is secret but `connections[…].config`, `hookKey` and `sealed`. */
export interface HubConfig {
  hub: HubSettings;
  connections: Record<string, ConnectionConfig>;
  /** The built-in entities and the folder's own. */
  entities: Record<string, Entity>;
  mappings: Record<string, MappingSpec>;
  syncs: Record<string, SyncConfig>;
  /** Names of the syncs: what is referred to comes before what refers to it. */
  order: string[];
  alerts: Record<string, AlertConfig>;
  webhooks: EventRule[];
  /** The values that `${secret:NAME}` stood for: never to be printed, whatever key they stand under. */
  sealed: string[];
  /** What is odd but works. */
  warnings: ConfigProblem[];
}

export interface HubSettings {
  /** ISO 3166 code: the country of phone numbers and postal codes that name none. */
  region: string;
  /** IANA name: the zone of times that name none, and of schedules. */
  timeZone: string;
}

export interface ConnectionConfig {
  name: string;
  type: string;
  /** What the connector's own schema made of it. */
  config: unknown;
  /** The secret last part of /hooks/{connection}/{key}. */
  hookKey?: string;
  /** Absent: 10% of a daily budget are left to other apps. */
  budget?: BudgetConfig;
  place: Place;
}

export interface SyncConfig {
  name: string;
  entity: string;
  /** A cron pattern in the hub's time zone; undefined: by hand and by webhook only. */
  schedule?: string;
  /** When everything in the tools is compared with the hub; undefined: by hand only. */
  reconcile?: { schedule: string; repair: boolean };
  realtime: boolean;
  /** Shares between 0 and 1, or counts of 1 and more; undefined: the engine's safe default. */
  guards: Guards;
  edits: EditRules;
  members: MemberConfig[];
  place: Place;
}

export interface MemberConfig {
  mapping: string;
  mode: 'both' | 'read' | 'write';
  /** May records that are missing in this tool be created there? */
  create: boolean;
  /** JSONata over golden values: only such are created. undefined: all. */
  createWhen?: string | undefined;
  /** Of `create.when`. */
  createPlace?: Place | undefined;
  /** What becomes of its records when somebody deletes their counterparts. undefined: unlink. */
  deletes?: DeletePolicy | undefined;
  /** Are duplicates within this tool offered to people, to be merged there? undefined: never. */
  mergeInTool?: 'never' | 'review' | undefined;
  /** May records of erased persons be deleted there? undefined: unless the mode is read. */
  erase?: boolean | undefined;
}

export interface AlertConfig {
  name: string;
  entity: string;
  /** JSONata over the golden record's values; `$previous` is what they were. */
  when: string;
  /** The connection that is told. */
  to: string;
  /** undefined: the connection's. */
  format?: 'standard' | 'slack' | 'teams';
}

/** Hub-wide defaults, for folders that say nothing of them. */
export const HUB_DEFAULTS: HubSettings = { region: 'JP', timeZone: 'Asia/Tokyo' };

/** The connection that a reference, a webhook or an alert means. Objects of one connection by entity. */
export function objectOf(config: HubConfig, connection: string, entity: string): string | undefined {
  for (const name of config.order)
    for (const { mapping } of config.syncs[name]!.members) {
      const spec = config.mappings[mapping]!;
      if (spec.connection === connection && spec.entity === entity) return spec.object;
    }
  return Object.values(config.mappings).find(
    (spec) => spec.connection === connection && spec.entity === entity,
  )?.object;
}
