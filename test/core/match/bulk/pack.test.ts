import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packer, unpacker } from '../../../../core/match/bulk/pack.ts';

const word = { key: '佐藤', readings: ['sato'], sure: true };

test('what was packed comes back equal, in any order (property)', () => {
  const record = fc.record({
    id: fc.string({ unit: 'binary' }),
    n: fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constant(-0)),
    list: fc.array(fc.jsonValue(), { maxLength: 4 }),
    word: fc.constantFrom(word, null),
    deep: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const pack = packer();
      for (const one of records) pack.add(one);
      const read = unpacker(pack.end());
      for (let i = records.length - 1; i >= 0; i--)
        expect(JSON.stringify(read(i))).toBe(JSON.stringify(records[i]));
    }),
    { numRuns: 300 },
  );
});
