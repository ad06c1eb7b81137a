import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashes, keyHash } from '../../../../core/match/bulk/hashes.ts';
import { hashInto } from '../../../../core/match/hash.ts';
import { isBareName, keyOf } from '../../../../core/match/keys.ts';

const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ' ', '佐藤', 'sato', '+819012345678'),
);
const parts = fc.oneof(fc.tuple(part), fc.tuple(part, part), fc.tuple(part, part, part));
const kind = fc.constantFrom('read', 'name', 'mail', 'postalname');

test('the hash of a key by its parts is that of its text, short or long (property)', () => {
  fc.assert(
    fc.property(kind, parts, (kind, [first, second, third]) => {
      const [whole, pieces] = [
        { high: 0, low: 0 },
        { high: 0, low: 0 },
      ];
      hashInto(whole, `${kind}:${[first, second, third].filter((part) => part !== undefined).join(' ')}`, 0);
      keyHash(pieces, kind, first, second, third);
      expect(pieces).toEqual(whole);
      const list = hashes();
      list.addKey(kind, first, second, third);
      list.endRecord();
      const { high, low, ends } = list.end();
      expect([high[0], low[0]! >>> 1, ends[0]]).toEqual([whole.high, whole.low >>> 1, 1]);
      expect(low[0]! & 1).toBe(isBareName(keyOf(kind, first, second, third)) ? 1 : 0);
    }),
    { numRuns: 1000 },
  );
});
