import { Socket } from 'node:net';

/**
 * Cuts this process off: from now on every connection, by whatever library, throws and is remembered. Tools in
 * tests are called in process, so nothing rightful is hindered.
 */
export function goOffline(): { attempts: string[]; restore(): void } {
  const attempts: string[] = [];
  const { fetch } = globalThis;
  const { connect } = Socket.prototype;
  const refuse = (what: string): never => {
    attempts.push(what);
    throw new Error(`${what}: a connector reaches the network through ctx.fetch only`);
  };
  globalThis.fetch = async (input) => refuse(`fetch ${input instanceof Request ? input.url : input}`);
  Socket.prototype.connect = (...where: unknown[]) => refuse(`connect ${JSON.stringify(where[0])}`);
  return {
    attempts,
    restore: () => {
      globalThis.fetch = fetch;
      Socket.prototype.connect = connect;
    },
  };
}
