import type { Sync, Tool } from '../../core/sync/ports.ts';

/**
 * A sync whose calls to tools end only by `kill`: asked to stop, a run finishes the step in hand, so that no write is left
 * without its answer. `context`: how the tools are called, where that is special.
 */
export function patient(sync: Sync, kill: AbortSignal, context = (tool: Tool) => tool.context(kill)): Sync {
  return {
    ...sync,
    members: sync.members.map((member) => ({
      ...member,
      tool: { ...member.tool, context: () => context(member.tool) },
    })),
  };
}
