import { type ConnectorError, ConnectorError as Failure } from '../../connectors/contract.ts';
import { CONNECTORS } from '../../connectors/registry.ts';
import { PRESETS } from '../../mappings/presets/index.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { type Flaw, mend, type Use } from '../../mappings/propose/mend.ts';
import { type Proposal, propose, type Side } from '../../mappings/propose/propose.ts';
import type { ConnectionCheck, Probe } from '../check/probe.ts';
import { type CheckOptions, checkProbed, probeAll, type Report } from '../check/report.ts';
import { readSample, type Sample } from '../check/sample.ts';
import type { Env } from '../config/env.ts';
import { type ConfigFiles, readConfig } from '../config/read.ts';
import { type BuiltinEntity, type Choices, scaffold } from '../config/scaffold.ts';
import type { HubConfig } from '../config/types.ts';

/** A tool did not let the hub in: nothing was written. */
export class NotLetIn extends Error {
  readonly check: ConnectionCheck;

  constructor(check: ConnectionCheck) {
    super(`${check.name} (${check.type}) is ${check.state}: ${check.message ?? ''}`);
    this.name = 'NotLetIn';
    this.check = check;
  }
}

export interface Draft {
  proposals: Map<BuiltinEntity, Proposal>;
  uses: Map<string, Use>;
  /** What `check` says of the folder. */
  report: Report;
}

/** Beyond this a sample's address grows too long for the tools. */
const MOST_NAMES = 6000;
const ROUNDS = 6;

/**
 * A mapping for accounts as they are: logs in, reads the schemas and a sample of records, proposes, and mends the proposal until
 * `check` has nothing to say or nothing can be done about it. `choices` names only tools whose credentials are in `env`.
 * Throws NotLetIn. Writes nothing anywhere.
 */
export async function draft(choices: Choices, env: Env, options: CheckOptions): Promise<Draft> {
  const first = configOf(scaffold(choices), env);
  const probes = await probeAll(first, CONNECTORS, options);
  for (const { check } of probes)
    if (check.state !== 'ok' && check.state !== 'unused') throw new NotLetIn(check);
  const reader = remembering();
  const proposals = new Map<BuiltinEntity, Proposal>();
  for (const [entity, specs] of byEntity(first)) {
    const sides: Side[] = [];
    for (const { name, connection, object, preset } of specs) {
      const { tool, streams } = probes.find(({ check }) => check.name === connection)!;
      const stream = streams.get(object);
      if (!stream || preset === undefined) continue;
      const found = await reader(tool, stream, [], options.sample, options.signal);
      const records = found instanceof Failure ? [] : found.records;
      sides.push({ mapping: name, preset: PRESETS[preset]!, stream, records });
    }
    proposals.set(entity, propose(first.entities[entity]!, sides, first.hub));
  }
  const uses = new Map(
    Object.values(first.syncs).flatMap(({ members }) =>
      members.map(({ mapping }) => [mapping, { mode: 'both', create: true } as Use] as const),
    ),
  );
  for (let round = 1; ; round++) {
    const config = configOf(scaffold({ ...choices, proposals, uses }), env);
    const report = await checkProbed(config, probes, options, reader);
    if (round === ROUNDS || !improve(config, probes, proposals, uses, report))
      return { proposals, uses, report };
  }
}

/** Answers what can be answered of a report. false: nothing. */
function improve(
  config: HubConfig,
  probes: readonly Probe[],
  proposals: ReadonlyMap<BuiltinEntity, Proposal>,
  uses: Map<string, Use>,
  { findings }: Report,
): boolean {
  let changed = false;
  const touched = new Set<string>();
  for (const finding of findings) {
    const spec = finding.mapping === undefined ? undefined : config.mappings[finding.mapping];
    const proposal = spec && proposals.get(spec.entity as BuiltinEntity);
    const stream =
      spec && probes.find(({ check }) => check.name === spec.connection)!.streams.get(spec.object);
    // One answer at a time: the next report shows what is left of the others.
    const place = `${finding.mapping} ${finding.attribute ?? finding.kind}`;
    if (!spec || !proposal?.lines.has(spec.name) || !stream || touched.has(place)) continue;
    const flaw: Flaw = { finding, spec, preset: PRESETS[spec.preset!]!, stream };
    if (!mend(proposal, uses, flaw)) continue;
    touched.add(place);
    changed = true;
  }
  return changed;
}

function configOf(files: ConfigFiles, env: Env): HubConfig {
  const result = readConfig(files, { env, connectors: CONNECTORS });
  if ('problems' in result)
    throw new Error(`init wrote a config that is wrong:\n${result.problems.map(formatProblem).join('\n')}`);
  return result.config;
}

function byEntity({ mappings }: HubConfig) {
  const groups = new Map<BuiltinEntity, HubConfig['mappings'][string][]>();
  for (const spec of Object.values(mappings)) {
    const entity = spec.entity as BuiltinEntity;
    groups.set(entity, [...(groups.get(entity) ?? []), spec]);
  }
  return groups;
}

/** Reads each stream once, with every field that might be mapped. */
function remembering(): typeof readSample {
  const known = new Map<string, Promise<Sample | ConnectorError>>();
  return (tool, stream, _fields, most, signal) => {
    const key = `${tool.name} ${stream.name}`;
    const names: string[] = [];
    let length = 0;
    for (const { name, type } of stream.fields) {
      length += name.length + 2;
      if (type !== 'json' && length < MOST_NAMES) names.push(name);
    }
    const sample = known.get(key) ?? readSample(tool, stream, names, most, signal);
    known.set(key, sample);
    return sample;
  };
}
