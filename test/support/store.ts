import type { Store } from '../../api/runtime/store.ts';
import type { Db } from '../../core/store/db.ts';
import { emptyHands } from '../../core/sync/hands.ts';

/** The store of a hub in this process, over a database that a test has opened. It lives as long as the test; `close` closes the database. */
export function memoryStore(db: Db, owner = 'test', more: Partial<Store> = {}): Store {
  return {
    db,
    place: 'memory',
    owner,
    isAlive: async (other) => other === owner,
    hands: emptyHands(),
    serving: async () => undefined,
    close: () => db.close(),
    ...more,
  };
}
