import { ruleName } from '../merge/rules.ts';
import type { Entity } from '../model/entity.ts';
import { sameJson, type Value } from '../model/value.ts';
import type { Db } from '../store/db.ts';
import { decisionsOfGolden } from '../store/decisions.ts';
import { displayName } from '../store/explain.ts';
import { type GoldenRow, goldenPage } from '../store/goldens.ts';
import { atOneMoment } from '../store/moment.ts';
import { goldenOfKeys, type MemberRecord, membersOfGolden } from '../store/records.ts';
import { changesBetween, goldenValues, pinnedTo, pinsOf, type Voices } from './goldenValues.ts';
import { targetsOf } from './inputs.ts';

/** Golden records in memory at once. */
const PAGE = 500;

/** A golden value that other rules would change. */
export interface Sample {
  golden: string;
  name: string;
  from: Value;
  to: Value;
  /** Which rule decided, and for whose value; null: the attribute is not there, or nobody says anything of it. */
  was: Verdict | null;
  wouldBe: Verdict | null;
}

export interface Verdict {
  rule: string;
  source: string;
}

export interface AttributeWhatIf {
  attribute: string;
  /** Its chain of rules as text; null: the entity has no such attribute. */
  before: string | null;
  after: string | null;
  /** Golden records whose value would be another. */
  differ: number;
  samples: Sample[];
}

export interface WhatIf {
  entity: string;
  /** Golden records looked at: those of which a record lives in a tool. */
  golden: number;
  /** Those of them that would hold another value somewhere. */
  differ: number;
  /** Attributes whose rules are others, or whose values would be. */
  attributes: AttributeWhatIf[];
  /** Where to go on; null: all were looked at. */
  next: string | null;
}

export interface WhatIfOptions {
  /** The `next` of the call before; '' for the first. */
  after: string;
  /** Golden records to look at in this call. */
  most: number;
  /** Samples of each attribute. */
  samples: number;
}

/**
 * Merges what is stored of an entity's golden records twice, by the rules of now and by others, and says where the values
 * would differ. Both times it is what people said that is merged, so that a difference comes of the rules alone, whatever waits to be
 * matched. Reads pages of one moment each, in transactions that cannot write.
 */
export async function whatIf(
  db: Db,
  [before, after]: readonly [Entity, Entity],
  { after: start, most, samples }: WhatIfOptions,
): Promise<WhatIf> {
  const attributes = rulesThatDiffer(before, after);
  const result: WhatIf = { entity: after.name, golden: 0, differ: 0, attributes: [], next: null };
  for (let at = start, left = ruledAlike(before, after) ? 0 : most; left > 0; ) {
    const limit = Math.min(PAGE, left);
    const page = await readPage(db, [before, after], at, limit);
    for (const one of page) {
      if (!one.golden.live) continue;
      result.golden++;
      if (replay(one)) result.differ++;
    }
    left -= page.length;
    at = page.at(-1)?.golden.id ?? at;
    result.next = page.length < limit ? null : at;
    if (result.next === null) break;
  }
  result.attributes = [...attributes.values()].sort((a, b) => (a.attribute < b.attribute ? -1 : 1));
  return result;

  function replay({ golden, members, pins, goldenOf }: Stored): boolean {
    const voices = { members, pins, goldenOf, before: [golden] };
    const [old, now] = [goldenValues(before, voices), goldenValues(after, voices)];
    const changes = Object.entries(changesBetween(old.values, now.values));
    for (const [attribute, { from, to }] of changes) {
      const known = attributes.get(attribute) ?? entry(before, after, attribute);
      attributes.set(attribute, known);
      known.differ++;
      if (known.samples.length === samples) continue;
      const verdict = ({ provenance }: typeof old): Verdict | null => {
        const told = provenance[attribute];
        return told ? { rule: told.rule, source: told.source } : null;
      };
      known.samples.push({
        golden: golden.id,
        name: displayName(old.values),
        from: from ?? null,
        to: to ?? null,
        was: verdict(old),
        wouldBe: verdict(now),
      });
    }
    return changes.length > 0;
  }
}

interface Stored {
  golden: GoldenRow;
  members: MemberRecord[];
  pins: Voices['pins'];
  goldenOf: Voices['goldenOf'];
}

/** Some golden records with all that merging looks at. */
function readPage(db: Db, entities: readonly Entity[], after: string, limit: number): Promise<Stored[]> {
  return atOneMoment(db, async (tx) => {
    const goldens = await goldenPage(tx, entities[0]!.name, after, limit);
    const ids = goldens.map(({ id }) => id);
    const [records, decisions] = await Promise.all([membersOfGolden(tx, ids), decisionsOfGolden(tx, ids)]);
    const pointedTo = entities.flatMap((entity) => targetsOf(entity, records));
    const goldenOf = await goldenOfKeys(tx, [...pointedTo, ...pinnedTo(decisions)]);
    const membersOf = Map.groupBy(records, ({ goldenId }) => goldenId);
    const homeOf = new Map(records.map(({ key, goldenId }) => [key, goldenId]));
    const decisionsOf = Map.groupBy(decisions, ({ a }) => homeOf.get(a));
    return goldens.map((golden) => {
      const members = membersOf.get(golden.id) ?? [];
      const keys = members.map(({ key }) => key);
      return { golden, members, pins: pinsOf(decisionsOf.get(golden.id) ?? [], keys, goldenOf), goldenOf };
    });
  });
}

/** Is there anything to try: attributes or rules of which one differs? */
export const ruledAlike = (a: Entity, b: Entity): boolean =>
  sameJson([a.attributes, a.survivorship], [b.attributes, b.survivorship]);

const rulesOf = ({ attributes, survivorship }: Entity, name: string): string | null => {
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (!attribute) return null;
  const chain = Object.hasOwn(survivorship, name) ? survivorship[name] : undefined;
  if (chain) return chain.map(ruleName).join(', then ');
  return attribute.group === undefined ? 'latest' : `whole group ${attribute.group}`;
};

const entry = (before: Entity, after: Entity, attribute: string): AttributeWhatIf => ({
  attribute,
  before: rulesOf(before, attribute),
  after: rulesOf(after, attribute),
  differ: 0,
  samples: [],
});

function rulesThatDiffer(before: Entity, after: Entity): Map<string, AttributeWhatIf> {
  const names = new Set([...Object.keys(before.attributes), ...Object.keys(after.attributes)]);
  const all = [...names].map((name) => entry(before, after, name));
  return new Map(all.filter((one) => one.before !== one.after).map((one) => [one.attribute, one]));
}
