import type { Entity } from '../model/entity.ts';
import type { Provenance, SourceRecord } from '../model/record.ts';
import { sameValue, type Value, type Values } from '../model/value.ts';
import { type Candidate, candidates, newestFirst, type Resolve } from './candidates.ts';
import { type Choice, choose } from './rules.ts';

export interface Pin {
  value: Value;
  by: string;
  at: string;
}

export interface Survivor {
  /** `null`: somebody cleared it. Absent: nobody ever said anything, and nothing is written to any tool. */
  values: Values;
  provenance: Record<string, Provenance>;
}

/**
 * Merges the opinions of one cluster. Pure and independent of the order of `members`: the same members give the same
 * golden values. Called for every cluster that a resolve step touched.
 */
export function survive(
  entity: Entity,
  members: readonly SourceRecord[],
  pins: Readonly<Record<string, Pin>>,
  resolve: Resolve,
): Survivor {
  const values: Values = {};
  const provenance: Record<string, Provenance> = {};
  const homes = groupHomes(entity, members);
  for (const [attribute, definition] of Object.entries(entity.attributes)) {
    const list = candidates(members, attribute, resolve);
    const pin = pins[attribute];
    if (pin) {
      values[attribute] = pin.value;
      provenance[attribute] = { source: pin.by, at: pin.at, rule: 'pin', losers: losers(list, pin.value) };
      continue;
    }
    if (list.length === 0) continue;
    const chain = entity.survivorship[attribute];
    const home = chain || !definition.group ? undefined : homes.get(definition.group);
    const choice = home === undefined ? choose(chain ?? ['latest'], list) : fromGroup(list, home);
    if (choice === undefined) continue;
    values[attribute] = choice.value;
    provenance[attribute] = {
      source: choice.winner.source,
      at: choice.winner.at,
      rule: choice.rule,
      losers: losers(list, choice.value),
    };
  }
  return { values, provenance };
}

function losers(list: Candidate[], value: Value): Provenance['losers'] {
  return list
    .filter((c) => !sameValue(c.value, value))
    .map(({ source, at, value }) => ({ source, at, value }));
}

/** For each group (an address): the record that fills most of it, then the newest. It is taken from there whole. */
function groupHomes(entity: Entity, members: readonly SourceRecord[]): Map<string, string> {
  const parts = new Map<string, Map<string, Candidate & { parts: number }>>();
  for (const [attribute, { group }] of Object.entries(entity.attributes)) {
    if (!group || entity.survivorship[attribute]) continue;
    const homes = parts.get(group) ?? new Map();
    parts.set(group, homes);
    for (const candidate of candidates(members, attribute, (_, value) => value)) {
      const known = homes.get(candidate.source);
      const newest = known && newestFirst(known, candidate) < 0 ? known : candidate;
      homes.set(candidate.source, {
        ...newest,
        parts: (known?.parts ?? 0) + (candidate.value === null ? 0 : 1),
      });
    }
  }
  const home = (list: Iterable<Candidate & { parts: number }>) =>
    [...list].sort((a, b) => b.parts - a.parts || newestFirst(a, b))[0]?.source ?? '';
  return new Map([...parts].map(([group, homes]) => [group, home(homes.values())]));
}

/**
 * The home's value, unless another source edited this very attribute later: an address is never mixed from two
 * first sights, and yet edits of different fields in two tools both survive (law 4).
 */
function fromGroup(list: Candidate[], home: string): Choice | undefined {
  const own = list.find((c) => c.source === home);
  const later = list.find((c) => c.edit && (own === undefined || newestFirst(c, own) < 0));
  const winner = later ?? own;
  return (
    winner && {
      value: winner.value,
      winner,
      rule: later ? 'latest' : 'whole group: most complete, then latest',
    }
  );
}
