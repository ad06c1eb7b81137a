import { expect, test } from 'vitest';
import { nearest } from '../../mappings/nearest.ts';

test.each([
  ['emial', ['email', 'phone'], 'email'],
  ['Last_Name', ['firstname', 'lastname'], 'lastname'],
  ['会社名', ['会社', '部署'], '会社'],
  // Another word, not the same with a slip in it.
  ['姓', ['名', 'メール'], undefined],
  ['𠮷', ['名'], undefined],
  ['x', ['X', 'y'], 'X'],
  ['', ['a'], undefined],
  ['telephone', ['email', 'title'], undefined],
])('%s among %j: %s', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant);
});
