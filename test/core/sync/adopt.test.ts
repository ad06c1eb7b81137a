import { expect, test } from 'vitest';
import type { OutboxRow } from '../../../core/store/outbox.ts';
import { sentAs } from '../../../core/sync/adopt.ts';
import type { Member } from '../../../core/sync/ports.ts';

const sent = { Title: 'A', Hub: 'g1' };
const row = { payload: { fields: sent, sent: { title: 'A' }, echo: { title: 'A' } } } as unknown as OutboxRow;
const mapping = { sameField: (_: string, a: unknown, b: unknown) => a === b };
const member = (idField?: string) => ({ mapping, idField }) as unknown as Member;

test.each([
  ['carries our id, whatever somebody has edited since', { Title: 'B', Hub: 'g1' }, true],
  ['carries another one', { Title: 'A', Hub: 'g2' }, false],
  ['carries none: somebody entered the same person at the same time', { Title: 'A', Hub: null }, false],
  ['does not show the field', { Title: 'A' }, true],
])('a record that %s', (_, native, ours) => {
  expect(sentAs(row, member('Hub'), native, { title: native.Title })).toBe(ours);
});

test('without a field for our id every value that was sent must be there', () => {
  const { Hub: _, ...fields } = sent;
  const plain = { ...row, payload: { ...row.payload!, fields } };
  expect(sentAs(plain, member(), { Title: 'A' }, { title: 'A' })).toBe(true);
  expect(sentAs(plain, member(), { Title: 'B' }, { title: 'B' })).toBe(false);
});
