import { ConnectorError, type Fields, type Person, type Problem } from '../../connectors/contract.ts';
import { checkAcross, weighedKey } from '../../mappings/checkAcross.ts';
import { unmappedCurrency } from '../../mappings/checkCurrency.ts';
import type { People } from '../../mappings/checkOwners.ts';
import { checkRecords } from '../../mappings/checkRecords.ts';
import { checkAdmitted, isJudged } from '../../mappings/checkWhere.ts';
import { compileMapping } from '../../mappings/compile.ts';
import type { Finding } from '../../mappings/finding.ts';
import { lookAt, nameOf, type Sampled } from '../../mappings/sampled.ts';
import { type HubConfig, objectOf } from '../config/types.ts';
import type { LiveTool } from '../runtime/tools.ts';
import { type Reported, specsOf } from './mappings.ts';
import type { Probe } from './probe.ts';
import { readSample } from './sample.ts';

/** A mapping's sample, with what it was read by. */
export interface Read extends Sampled {
  tool: LiveTool;
  /** The tool has no more records than these. */
  whole: boolean;
}

/** Reads a sample of every object that mappings use: a mapping's own records, and why those of some could not be read. */
export async function readSamples(
  config: HubConfig,
  probes: readonly Probe[],
  sample: number,
  signal: AbortSignal,
  reader: typeof readSample = readSample,
): Promise<{ read: Map<string, Read>; findings: Reported[] }> {
  const read = new Map<string, Read>();
  const findings: Reported[] = [];
  const one = async ({ tool, streams, check }: Probe) => {
    if (check.state !== 'ok') return;
    for (const { spec, read: reads, write, create } of specsOf(config, check.name)) {
      const stream = streams.get(spec.object);
      if (!stream) continue;
      const mapping = compileMapping(spec, {
        entity: config.entities[spec.entity]!,
        schema: stream.fields,
        open: stream.open ?? false,
        objectOf: (entity) => objectOf(config, spec.connection, entity),
        ...config.hub,
      });
      const currency = unmappedCurrency({ spec, stream });
      const asked = [...mapping.readFields, ...(currency ? [currency.name] : [])];
      const found = await reader(tool, stream, asked, reads ? sample : 0, signal);
      if (found instanceof ConnectorError)
        findings.push({
          connection: check.name,
          mapping: spec.name,
          object: spec.object,
          kind: 'object-unreadable',
          severity: 'error',
          message: `records of ${nameOf({ spec })} cannot be read: ${found.message}`,
          ...(found.hint ? { fix: found.hint } : {}),
          place: spec.places.object,
        });
      const { records, whole, problems } =
        found instanceof ConnectorError ? { records: [], whole: false, problems: [] } : found;
      const about = { connection: check.name, mapping: spec.name, object: spec.object };
      findings.push(...setAside(problems, records.length, nameOf({ spec }), about, spec.places.object));
      findings.push(...checkAdmitted({ spec, stream }, records).map((one) => ({ ...one, ...about })));
      read.set(spec.name, {
        spec,
        mapping,
        stream,
        tool,
        reads: reads && stream.read !== false,
        writes: write && stream.write !== false,
        creates: create && stream.write !== false,
        timeZone: config.hub.timeZone,
        // What `where` leaves out the hub never sees.
        records: await lookAt(mapping, admitted({ spec, stream, mapping }, records)),
        whole,
      });
    }
  };
  await Promise.all(probes.map(one));
  return { read, findings };
}

/** Rows that a sync's reader would set aside too, so that it would not end complete. */
function setAside(
  problems: readonly Problem[],
  read: number,
  name: string,
  about: Pick<Reported, 'connection' | 'mapping' | 'object'>,
  place: Finding['place'],
): Reported[] {
  const [first] = problems;
  if (!first) return [];
  const where = first.line === undefined ? '' : `line ${first.line}: `;
  return [
    {
      ...about,
      kind: 'set-aside',
      severity: 'warning',
      message: `${problems.length} ${problems.length === 1 ? 'row' : 'rows'} of ${name} would be set aside, as ${where}${first.message}`,
      fix: 'mend them in the file: a sync goes on without them and ends incomplete, and names each with its line',
      count: problems.length,
      of: read + problems.length,
      ...(place ? { place } : {}),
    },
  ];
}

/** The records that the hub would see; all of them where samples do not tell. */
export const admitted = <T extends { fields: Fields }>(
  { spec, stream, mapping }: Pick<Sampled, 'spec' | 'stream' | 'mapping'>,
  records: readonly T[],
): readonly T[] =>
  isJudged(spec, stream) ? records.filter(({ fields }) => mapping.admits(fields)) : records;

/** Pairs of members of one sync, the one that is read first: what the hub would carry from one to the other. */
export function pairsOf(config: HubConfig, read: ReadonlyMap<string, Read>): [from: Read, to: Read][] {
  const pairs = new Map<string, [Read, Read]>();
  for (const { members } of Object.values(config.syncs))
    for (const { mapping: from, mode } of members)
      for (const { mapping: to, mode: written } of members) {
        const [source, target] = [read.get(from), read.get(to)];
        if (from === to || mode === 'write' || written === 'read' || !source || !target) continue;
        if (source.reads && target.writes) pairs.set(`${from} ${to}`, [source, target]);
      }
  return [...pairs.values()];
}

/** The users of every tool in which a mapping names an owner. A tool that does not tell them is left out. */
export async function peopleOf(
  probes: readonly Probe[],
  read: ReadonlyMap<string, Read>,
  signal: AbortSignal,
): Promise<People> {
  const people = new Map<string, readonly Person[]>();
  for (const { tool } of probes) {
    const named = [...read.values()].some(
      ({ spec, stream, records }) =>
        spec.connection === tool.name &&
        records.length > 0 &&
        stream.fields.some(
          (field) => field.owner && Object.values(spec.fields).some((one) => one.field === field.name),
        ),
    );
    if (!named || !tool.connector.people) continue;
    const ctx = tool.context(signal);
    try {
      people.set(tool.name, await tool.connector.people(ctx));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      ctx.log.info('the tool does not tell its users', { connection: tool.name, error: error.message });
    }
  }
  return people;
}

/**
 * What the sampled records show, together with what the schemas alone did: a finding that records bear out takes the place of
 * the mere possibility, and one that they do not is for information.
 */
export async function checkSamples(
  config: HubConfig,
  read: ReadonlyMap<string, Read>,
  schemaFindings: readonly Reported[],
  people: People,
): Promise<Reported[]> {
  const found: Reported[] = [];
  const weighed = new Map<string, number>();
  const where = ({ spec }: Read, findings: readonly Finding[], other?: Read) =>
    found.push(
      ...findings.map((finding) => ({
        ...finding,
        connection: spec.connection,
        mapping: spec.name,
        object: spec.object,
        ...(other ? { with: other.spec.name } : {}),
      })),
    );
  for (const one of read.values()) where(one, await checkRecords(one));
  for (const [from, to] of pairsOf(config, read)) {
    const across = await checkAcross(from, to, people);
    where(to, across.findings, from);
    for (const [key, count] of across.weighed) weighed.set(key, (weighed.get(key) ?? 0) + count);
  }
  const places = (kind: Finding['kind'], own: (finding: Reported) => string | undefined) =>
    new Set(found.filter((one) => one.kind === kind).map((one) => `${own(one)} ${one.attribute}`));
  const unstable = places('unstable', ({ mapping }) => mapping);
  const owners = places('owner', (finding) => finding.with);
  // One cause is told once: a way that does not come back to where it began loses from both sides, and an owner without a
  // partner is in no list of values.
  const records = found.filter(({ kind, mapping, attribute }) => {
    if (kind === 'lossy') return !unstable.has(`${mapping} ${attribute}`);
    return kind !== 'option-unmapped' || !owners.has(`${mapping} ${attribute}`);
  });
  const keyOf = ({ mapping, kind, attribute }: Reported) => weighedKey(mapping ?? '', kind, attribute ?? '');
  const shown = new Set(records.map(keyOf));
  // That types differ is only the reason for what records show.
  for (const finding of records)
    if (finding.kind === 'refused' || finding.kind === 'lossy')
      shown.add(keyOf({ ...finding, kind: 'type' }));
  const rest = schemaFindings.flatMap((finding): Reported[] => {
    const key = keyOf(finding);
    if (finding.attribute === undefined) return [finding];
    if (shown.has(key)) return [];
    const count = weighed.get(key) ?? 0;
    if (count === 0 || finding.severity !== 'warning') return [finding];
    return [
      {
        ...finding,
        severity: 'info',
        message: `${finding.message} (none of the ${count} records of other tools that were looked at)`,
      },
    ];
  });
  return [...rest, ...records];
}
