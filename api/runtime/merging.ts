import { MERGE_LOSES, MERGEABLE } from '../../connectors/hubspot/merge.ts';
import type { HubConfig } from '../config/types.ts';

/** Streams whose duplicates may be merged in their own tool. Salesforce merges over no REST call, so none of it is. */
export function mergeStreams(config: HubConfig): { connection: string; object: string }[] {
  return Object.values(config.syncs).flatMap(({ members }) =>
    members.flatMap(({ mapping, mode, mergeInTool }) => {
      const { connection, object } = config.mappings[mapping]!;
      const can = config.connections[connection]!.type === 'hubspot' && object === MERGEABLE;
      return mergeInTool === 'review' && mode !== 'read' && can ? [{ connection, object }] : [];
    }),
  );
}

export const mergeRules = (config: HubConfig) => ({
  allowed: (connection: string, object: string) =>
    mergeStreams(config).some((one) => one.connection === connection && one.object === object),
  loses: () => MERGE_LOSES,
});
