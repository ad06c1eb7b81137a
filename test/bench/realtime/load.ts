import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Served } from '../../../api/demo/sandboxes.ts';

/** A person whom both tools know. */
export interface Pair {
  hubspotId: string;
  salesforceId: string;
}

export interface Load {
  /** Where the server listens. */
  url: string;
  served: Served;
  pairs: readonly Pair[];
  events: number;
  perSecond: number;
  /** Events of one request; HubSpot sends up to 100. */
  batch: number;
}

export interface Measured {
  sent: number;
  /** Events whose request was answered with a 2xx. */
  acknowledged: number;
  /** Milliseconds from a request's first byte to its 2xx, one for each request. */
  answers: number[];
  /** Milliseconds from a request's first byte to the write that Salesforce got, one for each event that was seen to arrive by itself. */
  writes: number[];
  /** Seconds from the first request to the last write. */
  seconds: number;
}

let poured = 0;

const SIGNED_BY = 'sandbox-webhook-secret';

/**
 * People edit contacts in HubSpot at a steady rate, whatever the server does (an open loop, so a slow answer delays no later
 * event); HubSpot tells the server, signed as v3. Then waits until Salesforce shows every value, or nothing moves any more.
 */
export async function pour(load: Load): Promise<Measured> {
  // Every edit changes something, however often the same people are edited.
  const pours = ++poured;
  const { served, pairs } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const books = served.salesforce.books.writes;
  const measured: Measured = { sent: 0, acknowledged: 0, answers: [], writes: [], seconds: 0 };
  const waiting = new Map<string, { started: number }>();
  const began = performance.now();
  let lastWrite = began;
  // Told by the books themselves: looking at them every millisecond would take time from those who are measured.
  served.salesforce.books.writes = new Proxy(books, {
    set(target, key, value) {
      const id = String(key).replace('Contact/', '');
      const now = performance.now();
      const awaited = waiting.get(id);
      if (awaited) {
        measured.writes.push(now - awaited.started);
        waiting.delete(id);
        lastWrite = now;
      }
      return Reflect.set(target, key, value);
    },
  });
  const flights: Promise<void>[] = [];
  const send = async (first: number) => {
    const started = performance.now();
    const events: object[] = [];
    for (let n = first; n < Math.min(first + load.batch, load.events); n++) {
      const pair = pairs[n % pairs.length]!;
      const title = `Title ${pours}.${n}`;
      served.hubspot.edit('contacts', pair.hubspotId, { jobtitle: title });
      if (!waiting.has(pair.salesforceId)) waiting.set(pair.salesforceId, { started });
      events.push({
        eventId: n + 1,
        subscriptionId: 1,
        portalId: served.hubspot.portalId,
        appId: 1,
        occurredAt: Date.now(),
        subscriptionType: 'contact.propertyChange',
        attemptNumber: 0,
        objectId: Number(pair.hubspotId),
        propertyName: 'jobtitle',
        propertyValue: title,
        changeSource: 'CRM_UI',
        salesforceId: pair.salesforceId,
      });
    }
    measured.sent += events.length;
    const status = await insist(() => post(agent, `${load.url}/hooks/ma`, JSON.stringify(events)));
    measured.answers.push(performance.now() - started);
    if (status >= 200 && status < 300) measured.acknowledged += events.length;
  };
  const gap = (load.batch / load.perSecond) * 1000;
  for (let n = 0; n < load.events; n += load.batch) {
    const due = began + (n / load.batch) * gap;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((done) => setTimeout(done, wait));
    flights.push(send(n));
  }
  await Promise.all(flights);
  let quiet = performance.now();
  while (waiting.size > 0 && performance.now() - Math.max(quiet, lastWrite) < 30_000)
    await new Promise((done) => setTimeout(done, 20));
  quiet = performance.now();
  served.salesforce.books.writes = books;
  agent.destroy();
  measured.seconds = (lastWrite - began) / 1000;
  return measured;
}

/** A connection that broke off is tried again at once, as HubSpot does. */
async function insist(send: () => Promise<number>): Promise<number> {
  for (let tries = 1; ; tries++)
    try {
      return await send();
    } catch (error) {
      if (tries === 5) throw error;
    }
}

function post(agent: Agent, url: string, body: string): Promise<number> {
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', SIGNED_BY).update(`POST${url}${body}${timestamp}`).digest('base64');
  return new Promise((done, fail) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-hubspot-signature-version': 'v3',
          'x-hubspot-signature-v3': signature,
          'x-hubspot-request-timestamp': timestamp,
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => done(answer.statusCode ?? 0));
      },
    );
    outgoing.once('error', fail);
    outgoing.end(body);
  });
}

/** The value below which so large a share of the sample lies. */
export function percentile(sample: readonly number[], share: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
