import { createServer, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';

export interface LocalDatabase {
  url: string;
  close(): Promise<void>;
}

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const SYNC = 'S'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);
const IDLE = 'I'.charCodeAt(0);

/**
 * The embedded database behind a socket of this machine: to a Worker it is a PostgreSQL server. It has one session, so clients take
 * turns: a turn is a whole statement, or a whole transaction (a library that lets the messages of several clients into one session
 * as they come mixes their statements). It forgets everything when closed.
 */
export async function serveEmbedded(): Promise<LocalDatabase> {
  const lite = await PGlite.create();
  const sockets = new Set<Socket>();
  let last: Promise<void> = Promise.resolve();
  /** Resolves with the end of the turn. */
  const turn = async (): Promise<() => void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = last;
    last = promise;
    await before;
    return resolve;
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    const talk = serveClient(lite, socket, turn).catch(() => socket.destroy());
    socket.once('close', () => talk.finally(() => sockets.delete(socket)));
    // A client that broke off ends its conversation below.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
      await last;
      await lite.close();
    },
  };
}

/** One client's conversation, until it leaves. What it left open is rolled back. */
async function serveClient(lite: PGlite, socket: Socket, turn: () => Promise<() => void>): Promise<void> {
  let end: (() => void) | undefined;
  let pending: Buffer = Buffer.alloc(0);
  let begun = false;
  try {
    for await (const chunk of socket) {
      pending = Buffer.concat([pending, chunk as Buffer]);
      while (!begun && pending.length >= 8 && pending.length >= pending.readUInt32BE(0)) {
        const first = pending.subarray(0, pending.readUInt32BE(0));
        pending = pending.subarray(first.length);
        const code = first.readUInt32BE(4);
        if (code === CANCEL_REQUEST) return;
        if (code === SSL_REQUEST) socket.write('N');
        else {
          const done = await turn();
          socket.write(await lite.execProtocolRaw(first).finally(done));
          begun = true;
        }
      }
      const whole = begun ? completeLength(pending) : { length: 0, leaves: false };
      if (whole.length > 0) {
        end ??= await turn();
        const answer = await lite.execProtocolRaw(pending.subarray(0, whole.length));
        pending = pending.subarray(whole.length);
        socket.write(answer);
        // The last message says whether a transaction is open.
        if (answer.at(-1) === IDLE) {
          end();
          end = undefined;
        }
      }
      if (whole.leaves) return;
    }
  } finally {
    if (end) await lite.exec('rollback').finally(end);
    socket.end();
  }
}

/** How many bytes are whole statements: up to the last message that asks for an answer. */
function completeLength(bytes: Buffer): { length: number; leaves: boolean } {
  let length = 0;
  for (let at = 0; at + 5 <= bytes.length; ) {
    const next = at + 1 + bytes.readUInt32BE(at + 1);
    if (next > bytes.length) break;
    if (bytes[at] === TERMINATE) return { length, leaves: true };
    if (bytes[at] === SYNC || bytes[at] === QUERY) length = next;
    at = next;
  }
  return { length, leaves: false };
}
