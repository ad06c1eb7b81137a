import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyBytes, SecretError, sealingKey } from '../../../api/secrets/key.ts';
import { rotateKeys } from '../../../api/secrets/rotate.ts';
import { open, seal } from '../../../api/secrets/seal.ts';
import { createVault, keyringOf, missingKeys } from '../../../api/secrets/vault.ts';
import type { Db } from '../../../core/store/db.ts';
import { holdSecrets, keysInUse } from '../../../core/store/secrets.ts';
import { DATABASES } from '../../support/databases.ts';

const FIRST = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7 + 3)).toString('base64');
const SECOND = Buffer.from(Array.from({ length: 40 }, (_, i) => i * 5 + 1)).toString('hex');
const now = () => new Date('2026-03-01T00:00:00Z');

describe('a key that would not protect is refused, with how to make one', () => {
  test.each([
    ['nothing', ' '],
    ['a phrase', 'correct horse battery staple'],
    ['not a whole number of characters', 'AAAAA'],
    ['31 bytes', Buffer.from(Array.from({ length: 31 }, (_, i) => i)).toString('base64')],
    ['16 bytes of hex', '00112233445566778899aabbccddeeff'],
    ['32 equal bytes', '61'.repeat(32)],
    ['a pattern', 'abcd'.repeat(20)],
  ])('%s', async (_, text) => {
    const error = await sealingKey(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SecretError);
    expect((error as SecretError).message).toContain('NAYOSE_KEY');
    expect((error as SecretError).hint).toContain('openssl rand -base64 32');
    if (text.trim() !== '') expect(JSON.stringify(error) + (error as Error).message).not.toContain(text);
  });

  test('hex, base64 and base64url of the same bytes are the same key', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const forms = (['hex', 'base64', 'base64url'] as const).map((form) => Buffer.from(bytes).toString(form));
    const ids = await Promise.all(forms.map(async (form) => (await sealingKey(`${form}\n`)).id));
    expect(new Set(ids).size).toBe(1);
    for (const form of forms) expect([...keyBytes(form, 'K')]).toEqual([...bytes]);
    expect(Buffer.from(bytes).toString('hex')).not.toContain(ids[0]);
  });

  test('an old key alone is a mistake', async () => {
    await expect(keyringOf({ NAYOSE_KEY_OLD: FIRST })).rejects.toThrow(SecretError);
    expect(await keyringOf({})).toEqual([]);
  });
});

describe('sealing', () => {
  test('whatever was sealed opens again, and never looks the same twice', async () => {
    const key = await sealingKey(FIRST);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (value, name) => {
        const [a, b] = [await seal(key, name, value), await seal(key, name, value)];
        expect(await open([key], a)).toBe(value);
        expect(a.nonce).not.toBe(b.nonce);
        expect(a.sealed).not.toBe(b.sealed);
      }),
      { numRuns: 50 },
    );
  });

  test('wrong key, changed bytes and swapped names are told apart, and give nothing away', async () => {
    const [key, other] = [await sealingKey(FIRST), await sealingKey(SECOND)];
    const row = await seal(key, 'crm.token', 'planted-value');
    const flip = (text: string) => {
      const bytes = Buffer.from(text, 'base64');
      bytes[0]! ^= 1;
      return bytes.toString('base64');
    };
    await expect(open([other], row)).rejects.toThrow(`sealed with the key ${key.id}`);
    await expect(open([], row)).rejects.toMatchObject({ hint: 'Set NAYOSE_KEY to that key.' });
    const changed = [
      { ...row, sealed: flip(row.sealed) },
      { ...row, nonce: flip(row.nonce) },
      { ...row, sealed: row.sealed.slice(0, 8) },
      { ...row, sealed: '!' },
      { ...row, nonce: '' },
      { ...row, name: 'ma.token' },
    ];
    for (const wrong of changed) {
      const error = await open([key], wrong).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SecretError);
      expect((error as Error).message).toContain('is not what was sealed');
      expect((error as Error).message).not.toContain('planted-value');
    }
    // A row that claims another key's id does not open with that one either.
    await expect(open([key, other], { ...row, keyId: other.id })).rejects.toThrow('is not what was sealed');
  });
});

describe.each(DATABASES)('the vault on $name', ({ open: openDatabase }) => {
  let db: Db;
  beforeAll(async () => {
    db = await openDatabase();
  });
  afterAll(() => db.close());
  beforeEach(() => db.query('delete from secret'));
  const stored = () => db.transaction((tx) => holdSecrets(tx));

  test('without a key nothing goes in, and what is there says which key it needs', async () => {
    const vault = createVault(db, [], now);
    expect(vault.seals).toBe(false);
    await expect(vault.put({ a: 'x' })).rejects.toThrow('nothing can be sealed without NAYOSE_KEY');
    expect(await vault.get('a')).toBeUndefined();
    const keys = await keyringOf({ NAYOSE_KEY: FIRST });
    await createVault(db, keys, now).put({ a: 'x' });
    await expect(vault.get('a')).rejects.toThrow(SecretError);
    expect(await missingKeys(db, [])).toEqual([{ keyId: keys[0]!.id, secrets: 1 }]);
    expect(await missingKeys(db, keys)).toEqual([]);
  });

  test('the newest value counts; names that are not there are left out', async () => {
    const vault = createVault(db, await keyringOf({ NAYOSE_KEY: FIRST }), now);
    await vault.put({ a: 'one', b: '名寄せ' });
    await vault.put({ a: 'two' });
    expect(await vault.all(['a', 'b', 'c'])).toEqual({ a: 'two', b: '名寄せ' });
  });

  test('a row copied to another name does not open', async () => {
    const vault = createVault(db, await keyringOf({ NAYOSE_KEY: FIRST }), now);
    await vault.put({ a: 'one', b: 'two' });
    await db.query(
      `update secret set sealed = o.sealed, nonce = o.nonce from secret o where secret.name = 'a' and o.name = 'b'`,
    );
    await expect(vault.get('a')).rejects.toThrow('"a" is not what was sealed');
  });

  test('rotation: all with the new key, told in numbers; a second one has nothing to do', async () => {
    const old = await keyringOf({ NAYOSE_KEY: FIRST });
    await createVault(db, old, now).put({ a: 'one', b: 'two' });
    const both = await keyringOf({ NAYOSE_KEY: SECOND, NAYOSE_KEY_OLD: FIRST });
    await createVault(db, both, now).put({ c: 'three' });
    expect(await rotateKeys(db, both, now())).toEqual({ key: both[0]!.id, resealed: 2, already: 1 });
    expect(await keysInUse(db)).toEqual([{ keyId: both[0]!.id, secrets: 3 }]);
    const fresh = createVault(db, await keyringOf({ NAYOSE_KEY: SECOND }), now);
    expect(await fresh.all(['a', 'b', 'c'])).toEqual({ a: 'one', b: 'two', c: 'three' });
    expect(await rotateKeys(db, both, now())).toMatchObject({ resealed: 0, already: 3 });
  });

  test('a wrong old key, a missing one, or one bad row changes nothing', async () => {
    await createVault(db, await keyringOf({ NAYOSE_KEY: FIRST }), now).put({ a: 'one', b: 'two' });
    const before = await stored();
    const third = crypto.getRandomValues(Buffer.alloc(32)).toString('hex');
    const wrong = await keyringOf({ NAYOSE_KEY: SECOND, NAYOSE_KEY_OLD: third });
    await expect(rotateKeys(db, wrong, now())).rejects.toThrow('was sealed with the key');
    await expect(rotateKeys(db, wrong.slice(0, 1), now())).rejects.toThrow('NAYOSE_KEY_OLD is not set');
    await expect(rotateKeys(db, [], now())).rejects.toThrow('NAYOSE_KEY is not set');
    expect(await stored()).toEqual(before);
    await db.query(`update secret set nonce = 'AAAA' where name = 'b'`);
    const damaged = await stored();
    const right = await keyringOf({ NAYOSE_KEY: SECOND, NAYOSE_KEY_OLD: FIRST });
    await expect(rotateKeys(db, right, now())).rejects.toThrow('"b" is not what was sealed');
    expect(await stored()).toEqual(damaged);
  });

  test('a rotation that dies before its commit leaves everything under the old key', async () => {
    await createVault(db, await keyringOf({ NAYOSE_KEY: FIRST }), now).put({ a: 'one', b: 'two' });
    const before = await stored();
    const both = await keyringOf({ NAYOSE_KEY: SECOND, NAYOSE_KEY_OLD: FIRST });
    const dying: Db = {
      ...db,
      transaction: (work) =>
        db.transaction(async (tx) => {
          await work(tx);
          const rows = await tx.query<{ key_id: string }>('select distinct key_id from secret');
          expect(rows).toEqual([{ key_id: both[0]!.id }]);
          throw new Error('killed');
        }),
    };
    await expect(rotateKeys(dying, both, now())).rejects.toThrow('killed');
    expect(await stored()).toEqual(before);
    expect(await createVault(db, both, now).all(['a', 'b'])).toEqual({ a: 'one', b: 'two' });
  });
});
