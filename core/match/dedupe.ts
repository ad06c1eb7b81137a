import type { Entity } from '../model/entity.ts';
import { BASES } from './bases.ts';
import { cluster, type Refused } from './cluster.ts';
import { calibrate } from './frequencies.ts';
import { createMatcher } from './matcher.ts';
import { DEFAULT_MODEL, type Model } from './model.ts';
import { buildBlocks, eachPair } from './pairs.ts';
import { scorer } from './score.ts';
import { train } from './train.ts';
import type { Decisions, Edge, MatchInput } from './types.ts';

export interface DedupeOptions {
  model?: Model;
  /** Learn weights from the list itself before scoring. */
  train?: boolean;
  decisions?: Decisions;
  /** true: only what needs no review is joined. false (the default): also what is more likely one than two. */
  sure?: boolean;
  /** No cluster grows beyond this; 200 where absent. */
  maxSize?: number;
  onProgress?(done: number, of: number, step: 'prepare' | 'compare'): void;
}

export interface DedupeResult {
  clusters: string[][];
  edges: Edge[];
  refused: Refused[];
  /** Candidate pairs compared. */
  pairs: number;
  /** Keys that too many records share. */
  hubs: number;
  /** The model used: with the list's own frequencies, and trained where asked. */
  model: Model;
}

/** Finds the records of a list that are one, in memory. The same comparing and clustering as the engine's. */
export function dedupe(entity: Entity, inputs: MatchInput[], options: DedupeOptions = {}): DedupeResult {
  const { base } = entity;
  if (base === 'none')
    throw new Error(`entity ${entity.name} is never matched: let it extend person, company or deal`);
  const sorted = [...inputs].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const matcher = createMatcher(entity, options.model);
  const records = sorted.map((input, i) => {
    if (i % 1000 === 0) options.onProgress?.(i, sorted.length, 'prepare');
    return matcher.prepare(input);
  });
  const blocks = buildBlocks(records.map(matcher.keys), matcher.limit);
  let model = calibrate(options.model ?? DEFAULT_MODEL[base], records);
  if (options.train) model = train(model, records, blocks);

  const score = scorer(BASES[base], model);
  const edges: Edge[] = [];
  const component = Int32Array.from(records.keys());
  const find = (i: number): number => {
    let root = i;
    while (component[root] !== root) root = component[root]!;
    component[i] = root;
    return root;
  };
  const touch = (i: number, j: number) => {
    const [a, b] = [find(i), find(j)];
    if (a !== b) component[Math.max(a, b)] = Math.min(a, b);
  };
  const pairs = eachPair(
    blocks,
    (i, j) => {
      const [a, b] = [records[i]!, records[j]!];
      const weight = score.weigh(a, b);
      const decision = score.decide(a, b, weight);
      if (decision === 'apart') return;
      edges.push({ a: a.id, b: b.id, weight, decision });
      touch(i, j);
    },
    (i) => {
      if (i % 1000 === 0) options.onProgress?.(i, records.length, 'compare');
    },
  );
  options.onProgress?.(records.length, records.length, 'compare');

  const decisions = options.decisions ?? { links: [], aparts: [] };
  const index = new Map(records.map((r, i) => [r.id, i]));
  for (const [a, b] of decisions.links) {
    const [i, j] = [index.get(a), index.get(b)];
    if (i !== undefined && j !== undefined) touch(i, j);
  }
  const groups = new Map<number, { ids: string[]; edges: Edge[] }>();
  for (const [i, r] of records.entries()) {
    const root = find(i);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { ids: [r.id], edges: [] });
    else group.ids.push(r.id);
  }
  for (const edge of edges) groups.get(find(index.get(edge.a)!))!.edges.push(edge);

  const weigh = (a: string, b: string) => score.weigh(records[index.get(a)!]!, records[index.get(b)!]!);
  const contradicts = (a: string, b: string) => {
    weigh(a, b);
    return score.s.contradiction !== undefined;
  };
  const clusters: string[][] = [];
  const refused: Refused[] = [];
  const anyDecision = decisions.links.length + decisions.aparts.length > 0;
  for (const group of groups.values()) {
    if (group.ids.length === 1) {
      clusters.push(group.ids);
      continue;
    }
    const found = cluster({
      ids: group.ids,
      edges: group.edges,
      contradicts,
      decisions: anyDecision ? decisions : { links: [], aparts: [] },
      maxSize: options.maxSize ?? 200,
      ...(options.sure ? {} : { unreviewed: { joinAt: model.join, weigh } }),
    });
    clusters.push(...found.clusters);
    refused.push(...found.refused);
  }
  return { clusters, edges, refused, pairs, hubs: blocks.hubs, model };
}
