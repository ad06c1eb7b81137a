import { expect, test } from 'vitest';
import { createMessaging } from '../../../api/serve/messages.ts';
import { DATABASES } from '../../support/databases.ts';

test('a wake that comes after the stop begins nothing, and leaves nothing to wait for', async () => {
  const db = await DATABASES[0]!.open();
  const stop = new AbortController();
  const lines: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => void lines.push(message) };
  const sender = { db, now: () => new Date(), random: () => 0, owner: 'me', isAlive: async () => true };
  const messaging = createMessaging(sender, [], { stop: stop.signal, kill: stop.signal, log });
  messaging.wake();
  await messaging.idle();
  stop.abort();
  messaging.wake();
  await messaging.idle();
  expect(lines).toEqual([]);
  await db.close();
});
