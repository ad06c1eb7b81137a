import { keysInUse } from '../../../core/store/secrets.ts';
import { SecretError } from '../../secrets/key.ts';
import { rotateKeys } from '../../secrets/rotate.ts';
import { keyringOf } from '../../secrets/vault.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withStore } from '../session.ts';

export const keysCommand: Command = {
  name: 'keys',
  usage: 'keys [rotate]',
  summary: 'which keys have sealed secrets; `rotate` seals them all with a new one',
  details: `  A key is named by its id: the key itself is nowhere but in NAYOSE_KEY.
  To rotate: set NAYOSE_KEY to a new key (openssl rand -base64 32) and NAYOSE_KEY_OLD to the present one wherever the hub
  runs, restart it, run 'nayose keys rotate' with both, and take NAYOSE_KEY_OLD away. All secrets are sealed anew, or none.`,
  options: {},
  words: { min: 0, max: 1 },
  run(session, { positionals }) {
    const [action] = positionals;
    if (action !== undefined && action !== 'rotate')
      throw new UsageError(`'${action}' is nothing that keys can do`);
    return withStore<0>(session, async (store) => {
      const keys = await keyringOf(session.env).catch((error: unknown) => {
        if (!(error instanceof SecretError) || !session.store) throw error;
        throw servedHere(error);
      });
      if (action === 'rotate') {
        const rotated = await rotateKeys(store.db, keys, session.now()).catch((error: unknown) => {
          if (!(error instanceof SecretError) || !session.store) throw error;
          throw servedHere(error);
        });
        const { key, resealed, already } = rotated;
        session.out.result(
          rotated,
          `${resealed} sealed anew with the key ${key}; ${already} had been already. NAYOSE_KEY_OLD is no longer needed.`,
        );
        return 0;
      }
      const rows = (await keysInUse(store.db)).map(({ keyId, secrets }) => ({
        key: keyId,
        secrets,
        from: keys[0]?.id === keyId ? 'NAYOSE_KEY' : keys[1]?.id === keyId ? 'NAYOSE_KEY_OLD' : null,
      }));
      const current = keys[0]?.id ?? null;
      session.out.result({ current, keys: rows }, text(current, rows));
      return 0;
    });
  },
};

/** The hub that serves this folder runs the command, with the environment it was started with. */
const servedHere = ({ message, hint }: SecretError) =>
  new SecretError(
    `${message} (in the environment of the hub that serves this folder)`,
    `${hint}\n  Or stop that hub, and run the command again.`,
  );

function text(current: string | null, rows: { key: string; secrets: number; from: string | null }[]): string {
  const own =
    current === null ? 'NAYOSE_KEY is not set: nothing can be sealed.' : `NAYOSE_KEY is the key ${current}.`;
  if (rows.length === 0) return `${own}\nNothing is sealed yet.`;
  const body = table(
    ['key', 'secrets', 'at hand'],
    rows.map(({ key, secrets, from }) => [key, secrets, from ?? 'no: these secrets cannot be opened']),
  );
  return `${own}\n\n${body}`;
}
