import type { Entity } from '../../model/entity.ts';
import { type Counted, calibrated } from '../frequencies.ts';
import { createMatcher } from '../matcher.ts';
import type { Base, Model } from '../model.ts';
import { buildBlocks } from '../pairs.ts';
import type { Prepared } from '../prepared.ts';
import { train } from '../train.ts';
import type { AllBlocks } from './blocks.ts';
import { countedValue, type Portion } from './digest.ts';
import type { Tallies } from './group.ts';

/** Fewer bearers than this make a value no commoner than a rare one: see `calibrated`. */
export const leastBearers = (size: number) => (size >= 1000 ? 3 : 2);

/** Values that at least a few records bear, by kind. */
export type CommonValues = Map<string, { value: string; bearers: number }[]>;

/** The texts of what was counted by hashes, each looked up in a record that has it. */
export function commonValues(
  base: Base,
  { high, low, record: bearer, bearers }: Tallies,
  record: (i: number) => Prepared,
): CommonValues {
  const found: CommonValues = new Map();
  for (let i = 0; i < high.length; i++) {
    const { kind, value } = countedValue(base, record(bearer[i]!), high[i]!, low[i]!);
    const list = found.get(kind);
    if (list === undefined) found.set(kind, [{ value, bearers: bearers[i]! }]);
    else list.push({ value, bearers: bearers[i]! });
  }
  return found;
}

/** A list's own frequencies, from what its portions counted. */
export function modelOf(
  model: Model,
  portions: readonly Portion[],
  found: readonly CommonValues[],
  record: (i: number) => Prepared,
): Model {
  const size = portions.reduce((sum, portion) => sum + portion.size, 0);
  const counted: Counted = new Map();
  const entry = (kind: string) => {
    let one = counted.get(kind);
    if (one === undefined) {
      one = { bearers: 0, counts: new Map() };
      counted.set(kind, one);
    }
    return one;
  };
  for (const { bearers } of portions) for (const [kind, n] of bearers) entry(kind).bearers += n;
  for (const part of found)
    for (const [kind, values] of part) {
      const { counts } = entry(kind);
      for (const { value, bearers } of values) counts.set(value, bearers);
    }
  return calibrated(model, size, counted, everyRecord(size, record));
}

function* everyRecord(size: number, record: (i: number) => Prepared): Generator<Prepared> {
  for (let i = 0; i < size; i++) yield record(i);
}

/** Training looks at so many records at most: more of them would hardly move the weights. */
const SAMPLE = 50_000;

/**
 * The model trained on the list, or, where it is long, on whole blocks of it: records that are one are likely to be in the sample
 * together. Frequencies stay those of the whole list.
 */
export function trainedModel(
  entity: Entity,
  model: Model,
  size: number,
  blocks: AllBlocks,
  record: (i: number) => Prepared,
): Model {
  const chosen = size <= SAMPLE ? Array.from({ length: size }, (_, i) => i) : sampled(blocks, size);
  const records = chosen.map(record).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const matcher = createMatcher(entity);
  const trained = train(model, records, buildBlocks(records.map(matcher.keys), matcher.limit));
  if (size <= SAMPLE) return trained;
  // Of n records as many pairs are matches as n, and as many are possible as n².
  return {
    ...trained,
    frequencies: model.frequencies,
    prior: trained.prior + Math.log2(records.length / size),
    among: size,
  };
}

/** Blocks stand in the order of hashes, so that the first of them are as good as drawn. */
function sampled({ members, starts }: AllBlocks, size: number): number[] {
  const met = new Uint8Array(size);
  const chosen: number[] = [];
  for (let m = 0; m < members.length && chosen.length < SAMPLE; m++) {
    if (met[members[m]!] === 1) continue;
    met[members[m]!] = 1;
    chosen.push(members[m]!);
  }
  return starts.length > 0 ? chosen : [];
}
