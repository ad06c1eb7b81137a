import { dedupe } from '../../core/match/dedupe.ts';
import type { MatchInput } from '../../core/match/types.ts';
import type { AttributeType, Entity } from '../../core/model/entity.ts';
import { isEmpty, type Values } from '../../core/model/value.ts';
import { lookAt, nameOf } from '../../mappings/sampled.ts';
import type { HubConfig } from '../config/types.ts';
import type { Reported } from './mappings.ts';
import { admitted, type Read } from './records.ts';
import { lookUpSample } from './sample.ts';

/** Attributes by which a tool may be asked for a record's counterpart. */
const KEYS: ReadonlySet<AttributeType> = new Set(['email', 'corporate-number', 'code']);
/** Values of one look-up. */
const MOST_KEYS = 100;
/** Fewer than these say nothing of a whole tool. */
const ENOUGH = 20;

/**
 * The share of one tool's records that a first sync would link to one of another, from the samples and from look-ups of their keys: a
 * least number where the other tool was not read to its end. What a person would be asked about is told apart: a sync joins nothing on a
 * doubt.
 */
export async function checkMatches(
  config: HubConfig,
  read: ReadonlyMap<string, Read>,
  signal: AbortSignal,
): Promise<Reported[]> {
  const findings: Reported[] = [];
  const seen = new Set<string>();
  for (const { entity: name, members } of Object.values(config.syncs)) {
    const entity = config.entities[name]!;
    const readers = members.flatMap(({ mapping }) => read.get(mapping) ?? []).filter(({ reads }) => reads);
    // Deals are known by their company, which no sample of theirs holds.
    if (entity.base === 'none' || entity.base === 'deal') continue;
    for (const [i, from] of readers.entries())
      for (const to of readers.slice(i + 1)) {
        const key = `${from.spec.name} ${to.spec.name}`;
        if (seen.has(key) || from.records.length === 0 || to.records.length === 0) continue;
        seen.add(key);
        findings.push(await share(entity, from, to, signal));
      }
  }
  return findings;
}

async function share(entity: Entity, from: Read, to: Read, signal: AbortSignal): Promise<Reported> {
  const theirs = new Map(to.records.map(({ id, values }) => [id, values]));
  if (!to.whole) for (const [id, values] of await counterparts(from, to, signal)) theirs.set(id, values);
  const own = inputs(
    entity,
    from,
    from.records.map(({ id, values }) => [id, values] as const),
  );
  const others = inputs(entity, to, theirs);
  const ids = new Set(others.map(({ id }) => id));
  const { clusters, edges } = dedupe(entity, [...own, ...others], { sure: true });
  const linked = new Set(
    clusters.flatMap((cluster) =>
      cluster.some((id) => ids.has(id)) ? cluster.filter((id) => !ids.has(id)) : [],
    ),
  );
  const between = edges.flatMap(({ a, b }) => (ids.has(a) === ids.has(b) ? [] : [ids.has(a) ? b : a]));
  const doubtful = new Set(between.filter((id) => !linked.has(id))).size;
  const count = linked.size;
  const of = own.length;
  const none = count === 0 && of >= ENOUGH && others.length >= ENOUGH;
  return {
    connection: from.spec.connection,
    mapping: from.spec.name,
    object: from.spec.object,
    with: to.spec.name,
    kind: 'match',
    severity: none ? 'warning' : 'info',
    message: `${to.whole ? '' : 'at least '}${count} of ${of} records of ${nameOf(from)} (${Math.round((100 * count) / of)}%) would be linked to one of ${nameOf(to)}${doubtful === 0 ? '' : `; ${doubtful} more may be one with another, and would wait for a person as doubts`}`,
    ...(none
      ? {
          fix: `map what both tools know people or companies by (email, phone, names, corporateNumber) in ${from.spec.name} and ${to.spec.name}; as it is, a sync would make a copy of each`,
        }
      : {}),
    count,
    of,
    place: from.spec.places.object,
  };
}

const inputs = (entity: Entity, { spec }: Read, records: Iterable<readonly [string, Values]>): MatchInput[] =>
  [...records].map(([id, values]) => ({
    id: `${spec.name}/${id}`,
    source: spec.connection,
    // A reference names another record, and the sample does not hold those.
    values: Object.fromEntries(
      Object.entries(values).filter(([name]) => entity.attributes[name]?.type !== 'reference'),
    ),
  }));

/** Records of `to` that have the keys of `from`'s: one look-up for each attribute that the tool can be asked by. */
async function counterparts(from: Read, to: Read, signal: AbortSignal): Promise<Map<string, Values>> {
  const found = new Map<string, Values>();
  const { read } = to.stream;
  if (read === false) return found;
  for (const [attribute, { field }] of Object.entries(to.spec.fields)) {
    const type = to.mapping.entity.attributes[attribute]?.type;
    if (field === undefined || type === undefined || !KEYS.has(type) || !read.lookupBy.includes(field))
      continue;
    const keys = new Set<string>();
    for (const { values } of from.records) {
      if (keys.size >= MOST_KEYS) break;
      if (isEmpty(values[attribute])) continue;
      const { fields } = await to.mapping.out(values, [attribute], () => undefined);
      if (typeof fields[field] === 'string') keys.add(fields[field]);
    }
    const records = await lookUpSample(to.tool, to.stream, to.mapping.readFields, field, [...keys], signal);
    const seen = admitted(to, records);
    for (const { id, values } of await lookAt(to.mapping, seen)) found.set(id, values);
  }
  return found;
}
