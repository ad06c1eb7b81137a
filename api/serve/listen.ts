import type { AddressInfo, Socket } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { ConfigError } from '../config/error.ts';

export interface Listening {
  url: string;
  /** Takes no more requests and ends those in hand after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Serves on one address. Rejects with what to do when the port is taken or not allowed. */
export async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  host: string,
  port: number,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const { server, address } = await new Promise<{ server: ServerType; address: AddressInfo }>(
    (resolve, reject) => {
      // Left alone, the server would replace the process's own Request and Response.
      const options = { fetch, hostname: host, port, overrideGlobalObjects: false };
      const starting = serve(options, (info) => {
        starting.off('error', refuse);
        resolve({ server: starting, address: info });
      });
      const refuse = (error: NodeJS.ErrnoException) => reject(explain(error, host, port));
      starting.once('error', refuse);
      starting.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
    },
  );
  return {
    url: `http://${shownHost(host)}:${address.port}`,
    close: (graceMs) =>
      new Promise((resolve, reject) => {
        const force = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
        server.close((error) => {
          clearTimeout(force);
          if (error === undefined) resolve();
          else reject(error);
        });
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      }),
  };
}

const shownHost = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new ConfigError(
      `port ${port} of ${host} is in use by another program\n  Stop that program, or choose another port with --port N or PORT.`,
    );
  if (error.code === 'EACCES')
    return new ConfigError(`port ${port} needs more rights\n  Choose one above 1023 with --port N or PORT.`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new ConfigError(`this machine has no address ${host}\n  Choose one of its own with --host H.`);
  return error;
}
