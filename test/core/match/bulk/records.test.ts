import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordPacker, recordReader } from '../../../../core/match/bulk/records.ts';
import { preparedRecord } from '../preparedRecord.ts';

test('a prepared record comes back equal from its bytes, in any order (property)', () => {
  fc.assert(
    fc.property(fc.array(preparedRecord, { maxLength: 12 }), (records) => {
      const pack = recordPacker();
      for (const one of records) pack.add(one);
      const read = recordReader(pack.end());
      for (let i = records.length - 1; i >= 0; i--) expect(read(i)).toEqual(records[i]);
    }),
    { numRuns: 300 },
  );
});
