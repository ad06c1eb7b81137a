/**
 * A receiver of webhooks, simulated: it checks every signature with the specification's own library, takes each
 * webhook-id once, and keeps books. It stands for any system that Nayose can only tell things.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono, type Context as HonoContext } from 'hono';
import { Webhook } from 'standardwebhooks';
import type { Fields } from '../../contract.ts';
import { emptyBooks, type Fault, noteWrite, type Sandbox, type SandboxRecord } from '../../sandbox.ts';

export interface WebhookSandboxOptions {
  /** As in the connection: base64, with or without `whsec_`. */
  secret: string;
  /** Stamps what arrives; signatures are checked by the real clock, as the library does. */
  now?(): Date;
}

export interface WebhookSandbox extends Sandbox {
  /** Every message taken, in order of arrival; one sent twice is here once. */
  messages: { id: string; type: string; data: Message['data'] }[];
}

interface Message {
  type: string;
  timestamp: string;
  data: { stream: string; op?: string; id?: string; into?: string; fields?: Fields } & Record<
    string,
    unknown
  >;
}

const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};

export function createWebhookSandbox(options: WebhookSandboxOptions): WebhookSandbox {
  const webhook = new Webhook(options.secret);
  const streams = new Map<string, Map<string, SandboxRecord>>();
  const answers = new Map<string, { id: string }>();
  const now = () => (options.now?.() ?? new Date()).toISOString();
  let made = 0;

  const stream = (name: string) => {
    const found = streams.get(name) ?? new Map<string, SandboxRecord>();
    streams.set(name, found);
    return found;
  };

  const existing = (name: string, id: string) => {
    const record = stream(name).get(id);
    if (record === undefined) throw new Error(`the webhook sandbox has no ${name} ${id}`);
    return record;
  };

  const put = (name: string, id: string, fields: Fields, at = now()) =>
    stream(name).set(id, { id, fields, modifiedAt: at, deleted: false });

  /** Carries out one message. An update of an unknown id makes the record: a receiver may have come later. */
  const apply = (message: Message): { id: string } => {
    const { stream: name, op, fields = {} } = message.data;
    const { books } = sandbox;
    const id = message.data.id ?? `r${++made}`;
    const before = stream(name).get(id);
    if (op === 'delete' || op === 'merge') {
      put(name, id, before?.fields ?? {});
      existing(name, id).deleted = true;
      count(books.deleted, name);
    } else {
      const after = { ...before?.fields, ...fields };
      if (op === 'create') count(books.created, name);
      else {
        count(books.updated, name);
        if (JSON.stringify(before?.fields) === JSON.stringify(after)) books.noops += 1;
      }
      put(name, id, after);
    }
    noteWrite(books, name, id, new Date(now()));
    return { id };
  };

  const receive = async (c: HonoContext): Promise<Response> => {
    const body = await c.req.text();
    const headers = c.req.header();
    try {
      webhook.verify(body, headers, { jsonParse: false });
    } catch (error) {
      return c.json({ error: error instanceof Error ? error.message : 'not signed' }, 401);
    }
    const id = headers['webhook-id']!;
    const known = answers.get(id);
    if (known !== undefined) return c.json(known);
    const message = JSON.parse(body) as Message;
    // A message about no record (an alert) is only taken.
    const answer = message.data.op === undefined ? { id } : apply(message);
    answers.set(id, answer);
    sandbox.messages.push({ id, type: message.type, data: message.data });
    return c.json(answer);
  };

  const app = new Hono();
  app.post('*', async (c) => {
    const { books } = sandbox;
    books.calls += 1;
    count(books.byRoute, `POST ${c.req.path}`);
    const creates = /"op":"create"/.test(await c.req.raw.clone().text()) ? 1 : 0;
    const fault = sandbox.fault?.({ n: books.calls, method: 'POST', path: c.req.path, creates });
    return fault === undefined ? await receive(c) : await suffer(c, fault, receive);
  });

  const sandbox: WebhookSandbox = {
    app,
    messages: [],
    books: emptyBooks(),
    fault: undefined,
    seed: (name, records) =>
      records.map(({ id = `r${++made}`, fields, at }) => {
        put(name, id, { ...fields }, at);
        return id;
      }),
    records: (name) => [...stream(name).values()],
    edit: (name, id, fields) => {
      const record = existing(name, id);
      put(name, id, { ...record.fields, ...fields });
    },
    remove: (name, id) => {
      Object.assign(existing(name, id), { deleted: true, modifiedAt: now() });
    },
    merge: (name, winner, loser) => {
      existing(name, winner);
      Object.assign(existing(name, loser), { deleted: true, modifiedAt: now() });
    },
  };
  return sandbox;
}

/** Faults below HTTP need the socket under the request, so the app must be served (connectors/serve.ts). */
async function suffer(
  c: HonoContext,
  fault: Fault,
  carryOut: (c: HonoContext) => Promise<Response>,
): Promise<Response> {
  if (typeof fault === 'object' && 'slow' in fault) {
    await sleep(fault.slow);
    return carryOut(c);
  }
  if (typeof fault === 'object') return new Response(fault.body ?? '', fault);
  const { outgoing } = c.env as { outgoing?: ServerResponse };
  if (outgoing === undefined) throw new Error(`the fault ${fault} needs the sandbox served over a socket`);
  if (fault === 'lost-answer') await carryOut(c);
  if (fault === 'truncated') {
    const answer = await (await carryOut(c)).text();
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length + 1 });
    outgoing.write(answer);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (fault !== 'hang') outgoing.socket?.destroy();
  // No answer ever comes: the caller has given up, or its connection is gone.
  return await new Promise<Response>(() => {});
}
