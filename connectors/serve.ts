import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import type { Hono } from 'hono';

/**
 * Serves a sandbox on 127.0.0.1, on any free port unless one is given. `close` ends open connections too: a
 * sandbox may be leaving calls unanswered on purpose. Node only. Rejects when the port is taken.
 */
export async function serveSandbox(app: Hono, port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const { server, address } = await new Promise<{ server: ServerType; address: AddressInfo }>(
    (resolve, reject) => {
      // Left alone, the server would replace the process's own Request and Response.
      const options = { fetch: app.fetch, hostname: '127.0.0.1', port, overrideGlobalObjects: false };
      const starting = serve(options, (info) => {
        starting.off('error', reject);
        resolve({ server: starting, address: info });
      });
      starting.once('error', reject);
    },
  );
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
