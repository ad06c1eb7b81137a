import { stringify } from 'csv-stringify/sync';
import type { Range } from '../../../../connectors/csv/ranges.ts';
import { BASES } from '../../../../core/match/bases.ts';
import type { AllBlocks } from '../../../../core/match/bulk/blocks.ts';
import { type Counts, type Placed, placeComponents } from '../../../../core/match/bulk/clusters.ts';
import type { Components } from '../../../../core/match/bulk/components.ts';
import { blocksOf, type Groups, repeats, tallies } from '../../../../core/match/bulk/group.ts';
import type { Hashes } from '../../../../core/match/bulk/hashes.ts';
import { type CommonValues, commonValues } from '../../../../core/match/bulk/model.ts';
import { type Edges, scoredPairs } from '../../../../core/match/bulk/pairs.ts';
import { type Records, recordReader } from '../../../../core/match/bulk/records.ts';
import { recordStore } from '../../../../core/match/bulk/store.ts';
import { type Texts, textReader } from '../../../../core/match/bulk/texts.ts';
import type { Base, Model } from '../../../../core/match/model.ts';
import type { Prepared } from '../../../../core/match/prepared.ts';
import { type Scorer, scorer } from '../../../../core/match/score.ts';
import { type ListOptions, type OpenList, openList, type Part, readPart } from './part.ts';

/** What every hand knows from some step on. Typed arrays in it are shared, everything else is copied. */
export interface Known {
  lists: ListOptions[];
  keepValues: boolean;
  bundles: Records[];
  ids: Texts[];
  model: Model;
  blocks: AllBlocks;
  components: Components;
  placed: Placed;
  maxSize: number;
}

/** The steps of deduplicating a list that can be done side by side, each with what it needs and gives. */
export interface Tasks {
  read: [{ list: number; range: Range | undefined; repeated?: [line: number, first: number][] }, Part];
  repeats: [{ of: Hashes[]; from: number; to: number }, [number, number][]];
  tallies: [{ of: Hashes[]; base: Base; from: number; to: number; least: number }, CommonValues];
  blocks: [
    { of: Hashes[]; from: number; to: number; limits: { key: number; bareName: number } },
    Groups & { hubs: number },
  ];
  pairs: [{ from: number; to: number }, Edges & { pairs: number }];
  place: [{ from: number; to: number }, Counts];
  rows: [{ from: number; to: number }, Uint8Array];
}

/** Does tasks, one at a time: in a thread of its own, or in the command's. */
export interface Hand {
  learn(known: Partial<Known>): void;
  work<T extends keyof Tasks>(task: T, order: Tasks[T][0]): Promise<Tasks[T][1]>;
  close(): Promise<void>;
}

export function createHand(): Hand {
  const known: Partial<Known> = {};
  const open = new Map<number, Promise<OpenList>>();
  let record: ((i: number) => Prepared) | undefined;
  let idOf: ((i: number) => string) | undefined;
  let score: Scorer | undefined;
  let seen: Int32Array | undefined;
  const need = <K extends keyof Known>(name: K): Known[K] => {
    const value = known[name];
    if (value === undefined) throw new Error(`nobody has said what ${name} is`);
    return value;
  };

  const tasks: { [T in keyof Tasks]: (order: Tasks[T][0]) => Tasks[T][1] | Promise<Tasks[T][1]> } = {
    async read({ list, range, repeated }) {
      let one = open.get(list);
      if (one === undefined) {
        one = openList(need('lists')[list]!);
        open.set(list, one);
      }
      return readPart(await one, range, need('keepValues'), repeated);
    },
    repeats: ({ of, from, to }) => repeats(of, from, to),
    tallies: ({ of, base, from, to, least }) => commonValues(base, tallies(of, from, to, least), record!),
    blocks: ({ of, from, to, limits }) => blocksOf(of, from, to, limits),
    pairs({ from, to }) {
      const blocks = need('blocks');
      seen ??= new Int32Array(blocks.ofStarts.length - 1).fill(-1);
      return scoredPairs(blocks, score!, record!, seen, from, to);
    },
    place: ({ from, to }) =>
      placeComponents(
        need('components'),
        from,
        to,
        need('model'),
        score!,
        record!,
        need('maxSize'),
        need('placed'),
      ),
    rows({ from, to }) {
      const { home, score: sure } = need('placed');
      return clusterRows(idOf!, home, sure, from, to);
    },
  };

  return {
    learn(news) {
      Object.assign(known, news);
      if (news.bundles) record = recordStore(news.bundles, recordReader);
      if (news.ids) idOf = textReader(news.ids);
      if (news.model) score = scorer(BASES[news.model.base], news.model);
    },
    work: async (task, order) => tasks[task](order),
    async close() {
      for (const list of open.values()) await (await list).file.close();
    },
  };
}

/** What must be quoted. */
const ODD = /[",\r\n]|^\s|\s$/;

/** record_id,cluster_id,score */
function clusterRows(
  idOf: (i: number) => string,
  home: Int32Array,
  sure: Float64Array,
  from: number,
  to: number,
): Uint8Array {
  let text = '';
  for (let i = from; i < to; i++) {
    const id = idOf(i);
    const cluster = home[i] === i ? id : idOf(home[i]!);
    const score = Number.isNaN(sure[i]) ? '' : sure[i]!.toFixed(4);
    text +=
      ODD.test(id) || ODD.test(cluster) ? stringify([[id, cluster, score]]) : `${id},${cluster},${score}\n`;
  }
  return Buffer.from(text);
}
