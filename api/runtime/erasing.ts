import type { Erasing } from '../../core/sync/erase/erase.ts';
import type { ErasingStream } from '../../core/sync/erase/tools.ts';
import type { HubConfig } from '../config/types.ts';
import type { Hub } from './hub.ts';
import { streamOf } from './tools.ts';

/** What the configuration allows an erasure. It asks no tool: whoever is down must not keep a person from being forgotten. */
export function erasingRules(config: HubConfig): Erasing {
  return {
    entity: (name) => config.entities[name],
    places: config.mappings,
    allowed(connection, object) {
      const members = Object.values(config.syncs).flatMap(({ name, members }) =>
        members
          .filter(({ mapping }) => {
            const spec = config.mappings[mapping]!;
            return spec.connection === connection && spec.object === object;
          })
          .map((member) => ({ sync: name, ...member })),
      );
      if (members.length === 0)
        return `no sync has ${object} of ${connection} any more: delete it there by hand`;
      const forbids = members.find(({ erase }) => erase === false);
      if (forbids) return `the sync ${forbids.sync} says erase: false for it`;
      if (members.some(({ erase, mode }) => erase ?? mode !== 'read')) return true;
      return `the sync ${members[0]!.sync} only reads it: delete it there by hand, or allow it with erase: true`;
    },
  };
}

/** Every stream of the configuration, each asked for its schema only when something is to be erased in it. */
export function erasingStreams(hub: Pick<Hub, 'config' | 'tools'>): ErasingStream[] {
  return Object.values(hub.config.mappings).map(({ name, connection, object }) => {
    const tool = hub.tools.get(connection)!;
    return { tool, object, mapping: name, stream: () => streamOf(hub.config, tool, object) };
  });
}
