import { setImmediate as turn } from 'node:timers/promises';
import { assembled } from '../../../../core/match/bulk/blocks.ts';
import { type Counts, type Placed, unplaced } from '../../../../core/match/bulk/clusters.ts';
import { componentsOf } from '../../../../core/match/bulk/components.ts';
import { leastBearers, modelOf, trainedModel } from '../../../../core/match/bulk/model.ts';
import { recordReader } from '../../../../core/match/bulk/records.ts';
import { recordStore } from '../../../../core/match/bulk/store.ts';
import { MAX_BLOCK, MAX_NAMESAKES } from '../../../../core/match/keys.ts';
import { DEFAULT_MODEL } from '../../../../core/match/model.ts';
import type { Entity } from '../../../../core/model/entity.ts';
import type { Crew } from './crew.ts';
import type { Tasks } from './hand.ts';
import type { Part } from './part.ts';
import { bucketShares, slices } from './reading.ts';

/** Each hand counts its share in one go: nobody is there to give it the next while blocks are put together. */
const TALLY_SHARES = 1;

/** No cluster grows beyond this, as with `dedupe`. */
const MAX_SIZE = 200;

export interface Matched extends Counts {
  placed: Placed;
  records: number;
  pairs: number;
  hubs: number;
  trained: boolean;
}

/** Finds which records are one, as `dedupe` does: with its keys, its model, its scorer and its clustering, in parts side by side. */
export async function matchParts(
  crew: Crew,
  entity: Entity,
  parts: Part[],
  options: { train: boolean; onProgress(done: number, of: number): void },
): Promise<Matched> {
  if (entity.base === 'none') throw new Error(`entity ${entity.name} is never matched`);
  const records = parts.reduce((sum, { portion }) => sum + portion.size, 0);
  const bundles = parts.map(({ portion }) => portion.records);
  crew.tell({ bundles });
  // Each is looked at once.
  const record = recordStore(bundles, recordReader, 1);
  const { base } = entity;
  const groups = await groupKeys(crew, parts);
  const values = parts.map(({ portion }) => portion.values);
  const least = leastBearers(records);
  const tallies = bucketShares(crew.hands, TALLY_SHARES);
  // Blocks are put together here while the hands count.
  const [found, blocks] = await Promise.all([
    crew.each(
      'tallies',
      tallies.map((share) => ({ of: values, base, least, ...share })),
    ),
    turn().then(() => assembled(groups, records, MAX_BLOCK)),
  ]);
  const shipped = DEFAULT_MODEL[base];
  const own = modelOf(
    shipped,
    parts.map(({ portion }) => portion),
    found,
    record,
  );
  for (const { portion } of parts) forgetCounts(portion);
  const model = options.train ? trainedModel(entity, own, records, blocks, record) : own;

  crew.tell({ model, blocks });
  const ahead = blocks.order.length;
  let compared = 0;
  const steps = slices(ahead, pieceOf(ahead, crew.hands));
  const scored = await crew.each('pairs', steps, (_, done) => {
    compared = Math.round((done * records) / steps.length);
    options.onProgress(compared, records);
  });
  options.onProgress(records, records);

  const components = componentsOf(scored, records);
  const placed = unplaced(records);
  crew.tell({ components, placed, maxSize: MAX_SIZE });
  const hanging = components.starts.length - 1;
  const counts = await crew.each('place', slices(hanging, pieceOf(hanging, crew.hands)));
  return {
    ...counts.reduce(added, {
      clusters: 0,
      joined: 0,
      largest: 1,
      doubtful: { joined: 0, apart: 0 },
    }),
    placed,
    records,
    pairs: scored.reduce((sum, { pairs }) => sum + pairs, 0),
    hubs: groups.reduce((sum, { hubs }) => sum + hubs, 0),
    trained: model.trained !== undefined,
  };
}

function groupKeys(crew: Crew, parts: readonly Part[]): Promise<Tasks['blocks'][1][]> {
  const of = parts.map(({ portion }) => portion.keys);
  const limits = { key: MAX_BLOCK, bareName: MAX_NAMESAKES };
  return crew.each(
    'blocks',
    bucketShares(crew.hands).map((share) => ({ of, limits, ...share })),
  );
}

const NOTHING = { high: new Uint32Array(0), low: new Uint32Array(0), ends: new Int32Array(0) };

/** Once blocks and frequencies are known, what they were made of is of no more use. */
function forgetCounts(portion: Part['portion']): void {
  Object.assign(portion, { keys: NOTHING, values: NOTHING, ids: NOTHING });
}

/** Pieces small enough that no hand is left waiting for another's. */
const pieceOf = (size: number, hands: number) => Math.max(1, Math.ceil(size / (hands * 16)));

const added = (a: Counts, b: Counts): Counts => ({
  clusters: a.clusters + b.clusters,
  joined: a.joined + b.joined,
  largest: Math.max(a.largest, b.largest),
  doubtful: {
    joined: a.doubtful.joined + b.doubtful.joined,
    apart: a.doubtful.apart + b.doubtful.apart,
  },
});
