import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionVaults, vaultsWritten } from '../../../api/secrets/connections.ts';
import { createVault, keyringOf } from '../../../api/secrets/vault.ts';
import type { Db } from '../../../core/store/db.ts';
import { DATABASES } from '../../support/databases.ts';

const KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + 3)).toString('base64');
const now = () => new Date('2026-03-01T00:00:00Z');

describe.each(DATABASES)('what connections keep, on $name', ({ open }) => {
  let db: Db;
  let warned: string[];
  beforeAll(async () => {
    db = await open();
  });
  afterAll(() => db.close());
  const say = (message: string) => void warned.push(message);
  const log = { debug: say, info: say, warn: say };
  const vaultOf = async (env: object) => createVault(db, await keyringOf({ ...env }), now);

  test('without a key there is nothing to keep things in', async () => {
    expect(connectionVaults(db, await vaultOf({}), log)).toBeUndefined();
  });

  test('each connection has its own; another hub of this process sees it at once, another process in the database', async () => {
    warned = [];
    const vault = await vaultOf({ NAYOSE_KEY: KEY });
    const [one, other] = [connectionVaults(db, vault, log)!, connectionVaults(db, vault, log)!];
    expect(await one('crm').get('refreshToken')).toBeUndefined();
    await one('crm').put('refreshToken', 'first');
    await one('crm').put('refreshToken', 'second');
    expect(await other('crm').get('refreshToken')).toBe('second');
    expect(await other('ma').get('refreshToken')).toBeUndefined();
    await vaultsWritten(db);
    expect(await vault.get('crm/refreshToken')).toBe('second');
    expect(warned).toEqual([]);
  });

  test('in the middle of a long transaction of the embedded database it does not wait for its end', async () => {
    const vault = await vaultOf({ NAYOSE_KEY: KEY });
    const vaults = connectionVaults(db, vault, log)!;
    await vaults('crm').put('refreshToken', 'before');
    await vaultsWritten(db);
    const seen = await db
      .transaction(async (tx) => {
        await tx.query('select 1');
        await vaults('crm').put('refreshToken', 'rotated');
        const found = await vaults('crm').get('refreshToken');
        throw new Error(`rolled back after ${found}`);
      })
      .catch((error: Error) => error.message);
    expect(seen).toBe('rolled back after rotated');
    await vaultsWritten(db);
    // A rolled-back plan must not take the new token with it: the tool knows no other any more.
    expect(await vault.get('crm/refreshToken')).toBe('rotated');
  });
});
