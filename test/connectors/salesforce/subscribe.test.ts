import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cursor, Page } from '../../../connectors/contract.ts';
import { channelOf } from '../../../connectors/salesforce/cdc.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { createTransport } from '../../../connectors/transport.ts';
import { type Bench, bench, people } from './harness.ts';

let org: Bench;
let ids: string[];
const stop: AbortController[] = [];
beforeEach(async () => {
  org = await bench({ pollMs: 300 });
  ids = org.sandbox.seed('Contact', people(3));
});
afterEach(async () => {
  for (const controller of stop.splice(0)) controller.abort();
  await org[Symbol.asyncDispose]();
});

interface Feed {
  /** The next page with something in it, as JSON brings it back. */
  next(): Promise<Page>;
  cursor(): Cursor;
  end(): Promise<void>;
}

/** A reader that stores the cursor of every page, as the hub does. */
function feed(streams = ['Contact'], since: Cursor | null = null, config: object = {}): Feed {
  const controller = new AbortController();
  stop.push(controller);
  const { clientId, clientSecret } = org.sandbox.credentials;
  const auth = { grant: 'client_credentials', clientId, clientSecret };
  const ctx = org.context(
    { loginUrl: org.url, auth, ...config },
    { signal: controller.signal, fetch: createTransport({ fetch, backoff: 1 }) },
  );
  const pages = salesforce.subscribe!(ctx, streams, since)[Symbol.asyncIterator]();
  let cursor = since;
  return {
    async next() {
      for (;;) {
        const { value, done } = await pages.next();
        if (done) throw new Error('the feed ended by itself');
        const page = JSON.parse(JSON.stringify(value)) as Page;
        cursor = page.cursor;
        if (page.changes.length > 0 || (page.missed ?? []).length > 0) return page;
      }
    },
    cursor: () => cursor!,
    async end() {
      controller.abort();
      await pages.next().catch(() => undefined);
    },
  };
}

const told = ({ changes }: Page) => changes.map(({ stream, id, op }) => [stream, id, op]);
const soon = (work: () => void) => setTimeout(work, 20);
const edit = (n: number, title: string) => org.sandbox.edit('Contact', ids[n]!, { Title: title });

describe('what goes wrong', () => {
  test('a feed that was never followed says so, and begins with what is new', async () => {
    edit(0, 'before');
    const live = feed(['Contact', 'Account']);
    expect((await live.next()).missed).toEqual([
      { stream: 'Contact', all: false },
      { stream: 'Account', all: false },
    ]);
    soon(() => edit(1, 'after'));
    expect(told(await live.next())).toEqual([['Contact', ids[1], 'touch']]);
    expect(org.sandbox.streaming.followed()).toEqual([
      '/data/AccountChangeEvent',
      '/data/ContactChangeEvent',
    ]);
  });

  test('a cursor that makes no sense is no cursor', async () => {
    for (const cursor of ['x', 7, [], { replay: { Contact: 'x' } }] as Cursor[])
      expect((await feed(['Contact'], cursor).next()).missed).toEqual([{ stream: 'Contact', all: false }]);
  });

  test('an expired replay id is told, and the stream goes on with what is new', async () => {
    const first = feed();
    await first.next();
    soon(() => edit(0, 'kept'));
    await first.next();
    await first.end();
    edit(1, 'lost');
    org.sandbox.streaming.forget();
    const second = feed(['Contact'], first.cursor());
    expect(await second.next()).toMatchObject({ changes: [], missed: [{ stream: 'Contact', all: false }] });
    soon(() => edit(2, 'new'));
    expect(told(await second.next())).toEqual([['Contact', ids[2], 'touch']]);
  });

  test('a token that expires while a poll waits is replaced, and nothing is missed', async () => {
    const live = feed();
    await live.next();
    soon(() => edit(0, 'with the old token'));
    await live.next();
    soon(() => {
      org.sandbox.expireTokens();
      edit(1, 'with none');
    });
    expect(told(await live.next())).toContainEqual(['Contact', ids[1], 'touch']);
  });

  test('a server that forgets its clients is told again where we stand', async () => {
    const live = feed();
    await live.next();
    soon(() => edit(0, 'one'));
    await live.next();
    const before = org.sandbox.streaming.handshakes();
    soon(() => {
      org.sandbox.streaming.drop();
      edit(1, 'two');
    });
    expect(await live.next()).toMatchObject({ changes: [{ id: ids[1] }], missed: [] });
    expect(org.sandbox.streaming.handshakes()).toBe(before + 1);
  });

  test('a server that forgets everybody at once, always, is not asked for ever', async () => {
    org.sandbox.fault = ({ path }) => {
      if (path.startsWith('/cometd/')) org.sandbox.streaming.drop();
      return undefined;
    };
    await expect(feed(['Contact'], { replay: { Contact: 1 } }).next()).rejects.toMatchObject({
      kind: 'transient',
    });
    expect(org.sandbox.streaming.handshakes()).toBeLessThan(10);
  });

  test('a poll that is cut, answered with rubbish, or refused, breaks the feed with the right kind', async () => {
    for (const [fault, kind] of [
      ['reset', 'transient'],
      [{ status: 503, body: 'busy' }, 'transient'],
      [{ status: 200, body: '[{}]' }, 'transient'],
      [{ status: 200, body: '{' }, 'transient'],
      [{ status: 200, body: '[]' }, 'transient'],
      [{ status: 403, body: '' }, 'auth'],
    ] as const) {
      org.sandbox.fault = undefined;
      const live = feed();
      await live.next();
      org.sandbox.fault = ({ path }) => (path.startsWith('/cometd/') ? fault : undefined);
      await expect(live.next()).rejects.toMatchObject({ kind });
    }
  });

  test('an answer that never comes ends the feed soon after the server’s own promise', async () => {
    const hung = createTransport({ fetch });
    const deadlines: number[] = [];
    const spy: typeof fetch = (input, init) => {
      deadlines.push((init as { deadline?: number }).deadline ?? 0);
      return hung(input, init);
    };
    const { clientId, clientSecret } = org.sandbox.credentials;
    const controller = new AbortController();
    stop.push(controller);
    const ctx = org.context(
      { loginUrl: org.url, auth: { grant: 'client_credentials', clientId, clientSecret } },
      { signal: controller.signal, fetch: spy },
    );
    const pages = salesforce.subscribe!(ctx, ['Contact'], null)[Symbol.asyncIterator]();
    await pages.next();
    await pages.next();
    await pages.next();
    expect(deadlines.filter((ms) => ms > 0)).toEqual([125_000, 15_300]);
  });

  test('an object without change events is named, and holds the others back no more than itself', async () => {
    const live = feed(['Nonsense__c', 'Contact']);
    expect((await live.next()).missed).toEqual([{ stream: 'Contact', all: false }]);
    await expect(feed(['Nonsense__c']).next()).rejects.toMatchObject({
      kind: 'rejected',
      hint: expect.stringContaining('Change Data Capture'),
    });
  });

  test('a person who may not log in', async () => {
    await expect(
      feed(['Contact'], null, {
        auth: { grant: 'token', accessToken: 'stale', instanceUrl: org.url },
      }).next(),
    ).rejects.toMatchObject({ kind: 'auth' });
  });
});

describe('events', () => {
  test('creates, updates, deletions, merges and gaps lead to a look; one look for many', async () => {
    const live = feed();
    await live.next();
    soon(() => {
      for (let i = 0; i < 50; i++) edit(0, `title ${i}`);
      org.sandbox.merge('Contact', ids[1]!, ids[2]!);
      org.sandbox.streaming.publish('Contact', 'GAP_UPDATE', [ids[0]!.slice(0, 15), ids[2]!]);
    });
    const page = await live.next();
    expect(told(page).sort()).toEqual(ids.map((id) => ['Contact', id, 'touch']).sort());
    expect(page.missed).toEqual([]);
  });

  test('an overflow, and a change of all records, ask for the stream', async () => {
    const live = feed();
    await live.next();
    soon(() => org.sandbox.streaming.publish('Contact', 'GAP_OVERFLOW', ['000000000000000AAA']));
    expect(await live.next()).toMatchObject({ changes: [], missed: [{ stream: 'Contact', all: false }] });
    soon(() => org.sandbox.streaming.publish('Contact', 'UPDATE', ['003*']));
    expect(await live.next()).toMatchObject({ changes: [], missed: [{ stream: 'Contact', all: true }] });
  });

  test('our own writes are passed over only where our name tells them from everybody else’s', async () => {
    const write = (name: string | undefined, title: string) => {
      const { clientId, clientSecret } = org.sandbox.credentials;
      const ctx = org.context({
        loginUrl: org.url,
        auth: { grant: 'client_credentials', clientId, clientSecret },
        ...(name ? { clientName: name } : {}),
      });
      return salesforce.write!(ctx, 'Contact', [
        { key: 'k', op: 'update', id: ids[0]!, fields: { Title: title } },
      ]);
    };
    const live = feed(['Contact'], null, { clientName: 'hub-1' });
    await live.next();
    await write('hub-1', 'ours');
    soon(() => edit(1, 'a person’s'));
    expect(told(await live.next())).toEqual([['Contact', ids[1], 'touch']]);
    await write('hub-2', 'another hub’s');
    expect(told(await live.next())).toEqual([['Contact', ids[0], 'touch']]);
    await write(undefined, 'another program’s');
    expect(told(await live.next())).toEqual([['Contact', ids[0], 'touch']]);
  });

  test('that cannot be read are passed over, and the stream is read instead', async () => {
    const live = feed();
    await live.next();
    org.sandbox.fault = ({ path }) => {
      if (!path.startsWith('/cometd/')) return undefined;
      const data = { payload: { ChangeEventHeader: { entityName: 'Contact' } }, event: { replayId: 77 } };
      return {
        status: 200,
        body: JSON.stringify([
          { channel: '/data/ContactChangeEvent', data },
          { channel: '/data/SomebodyElsesChangeEvent', data },
          { channel: '/meta/connect', successful: true },
        ]),
      };
    };
    expect(await live.next()).toEqual({
      changes: [],
      cursor: { replay: { Contact: 77 } },
      done: true,
      missed: [{ stream: 'Contact', all: false }],
    });
  });

  test('of custom objects come by channels of their own', () => {
    expect(channelOf('Contact')).toBe('/data/ContactChangeEvent');
    expect(channelOf('Order_Line__c')).toBe('/data/Order_Line__ChangeEvent');
  });

  test('a replay from the stored cursor brings what happened since, and nothing that was stored', async () => {
    const first = feed();
    await first.next();
    soon(() => edit(0, 'one'));
    await first.next();
    await first.end();
    edit(1, 'while nobody listened');
    const second = feed(['Contact'], first.cursor());
    expect(await second.next()).toMatchObject({ changes: [{ id: ids[1] }], missed: [] });
  });
});

test('an event of a deletion says that it is one, and one of an edit does not', async () => {
  const reader = feed();
  await reader.next();
  soon(() => org.sandbox.remove('Contact', ids[0]!));
  expect((await reader.next()).changes).toMatchObject([{ id: ids[0], op: 'touch', deleted: true }]);
  soon(() => edit(1, 'Curator'));
  expect((await reader.next()).changes).toEqual([
    { stream: 'Contact', id: ids[1], op: 'touch', at: expect.any(String) },
  ]);
  await reader.end();
});
