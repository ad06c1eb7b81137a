import type { Sync } from '../../core/sync/ports.ts';

/**
 * A sync whose calls to tools end only by `kill`: asked to stop, a run finishes the step in hand, so that no write is left
 * without its answer.
 */
export function patient(sync: Sync, kill: AbortSignal): Sync {
  return {
    ...sync,
    members: sync.members.map((member) => ({
      ...member,
      tool: { ...member.tool, context: () => member.tool.context(kill) },
    })),
  };
}
