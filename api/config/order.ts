import type { Entity } from '../../core/model/entity.ts';
import type { ConfigProblem } from '../../mappings/problem.ts';
import type { FieldSpec, MappingSpec } from '../../mappings/spec.ts';
import type { SyncConfig } from './types.ts';

/** The entity that an entry points to, where it is a reference. */
function pointsTo(entry: FieldSpec, attribute: string, entity: Entity | undefined): string | undefined {
  const known =
    entity && Object.hasOwn(entity.attributes, attribute) ? entity.attributes[attribute] : undefined;
  return entry.reference ?? (known?.type === 'reference' ? known.entity : undefined);
}

/** Every reference of the mappings of a sync. */
function references(
  sync: SyncConfig,
  mappings: Record<string, MappingSpec>,
  entities: Record<string, Entity>,
) {
  return sync.members.flatMap(({ mapping }) => {
    const spec = mappings[mapping];
    return Object.entries(spec?.fields ?? {}).flatMap(([attribute, entry]) => {
      const target = pointsTo(entry, attribute, entities[spec!.entity]);
      return target === undefined ? [] : [{ spec: spec!, attribute, entry, target }];
    });
  });
}

/**
 * Syncs so that what is referred to comes first; otherwise in the order of the file. In a circle the file
 * decides: references that must wait are filled in by the next run.
 */
export function orderSyncs(
  syncs: Record<string, SyncConfig>,
  mappings: Record<string, MappingSpec>,
  entities: Record<string, Entity>,
): string[] {
  const all = Object.values(syncs);
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (sync: SyncConfig) => {
    if (order.includes(sync.name) || open.has(sync.name)) return;
    open.add(sync.name);
    const targets = new Set(references(sync, mappings, entities).map(({ target }) => target));
    for (const other of all) if (other.entity !== sync.entity && targets.has(other.entity)) visit(other);
    order.push(sync.name);
  };
  all.forEach(visit);
  return order;
}

/** References whose target no sync brings from the same tool: they stay empty. */
export function unsyncedReferences(
  syncs: Record<string, SyncConfig>,
  mappings: Record<string, MappingSpec>,
  entities: Record<string, Entity>,
): ConfigProblem[] {
  const brought = new Set(
    Object.values(syncs).flatMap(({ members }) =>
      members.map(({ mapping }) => `${mappings[mapping]?.connection} ${mappings[mapping]?.entity}`),
    ),
  );
  const seen = new Set<FieldSpec>();
  return Object.values(syncs).flatMap((sync) =>
    references(sync, mappings, entities).flatMap(({ spec, attribute, entry, target }): ConfigProblem[] => {
      if (brought.has(`${spec.connection} ${target}`) || seen.has(entry)) return [];
      seen.add(entry);
      return [
        {
          severity: 'warning',
          place: entry.place,
          message: `"${attribute}" points to ${target}, which no sync brings from ${spec.connection}: it stays empty`,
          fix: `add a mapping of ${spec.connection} for ${target} to a sync, or write ${attribute}: null`,
        },
      ];
    }),
  );
}
