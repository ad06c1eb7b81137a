import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyHash } from '../../../core/store/keyhash.ts';

/** 200,000 keys as blocking makes them: near each other, sharing prefixes, in Latin and in Japanese. */
function* realistic(): Generator<[string, string]> {
  const names = [
    '佐藤',
    '鈴木',
    '勅使河原',
    'サトウ',
    'スズキ',
    'okafor',
    'lindqvist',
    'smith',
    'o’neil',
    '髙橋',
  ];
  for (let i = 0; i < 25_000; i++) {
    const digits = String(i).padStart(7, '0');
    yield ['person', `email:user${i}@mail${i % 97}.example`];
    yield ['company', `email:user${i}@mail${i % 97}.example`];
    yield ['person', `phone:+8190${digits}${i % 10}`];
    yield ['person', `name:${names[i % 10]}|${names[Math.floor(i / 10) % 10]}|${digits.slice(2)}`];
    yield ['company', `domain:${i.toString(36)}.example`];
    yield ['company', `number:${1_000_000_000_000 + i}`];
    yield ['person', `postal:${digits}|${names[i % 10]}`];
    yield ['company', `name:${names[(i + 3) % 10]}商事${digits}`];
  }
}

describe('keyHash', () => {
  test('is a whole number of at most 53 bits, and uses them', () => {
    let all = 0n;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (entity, key) => {
        const hash = keyHash(entity, key);
        expect(Number.isSafeInteger(hash)).toBe(true);
        expect(hash).toBeGreaterThanOrEqual(0);
        expect(keyHash(entity, key)).toBe(hash);
      }),
    );
    for (const [entity, key] of realistic()) all |= BigInt(keyHash(entity, key));
    expect(all).toBe(2n ** 53n - 1n);
  });

  test('no two of 200,000 realistic keys share one', () => {
    const seen = new Set<number>();
    let keys = 0;
    for (const [entity, key] of realistic()) {
      seen.add(keyHash(entity, key));
      keys++;
    }
    expect([keys, seen.size]).toEqual([200_000, 200_000]);
  });

  test('every bit is set in about half of them', () => {
    const counts = new Array<number>(53).fill(0);
    let keys = 0;
    for (const [entity, key] of realistic()) {
      if (keys++ % 20 !== 0) continue;
      const bits = keyHash(entity, key).toString(2).padStart(53, '0');
      for (let i = 0; i < 53; i++) if (bits[i] === '1') counts[i]!++;
    }
    const shares = counts.map((count) => count / (keys / 20));
    expect(Math.min(...shares)).toBeGreaterThan(0.47);
    expect(Math.max(...shares)).toBeLessThan(0.53);
  });

  test.each([
    ['the entity counts', ['person', 'k'], ['company', 'k']],
    ['the order of letters counts', ['person', 'ab'], ['person', 'ba']],
    ['an empty key is a key', ['person', ''], ['person', ' ']],
    ['where the entity ends counts', ['a', 'b\nc'], ['a\nb', 'c']],
  ] as const)('%s', (_, [e1, k1], [e2, k2]) => {
    expect(keyHash(e1, k1)).not.toBe(keyHash(e2, k2));
  });

  test('is stored, so it must never change', () => {
    expect([keyHash('person', 'email:a@b.example'), keyHash('company', 'name:佐藤')]).toEqual([
      5331530700129638, 2392629266167428,
    ]);
  });
});
