import type { Value } from '../model/value.ts';
import type { Prepared } from './prepared.ts';

/** A record as matching sees it: values only, references already resolved to golden ids. */
export interface MatchInput {
  /** Unique and stable; ties are broken by it, so that order never matters. */
  id: string;
  /** The connection, or the file, it comes from. */
  source: string;
  values: Record<string, Value>;
}

/** One comparison's part in a match weight. `weight` is log2(m/u), after term-frequency adjustment. */
export interface LevelHit {
  comparison: string;
  level: string;
  weight: number;
}

export interface Comparison {
  /** Sum of the levels and the prior, in bits. */
  weight: number;
  /** 2^weight / (1 + 2^weight) */
  probability: number;
  decision: 'link' | 'review' | 'apart';
  /** Why the two may never be one (two corporate numbers); decision is then 'apart'. */
  contradiction?: string;
  /** The deterministic rule that decided, where one did. */
  rule?: string;
  levels: LevelHit[];
}

/** A scored pair, a < b. Only pairs at or above the review threshold are kept. */
export interface Edge {
  a: string;
  b: string;
  weight: number;
  decision: 'link' | 'review';
}

/**
 * Matching for one entity and one model. `P` is a record prepared once (normalised, tokenised); the store keeps it beside the
 * record, as core/match/packed.ts packs it.
 */
export interface Matcher<P = Prepared> {
  prepare(input: MatchInput): P;
  /** Blocking keys: two records are compared only if they share one that is not a hub value. */
  keys(prepared: P): string[];
  compare(a: P, b: P): Comparison;
  /** A key shared by more records than this is a hub value (info@, a switchboard, a namesake's name) and joins nobody. */
  limit(key: string): number;
  /** Bits from which on a pair is linked, where evidence of two kinds is there. */
  link: number;
  /** Bits from which on a pair is in doubt, where no more records are stored than the weights are made for. */
  review: number;
  /** Bits that a doubt loses among so many records: see crowd.ts. */
  crowd(records: number): number;
}

/** What people decided; it outranks every score. */
export interface Decisions {
  links: [string, string][];
  /** Joined by what happened in the tools: after every human link, before every score. */
  bonds?: [string, string][];
  aparts: [string, string][];
}
