import { createIds } from '../../api/runtime/ids.ts';
import { createMatcher } from '../../core/match/matcher.ts';
import type { Db } from '../../core/store/db.ts';
import type { Engine, Sync } from '../../core/sync/ports.ts';
import { entity } from './people.ts';

/** An engine that only resolves: no tools. */
export function resolver(db: Db): { engine: Engine; sync: Sync } {
  const ids = createIds(() => new Date());
  return {
    engine: {
      db,
      syncs: [],
      now: () => new Date(),
      newId: () => ids('g'),
      owner: 'bench',
      isAlive: async () => true,
      objectOf: () => undefined,
      creates: () => false,
      random: Math.random,
      progress: () => undefined,
      dry: false,
    },
    sync: {
      name: 'people',
      entity,
      matcher: createMatcher(entity),
      members: [],
      guards: { maxChanged: undefined, maxDeleted: undefined },
    },
  };
}
