/** While the config changes two hubs of one process are at work, and sign what they send with the same name. */

import { expect, test } from 'vitest';
import { readConfig } from '../../../api/config/read.ts';
import { createHub } from '../../../api/runtime/hub.ts';
import type { Store } from '../../../api/runtime/store.ts';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { tryOf } from '../../../core/sync/claim.ts';
import { orOwe } from '../../../core/sync/owed.ts';
import { recoverOrphans } from '../../../core/sync/recover.ts';
import { openMemory } from '../../support/databases.ts';
import { memoryStore } from '../../support/store.ts';

test('the hub that takes over leaves alone what the one before is sending, and pays what that one owes', async () => {
  const read = readConfig(
    {
      'hub.yaml':
        'connections: { list: { type: csv, path: . } }\nsyncs: { people: { entity: person, members: [ { mapping: list-people, mode: read } ] } }\n',
      'mappings/list-people.yaml':
        'connection: list\nobject: people\nentity: person\nfields: { fullName: name, email: email }\n',
    },
    { env: {}, connectors: CONNECTORS },
  );
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const db = await openMemory();
  const store: Store = memoryStore(db, 'served');
  const hub = () =>
    createHub(read.config, store, CONNECTORS, {
      now: () => new Date(),
      signal: new AbortController().signal,
    });
  const [before, after] = [hub(), hub()];
  await db.query(
    `insert into outbox (golden_id, mapping, target, entity, op, key, lane, state, owner, awaits, attempts, due_at, created_at, updated_at)
     values ('g1', 'list-people', '', 'person', 'create', 'k', 1, 'sending', 'served', '{}', 1, now(), now(), now())`,
  );
  const sent = tryOf({ goldenId: 'g1', mapping: 'list-people', target: '', attempts: 1, owner: 'served' });
  before.engine.inHand!.add(sent);
  expect(await recoverOrphans(after.engine)).toBe(0);
  expect(await db.query('select state from outbox')).toEqual([{ state: 'sending' }]);

  let reachable = false;
  await orOwe(before.engine, async () => {
    if (!reachable) throw new Error('the database does not answer');
    before.engine.inHand!.delete(sent);
  });
  reachable = true;
  expect(await recoverOrphans(after.engine)).toBe(1);
  await db.close();
});
