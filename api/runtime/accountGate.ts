import { type Connector, ConnectorError, type Context } from '../../connectors/contract.ts';
import type { ConnectionConfig } from '../config/types.ts';
import type { Accounts } from './accounts.ts';

/** The credentials of a connection do not lead where its records came from. A person has to say what is right. */
export class OtherAccount extends ConnectorError {}

/** Resolves once the account is known to be the right one; `passed`: it was, in this process. */
export type AccountGate = ((ctx: Context) => Promise<string>) & { passed(): boolean };

/**
 * Whether a connection still leads to the account that its records are of. The tool is asked once, before the first call to it that
 * reads or writes, and anew by each process: other credentials may have come with the environment that it was started in. Throws
 * ConnectorError, and asks again at the next call then. Resolves with the account's id.
 */
export function createAccountGate(
  { name, config }: ConnectionConfig,
  account: NonNullable<Connector['account']>,
  accounts: Accounts,
  { now, signal }: { now(): Date; signal: AbortSignal },
): AccountGate {
  const { noun, key } = account;
  const named = account.named(config);
  const check = async (ctx: Context) => {
    const [known, by] = await Promise.all([accounts.known(), digest(JSON.stringify(config))]);
    const wanted = named ?? known?.id;
    const fresh =
      known?.confirmedBy === by && now().getTime() - Date.parse(known.confirmedAt) < accounts.believedMs;
    if (fresh && known.id === wanted) return known.id;
    // Whoever asks first does not take the answer along when it stops.
    const id = await account.ask({ ...ctx, signal });
    if (named !== undefined && named !== id)
      throw new OtherAccount(
        'auth',
        `the credentials belong to ${noun} ${id}, and the config says ${key}: ${named}`,
        { hint: `Give ${name} credentials of ${named}, or correct ${key}. Nothing was read or written.` },
      );
    if (named !== undefined && known && known.id !== id) {
      await accounts.replace(id, by);
      return id;
    }
    const counts = known && known.id !== id ? known.id : await accounts.keep(id, by);
    if (counts === id) return id;
    throw new OtherAccount(
      'auth',
      `the credentials now belong to ${noun} ${id}, and what the hub knows of ${name} is of ${noun} ${counts}`,
      {
        hint: `Give ${name} credentials of ${counts}. For another ${noun}, make a connection of another name. If ${id} takes the place of ${counts} (a sandbox that was refreshed), write ${key}: "${id}" under ${name} in hub.yaml: see "Another account behind a connection" in docs/operations.md. Nothing was read or written.`,
      },
    );
  };
  let passing: Promise<string> | undefined;
  let passed = false;
  const pass = (ctx: Context) => {
    passing ??= check(ctx)
      .then((id) => {
        passed = true;
        return id;
      })
      .catch((error) => {
        passing = undefined;
        throw error;
      });
    return passing;
  };
  return Object.assign(pass, { passed: () => passed });
}

/** The same connector, which reads and writes nothing before the gate lets it. */
export function behindGate(connector: Connector, pass: (ctx: Context) => Promise<unknown>): Connector {
  const { read, write, subscribe, lacks, people } = connector;
  return {
    ...connector,
    async discover(ctx, only) {
      await pass(ctx);
      return connector.discover(ctx, only);
    },
    ...(read && {
      async read(ctx, ...rest) {
        await pass(ctx);
        return read.call(connector, ctx, ...rest);
      },
    }),
    ...(write && {
      async write(ctx, ...rest) {
        await pass(ctx);
        return write.call(connector, ctx, ...rest);
      },
    }),
    ...(subscribe && {
      async *subscribe(ctx, ...rest) {
        await pass(ctx);
        yield* subscribe.call(connector, ctx, ...rest);
      },
    }),
    ...(lacks && {
      async lacks(ctx, wanted) {
        await pass(ctx);
        return lacks.call(connector, ctx, wanted);
      },
    }),
    ...(people && {
      async people(ctx) {
        await pass(ctx);
        return people.call(connector, ctx);
      },
    }),
  };
}

/** Tells configurations apart, credentials and all, without holding them. */
async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes).slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}
