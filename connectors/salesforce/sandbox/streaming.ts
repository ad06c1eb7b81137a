/** The streaming endpoint: CometD over long polling, with replay ids, sessions that are forgotten, and tokens that expire. */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { EventBus } from './changes.ts';
import type { Env, Gate } from './gate.ts';
import type { World } from './world.ts';

const Request = z.array(
  z.object({
    channel: z.string(),
    clientId: z.string().optional(),
    subscription: z.string().optional(),
    connectionType: z.string().optional(),
    ext: z.object({ replay: z.union([z.boolean(), z.record(z.string(), z.int())]).optional() }).optional(),
  }),
);
type Message = z.infer<typeof Request>[number];

interface Client {
  id: string;
  /** Channel → the last replay id that was sent. */
  sent: Map<string, number>;
  /** Of the poll that waits. */
  wake: (() => void) | undefined;
}

export interface Streaming {
  /** Clients that the server knows. */
  clients(): number;
  /** How many handshakes there were. */
  handshakes(): number;
  /** Channels that somebody follows. */
  followed(): string[];
  /** The server forgets all its clients; those that wait are told. */
  drop(): void;
  /** Polls that wait look again: a token has expired. */
  wake(): void;
}

type Answer = Record<string, unknown>;
const UNKNOWN = { error: '403::Unknown client', advice: { reconnect: 'handshake', interval: 0 } };
const UNAUTHENTICATED = { error: '401::Authentication invalid', advice: { reconnect: 'none', interval: 0 } };

/** `pollMs`: how long a poll without news is held. */
export function streamingRoutes(
  app: Hono<Env>,
  world: World,
  gate: Gate,
  bus: EventBus,
  pollMs: number,
): Streaming {
  const clients = new Map<string, Client>();
  let made = 0;
  const wakeAll = () => {
    for (const { wake } of clients.values()) wake?.();
  };
  bus.listeners.add(wakeAll);

  const known = (c: Context<Env>) =>
    gate.tokens.has(c.req.header('authorization')?.replace(/^(Bearer|OAuth) /, '') ?? '');

  const news = (client: Client): Answer[] => {
    const messages: Answer[] = [];
    for (const { replayId, channel, data } of bus.events) {
      const sent = client.sent.get(channel);
      if (sent === undefined || replayId <= sent) continue;
      client.sent.set(channel, replayId);
      messages.push({ channel, data });
    }
    return messages;
  };

  const handshake = (c: Context<Env>): Answer[] => {
    if (!known(c))
      return [
        {
          ext: { sfdc: { failureReason: '401::Authentication invalid' }, replay: true },
          advice: { reconnect: 'none' },
          error: '403::Handshake denied',
          successful: false,
        },
      ];
    made += 1;
    const id = `client${made}`;
    clients.set(id, { id, sent: new Map(), wake: undefined });
    c.header('set-cookie', `BAYEUX_BROWSER=browser${made}; Path=/; HttpOnly`);
    return [
      {
        version: '1.0',
        minimumVersion: '1.0',
        supportedConnectionTypes: ['long-polling'],
        ext: { replay: true, 'payload.format': true },
        clientId: id,
        successful: true,
      },
    ];
  };

  const subscribe = (message: Message, client: Client): Answer[] => {
    const channel = message.subscription ?? '';
    const refuse = (error: string) => [
      { subscription: channel, clientId: client.id, error, successful: false },
    ];
    const object = /^\/data\/(\w+?)ChangeEvent$/.exec(channel)?.[1]?.replace(/__$/, '__c');
    if (object === undefined || !world.tables.has(object.toLowerCase()))
      return refuse(`404::Unknown channel {${channel}}`);
    const replay = message.ext?.replay;
    const from = typeof replay === 'object' ? replay[channel] : -1;
    if (from === undefined)
      return refuse(
        `400::The replayId for channel {${channel}} wasn't found using the provided replay ID map`,
      );
    const last = bus.events.at(-1)?.replayId ?? bus.forgotten;
    if (from > last || (from >= 0 && from <= bus.forgotten))
      return refuse(
        `400::The replayId {${from}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
      );
    client.sent.set(channel, from === -1 ? last : from);
    return [{ clientId: client.id, subscription: channel, successful: true }];
  };

  const connect = async (c: Context<Env>, client: Client): Promise<Answer[]> => {
    const socket = c.env?.incoming?.socket;
    let over = false;
    const timer = setTimeout(() => {
      over = true;
      client.wake?.();
    }, pollMs);
    const closed = () => client.wake?.();
    socket?.once('close', closed);
    let found = news(client);
    while (found.length === 0 && !over && known(c) && clients.has(client.id) && socket?.destroyed !== true) {
      await new Promise<void>((resolve) => {
        client.wake = resolve;
      });
      // What one transaction changes is sent together.
      await new Promise((resolve) => setTimeout(resolve, 0));
      found = news(client);
    }
    clearTimeout(timer);
    // The next poll comes on the same socket.
    socket?.off('close', closed);
    client.wake = undefined;
    const base = { clientId: client.id };
    if (!known(c)) return [...found, { ...base, ...UNAUTHENTICATED, successful: false }];
    if (!clients.has(client.id)) return [{ ...base, ...UNKNOWN, successful: false }];
    return [
      ...found,
      { ...base, advice: { reconnect: 'retry', interval: 0, timeout: pollMs }, successful: true },
    ];
  };

  app.post('/cometd/:version', async (c) => {
    const parsed = Request.safeParse(await c.req.json().catch(() => undefined));
    if (!parsed.success) return c.text('400::Malformed', 400);
    const answers: Answer[] = [];
    for (const message of parsed.data) {
      const { channel } = message;
      // A session is held by its cookie, as behind Salesforce's load balancers.
      const sticky = c.req.header('cookie')?.includes('BAYEUX_BROWSER=') === true;
      const client = sticky ? clients.get(message.clientId ?? '') : undefined;
      const said =
        channel === '/meta/handshake'
          ? handshake(c)
          : !known(c)
            ? [{ ...UNAUTHENTICATED, successful: false }]
            : client === undefined
              ? [{ ...UNKNOWN, successful: false }]
              : channel === '/meta/subscribe'
                ? subscribe(message, client)
                : channel === '/meta/connect'
                  ? await connect(c, client)
                  : [{ error: `400::Unknown channel {${channel}}`, successful: false }];
      answers.push(...said.map((answer) => ({ channel, ...answer })));
    }
    return c.json(answers);
  });

  return {
    clients: () => clients.size,
    handshakes: () => made,
    followed: () => [...new Set([...clients.values()].flatMap(({ sent }) => [...sent.keys()]))].sort(),
    drop() {
      const gone = [...clients.values()];
      clients.clear();
      for (const { wake } of gone) wake?.();
    },
    wake: wakeAll,
  };
}
