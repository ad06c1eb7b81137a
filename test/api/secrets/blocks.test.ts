import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBlocks } from '../../../api/secrets/blocks.ts';
import { rotateKeys } from '../../../api/secrets/rotate.ts';
import { keyringOf } from '../../../api/secrets/vault.ts';
import { plainKey } from '../../../core/store/erasures.ts';
import { openMemory } from '../../support/databases.ts';

test('one key for a database: in the open, then sealed, then rotated, the hashes stay; without its key nothing is hashed', async () => {
  const db = await openMemory();
  const now = () => new Date();
  const [first, second] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  await expect(createBlocks([], now).hash(db, ['x'])).rejects.toThrow(
    /key of the block.*is not in the database/,
  );
  const open = createBlocks([], now);
  await open.ready(db);
  const hashes = await open.hash(db, ['email\na@x.example', 'email\nb@x.example']);
  expect(new Set(hashes).size).toBe(2);
  for (const hash of hashes) expect(hash).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(await plainKey(db)).toMatch(/^[A-Za-z0-9+/]{43}=$/);

  const sealed = createBlocks(await keyringOf({ NAYOSE_KEY: first }), now);
  await sealed.ready(db);
  await sealed.ready(db);
  expect(await plainKey(db)).toBe(undefined);
  expect(await sealed.hash(db, ['email\na@x.example'])).toEqual([hashes[0]]);

  const both = await keyringOf({ NAYOSE_KEY: second, NAYOSE_KEY_OLD: first });
  await rotateKeys(db, both, now());
  const rotated = createBlocks(await keyringOf({ NAYOSE_KEY: second }), now);
  expect(await rotated.hash(db, ['email\na@x.example'])).toEqual([hashes[0]]);
  await expect(createBlocks([], now).hash(db, ['x'])).rejects.toThrow(/not at hand/);
  await db.close();
});
