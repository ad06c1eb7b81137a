import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision } from '../../../core/store/decisions.ts';
import { across, chain, components, opposed, type Pair } from '../../../core/sync/contradictions.ts';

const KEYS = [...'abcdef'];
const pair = fc
  .uniqueArray(fc.constantFrom(...KEYS), { minLength: 2, maxLength: 2 })
  .map(([a, b]): Pair => [a!, b!]);
const pairs = fc.array(pair, { maxLength: 6 });

const decision = (kind: 'link' | 'apart', [a, b]: Pair, n: number): Decision => ({
  id: `${kind}${n}`,
  entity: 'person',
  kind,
  a,
  b,
  attribute: null,
  value: null,
  by: 'mika',
  at: new Date(n).toISOString(),
});

/** Does no keep-apart lie within what links join? */
function holds(links: readonly Pair[], aparts: readonly Pair[]): boolean {
  const home = components(links);
  return aparts.every(([a, b]) => home(a) !== home(b));
}
const pairOf = ({ a, b }: Decision): Pair => [a, b!];

test('a link across the gap is ended before one beside it; a keep-apart within what becomes one is ended', () => {
  const links = chain(['a', 'b', 'c']).map((one, n) => decision('link', one, n));
  expect(opposed(links, { links: [], aparts: across([['a', 'b'], ['c']]) })).toEqual([links[1]]);
  const apart = decision('apart', ['a', 'd'], 9);
  expect(opposed([...links, apart], { links: [['c', 'd']], aparts: [] })).toEqual([apart]);
  expect(opposed([...links, apart], { links: [['c', 'e']], aparts: [] })).toEqual([]);
});

test('law 6: with what is opposed ended, old and new decisions hold at once; with nothing opposed, nothing need end', () => {
  fc.assert(
    fc.property(pairs, pairs, pair, fc.boolean(), (oldLinks, oldAparts, wanted, joins) => {
      fc.pre(holds(oldLinks, oldAparts));
      const inForce = [
        ...oldLinks.map((one, n) => decision('link', one, n)),
        ...oldAparts.map((one, n) => decision('apart', one, n)),
      ];
      const asked = joins ? { links: [wanted], aparts: [] } : { links: [], aparts: [wanted] };
      const ended = opposed(inForce, asked);
      const left = inForce.filter((one) => !ended.includes(one));
      const of = (kind: string) => left.filter((one) => one.kind === kind).map(pairOf);
      expect(holds([...of('link'), ...asked.links], [...of('apart'), ...asked.aparts])).toBe(true);
      if (holds([...oldLinks, ...asked.links], [...oldAparts, ...asked.aparts])) expect(ended).toEqual([]);
    }),
  );
});
