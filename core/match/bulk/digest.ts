import type { Entity } from '../../model/entity.ts';
import { eachValue } from '../frequencies.ts';
import { type Hashed, hashInto } from '../hash.ts';
import { isBareName } from '../keys.ts';
import type { Prepared } from '../prepared.ts';
import type { Matcher, MatchInput } from '../types.ts';
import { type Records, recordPacker } from './records.ts';

/** Hashes in the order of records; those of record i end before `ends[i]`. */
export interface Hashes {
  high: Uint32Array;
  low: Uint32Array;
  ends: Int32Array;
}

/** Some records of a list, as scoring needs them. */
export interface Portion {
  records: Records;
  size: number;
  ids: Hashes;
  /** Blocking keys. The last bit of `low` says that a key is a name with nothing beside it. */
  keys: Hashes;
  /** Values of kinds in which nearly every record has its own: counted by hash, since their texts would fill the memory. */
  rare: Hashes;
  /** Values of all other kinds with their number of bearers. */
  common: [kind: string, counts: Map<string, number>][];
  /** How many records bear a value of each kind. */
  bearers: Map<string, number>;
}

/** What most records do not share, by kind. The number is the seed of its hash. */
const RARE = new Map([
  ['email', 1],
  ['phone', 2],
  ['code', 3],
  ['code-number', 4],
  ['companyId', 5],
  ['title', 6],
]);
interface Kind {
  /** Of a rare kind. */
  seed: number | undefined;
  bearers: number;
  counts: Map<string, { n: number }>;
}

/**
 * Takes records in one by one, and gives them back in the form of a portion. Keeps none of the inputs. `matcher`: the entity's, best one
 * and the same for all portions: it remembers what it has read of names.
 */
export function digester(entity: Entity, matcher: Matcher<Prepared>) {
  const { base } = entity;
  if (base === 'none') throw new Error(`entity ${entity.name} is never matched`);
  const records = recordPacker();
  const [ids, keys, rare] = [hashes(), hashes(), hashes()];
  const kinds = new Map<string, Kind>();
  let size = 0;

  const count = (name: string, values: readonly string[]) => {
    let kind = kinds.get(name);
    if (kind === undefined) {
      kind = { seed: RARE.get(name), bearers: 0, counts: new Map() };
      kinds.set(name, kind);
    }
    if (values.length === 0) return;
    kind.bearers++;
    for (const value of values) {
      if (kind.seed !== undefined) {
        rare.add(value, kind.seed);
        continue;
      }
      const counted = kind.counts.get(value);
      if (counted === undefined) kind.counts.set(value, { n: 1 });
      else counted.n++;
    }
  };

  return {
    add(input: MatchInput): void {
      const prepared = matcher.prepare(input);
      records.add(prepared);
      ids.add(input.id, 0);
      ids.endRecord();
      for (const key of matcher.keys(prepared)) keys.add(key, 0, isBareName(key) ? 1 : 0);
      keys.endRecord();
      eachValue(base, prepared, count);
      rare.endRecord();
      size++;
    },
    end: (): Portion => ({
      records: records.end(),
      size,
      ids: ids.end(),
      keys: keys.end(),
      rare: rare.end(),
      common: [...kinds].map(([kind, { counts }]) => [
        kind,
        new Map([...counts].map(([value, { n }]) => [value, n])),
      ]),
      bearers: new Map([...kinds].map(([kind, { bearers }]) => [kind, bearers])),
    }),
  };
}

/** The value of a rare kind that a hash stands for, looked up in a record that has it. */
export function rareValue(
  base: Parameters<typeof eachValue>[0],
  prepared: Prepared,
  high: number,
  low: number,
): { kind: string; value: string } {
  let found: { kind: string; value: string } | undefined;
  const hashed: Hashed = { high: 0, low: 0 };
  eachValue(base, prepared, (kind, values) => {
    const seed = RARE.get(kind);
    if (seed === undefined) return;
    for (const value of values) {
      hashInto(hashed, value, seed);
      if (hashed.high === high && hashed.low === low) found = { kind, value };
    }
  });
  if (found === undefined) throw new Error('a counted value is not in its record');
  return found;
}

function hashes() {
  const hashed: Hashed = { high: 0, low: 0 };
  const high = growing(Uint32Array);
  const low = growing(Uint32Array);
  const ends = growing(Int32Array);
  return {
    /** `mark`: given instead of the last bit. */
    add(text: string, seed: number, mark?: 0 | 1): void {
      hashInto(hashed, text, seed);
      high.push(hashed.high);
      low.push(mark === undefined ? hashed.low : ((hashed.low & ~1) | mark) >>> 0);
    },
    endRecord: () => ends.push(high.size()),
    end: (): Hashes => ({ high: high.end(), low: low.end(), ends: ends.end() }),
  };
}

type Numbers = Uint32Array | Int32Array | Float64Array | Uint8Array;

/** A typed array that grows; its end is in memory that threads may share. */
export function growing<T extends Numbers>(Kind: {
  new (size: number): T;
  new (buffer: SharedArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}) {
  let array = new Kind(1 << 12);
  let at = 0;
  return {
    push(value: number): void {
      if (at === array.length) {
        const larger = new Kind(at * 2);
        larger.set(array);
        array = larger;
      }
      array[at++] = value;
    },
    size: () => at,
    end(): T {
      const kept = new Kind(new SharedArrayBuffer(at * Kind.BYTES_PER_ELEMENT));
      kept.set(array.subarray(0, at));
      return kept;
    },
  };
}
