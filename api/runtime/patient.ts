import type { Lane } from '../../connectors/contract.ts';
import type { Sync } from '../../core/sync/ports.ts';

/**
 * A sync whose calls to tools end only by `kill`: asked to stop, a run finishes the step in hand, so that no write is left
 * without its answer. `only`: the lane of all its calls, where whoever calls does not choose it; opt-outs keep theirs.
 */
export function patient(sync: Sync, kill: AbortSignal, only?: Lane): Sync {
  return {
    ...sync,
    members: sync.members.map((member) => ({
      ...member,
      tool: {
        ...member.tool,
        context: (_, lane) => member.tool.context(kill, lane === 'consent' ? lane : (only ?? lane)),
      },
    })),
  };
}
