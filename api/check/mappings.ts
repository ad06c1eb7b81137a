import { isPushed } from '../../connectors/contract.ts';
import { checkMapping } from '../../mappings/check.ts';
import type { Finding } from '../../mappings/finding.ts';
import type { MappingSpec } from '../../mappings/spec.ts';
import { type HubConfig, objectOf } from '../config/types.ts';
import type { Probe } from './probe.ts';

export interface Reported extends Finding {
  connection: string;
  mapping?: string;
  object?: string;
  /** The other mapping, where it is between two. */
  with?: string;
}

/** How a unique field for golden ids is made, where people know the tool's screens. */
const MAKE_ID: Record<string, (object: string) => string> = {
  salesforce: (object) =>
    `in Setup, Object Manager, ${object}, Fields: a Text field of 50 characters named Nayose_Id (API name Nayose_Id__c), with "Unique" and "External ID" ticked, visible to the connection's user`,
  hubspot: (object) =>
    `in Settings, Properties, ${object}: a single-line text property with the internal name nayose_id and "Require unique values" ticked`,
};

/** What does not fit between the mappings of a connection and the tool as it is now. Nothing for a tool that was not reached. */
export function checkMappings(config: HubConfig, { check, streams, refused, tool }: Probe): Reported[] {
  if (check.state !== 'ok') return [];
  return specsOf(config, check.name).flatMap(({ spec, create, write }) => {
    const where = { connection: check.name, mapping: spec.name, object: spec.object };
    const error = refused.get(spec.object);
    if (error)
      return [
        {
          ...where,
          kind: error.kind === 'rejected' ? ('object-missing' as const) : ('permission' as const),
          severity: 'error' as const,
          message: error.message,
          ...(error.hint ? { fix: error.hint } : {}),
          place: spec.places.object,
        },
      ];
    const stream = streams.get(spec.object);
    const findings = checkMapping(spec, {
      entity: config.entities[spec.entity]!,
      stream,
      objects: [...streams.keys()],
      create,
      write,
      locale: config.hub,
      pushed: isPushed(tool.connector),
      objectOf: (entity) => objectOf(config, spec.connection, entity),
    });
    const idField = stream?.fields.find(
      (field) => field.unique && field.writable && /^nayose_?id(__c)?$/i.test(field.name),
    );
    return findings.flatMap((finding): Reported[] => {
      if (finding.kind !== 'unique-key') return [{ ...where, ...finding }];
      // The hub writes its own id there, which no mapping names.
      if (idField) return [];
      const make = MAKE_ID[check.type]?.(spec.object);
      return [{ ...where, ...finding, ...(make ? { fix: make } : {}) }];
    });
  });
}

/** The mappings that syncs use, with everything that any sync wants of them. */
export function specsOf(
  config: HubConfig,
  connection: string,
): { spec: MappingSpec; create: boolean; write: boolean; read: boolean }[] {
  const members = Object.values(config.syncs).flatMap((sync) => sync.members);
  return Object.values(config.mappings)
    .filter((spec) => spec.connection === connection)
    .flatMap((spec) => {
      const uses = members.filter((member) => member.mapping === spec.name);
      if (uses.length === 0) return [];
      return [
        {
          spec,
          create: uses.some((use) => use.create && use.mode !== 'read'),
          write: uses.some((use) => use.mode !== 'read'),
          read: uses.some((use) => use.mode !== 'write'),
        },
      ];
    });
}
