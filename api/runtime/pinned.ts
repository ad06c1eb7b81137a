/**
 * A fetch for addresses that strangers may steer (webhooks to send): every connection is made to an address that was found
 * public at that moment. A name server that answers differently each time (DNS rebinding) gets nowhere, since nothing is looked
 * up again between the check and the connection. Node only: Workers cannot reach private addresses.
 */
import dns from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { ConnectorError } from '../../connectors/contract.ts';
import { isPublicAddress, type Lookup } from '../../connectors/private.ts';

const systemLookup: Lookup = async (hostname) =>
  (await dns.lookup(hostname, { all: true })).map(({ address }) => address);

/** The last look-up before the socket opens: it refuses rather than connects. */
function guardedLookup(lookup: Lookup, isPublic: typeof isPublicAddress): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname).then(
      (found) => {
        const forbidden = found.length === 0 || found.some((address) => isPublic(address) !== true);
        if (forbidden) {
          const message = `webhooks are not sent to ${hostname}: its name stands for a private, loopback or otherwise internal address`;
          callback(new ConnectorError('rejected', message), '');
          return;
        }
        const all = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        if (options.all) callback(null, all);
        else callback(null, all[0]!.address, all[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

/** Bodies of text or bytes, no redirects: what sending a webhook takes. An address in figures is checked by its caller (`refusePrivate`). */
export function createPinnedFetch(lookup: Lookup = systemLookup, isPublic = isPublicAddress): typeof fetch {
  const guard = guardedLookup(lookup, isPublic);
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { request } = url.protocol === 'https:' ? https : http;
    return await new Promise<Response>((resolve, reject) => {
      const outgoing = request(url, {
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        lookup: guard,
        agent: false,
        ...(init.signal ? { signal: init.signal } : {}),
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        const headers = new Headers();
        for (const [name, values] of Object.entries(incoming.headersDistinct))
          for (const value of values ?? []) headers.append(name, value);
        const status = incoming.statusCode ?? 502;
        const empty = [101, 204, 205, 304].includes(status);
        if (empty) incoming.resume();
        resolve(
          new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>), {
            status,
            headers,
          }),
        );
      });
      const { body } = init;
      outgoing.end(typeof body === 'string' || body instanceof Uint8Array ? body : undefined);
    });
  };
}
