import type { Entity } from '../../model/entity.ts';
import { eachValue } from '../frequencies.ts';
import { type Hashed, hashInto } from '../hash.ts';
import { eachKey } from '../keys.ts';
import type { Base } from '../model.ts';
import type { Prepared } from '../prepared.ts';
import type { Matcher, MatchInput } from '../types.ts';
import { type Hashes, hashes } from './hashes.ts';
import { type Records, recordPacker } from './records.ts';

/** Some records of a list, as scoring needs them. */
export interface Portion {
  records: Records;
  size: number;
  ids: Hashes;
  /** Blocking keys. The last bit of `low` says that a key is a name with nothing beside it. */
  keys: Hashes;
  /** What comparisons weigh by frequency, counted by hash: texts would fill the memory, and counting them costs ten times as much. */
  values: Hashes;
  /** How many records bear a value of each kind. */
  bearers: Map<string, number>;
}

/** Seeds of the hashes of values: the same text is another value in another kind. */
const SEEDS = new Map(
  [
    'email',
    'phone',
    'code',
    'code-number',
    'companyId',
    'title',
    'family',
    'family-reading',
    'given',
    'given-reading',
    'org',
    'word',
    'domain',
    'birth',
    'city',
    'postal',
  ].map((kind, i) => [kind, i + 1]),
);

/**
 * Takes records in one by one, and gives them back in the form of a portion. Keeps none of the inputs. `matcher`: the entity's, best one
 * and the same for all portions: it remembers what it has read of names.
 */
export function digester(entity: Entity, matcher: Matcher<Prepared>) {
  const { base } = entity;
  if (base === 'none') throw new Error(`entity ${entity.name} is never matched`);
  const records = recordPacker();
  const [ids, keys, values] = [hashes(), hashes(), hashes()];
  const bearers = new Map<string, { n: number; seed: number }>();
  let size = 0;

  const count = (kind: string, found: readonly string[]) => {
    let known = bearers.get(kind);
    if (known === undefined) {
      known = { n: 0, seed: seedOf(kind) };
      bearers.set(kind, known);
    }
    if (found.length === 0) return;
    known.n++;
    for (const value of found) values.add(value, known.seed);
  };

  return {
    add(input: MatchInput): Prepared {
      const prepared = matcher.prepare(input);
      records.add(prepared);
      ids.add(input.id, 0);
      ids.endRecord();
      eachKey(base, prepared, keys.addKey);
      keys.endRecord();
      eachValue(base, prepared, count);
      values.endRecord();
      size++;
      return prepared;
    },
    end: (): Portion => ({
      records: records.end(),
      size,
      ids: ids.end(),
      keys: keys.end(),
      values: values.end(),
      bearers: new Map([...bearers].map(([kind, { n }]) => [kind, n])),
    }),
  };
}

function seedOf(kind: string): number {
  const seed = SEEDS.get(kind);
  if (seed === undefined) throw new Error(`values of ${kind} have no seed`);
  return seed;
}

/** The value that a hash stands for, looked up in a record that has it. */
export function countedValue(
  base: Base,
  prepared: Prepared,
  high: number,
  low: number,
): { kind: string; value: string } {
  let found: { kind: string; value: string } | undefined;
  const hashed: Hashed = { high: 0, low: 0 };
  eachValue(base, prepared, (kind, values) => {
    const seed = seedOf(kind);
    for (const value of values) {
      hashInto(hashed, value, seed);
      if (hashed.high === high && hashed.low === low) found = { kind, value };
    }
  });
  if (found === undefined) throw new Error('a counted value is not in its record');
  return found;
}
