/** What a plan lists, and how it names what does not exist yet. */
import type { Op } from '../../connectors/contract.ts';
import { parseKey } from '../model/record.ts';
import type { FieldChange } from '../plan/plan.ts';
import type { Claims } from './pretend.ts';

/** A write that a sync would make, field by field. */
export interface PlannedWrite {
  sync: string;
  connection: string;
  object: string;
  mapping: string;
  op: Op['op'];
  /** `new:…`: it does not exist yet. */
  goldenId: string;
  /** The tool's id of the record to change; null for one to create; `new:…`: one that this plan creates. */
  id: string | null;
  /** Of a merge: the tool's id of the record that it is folded into. */
  into?: string;
  /** The golden record's records, as source keys; the first one names it in `new:…`. */
  records: string[];
  /** Why there is a write at all; why each value, its change says. */
  why: string;
  changes: FieldChange[];
  /** Values that are left out, because only one record of the tool can have them; `holder`: the one that does, as source key. */
  without?: { attribute: string; field: string; holder: string }[];
}

/** A record that finds its place beside another. */
export interface PlannedLink {
  sync: string;
  goldenId: string;
  record: string;
  /** The record of the same golden record that it is most alike; null: of those it has now, none by itself. */
  with: string | null;
  why: string;
}

/** A golden record that is folded into another, because their records turn out to be one. */
export interface PlannedMerge {
  sync: string;
  goldenId: string;
  into: string;
  /** Those of its records that go to the other. */
  records: string[];
  why: string;
}

/** A record that leaves its golden record, which lives on without it. */
export interface PlannedSplit {
  sync: string;
  record: string;
  from: string;
  goldenId: string;
}

/** A doubtful pair that would be put before a person; nothing is merged on a doubt. */
export interface PlannedReview {
  sync: string;
  a: string;
  b: string;
  weight: number;
  reason: string;
}

/** Told of what a dry run does, as it does it. */
export interface Notes {
  write(write: PlannedWrite): void;
  /** A record came to another golden record than it was in; null: it was in none. */
  moved(record: string, from: string | null): void;
  /** This golden record was folded into another. */
  folded(golden: string): void;
  doubted(pairs: readonly { a: string; b: string }[]): void;
  /** By mapping: see pretend.ts. */
  claims: Map<string, Claims>;
  /** By key of a write: what the tool would not take. */
  left: Map<string, NonNullable<PlannedWrite['without']>>;
}

const NEW = 'new:';

/** How a plan names what it would make: by a record that exists, so that two plans of the same world agree. */
export const newName = (...parts: readonly string[]) => `${NEW}${parts.join(':')}`;

/** Of ids and values in a plan. */
export const isNewName = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(NEW);

/** Is this the source key of a record that the plan at hand would create? */
export const isNewKey = (key: string) => isNewName(parseKey(key).id);
