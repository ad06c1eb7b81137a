import type { Connector } from '../../connectors/contract.ts';
import type { HubConfig } from '../config/types.ts';
import { objectsOf } from '../runtime/tools.ts';
import { checkBudget } from './budget.ts';
import { checkCreateWhen } from './createWhen.ts';
import { checkMappings, type Reported } from './mappings.ts';
import { checkMatches } from './match.ts';
import { lacking } from './permissions.ts';
import { type ConnectionCheck, type Probe, type ProbeOptions, probe } from './probe.ts';
import { checkSamples, peopleOf, readSamples } from './records.ts';
import type { readSample } from './sample.ts';
import { type MappingCheck, scoreOf, totalScore } from './score.ts';

export interface Report {
  /** failing: a sync would surely not get through. */
  status: 'failing' | 'warnings' | 'ok';
  /** 0 to 100. */
  score: number;
  errors: number;
  warnings: number;
  connections: ConnectionCheck[];
  mappings: MappingCheck[];
  /** Errors first. */
  findings: Reported[];
}

export interface CheckOptions extends Omit<ProbeOptions, 'timeZone'> {
  /** Records read of each object; 0: the schemas alone. */
  sample: number;
  /** What is reported on; absent: everything. Of other tools only what it takes is asked. */
  about?: { connection: string } | { mapping: string };
}

const ORDER = ['error', 'warning', 'info'];
const fine = ({ state }: ConnectionCheck) => state === 'ok' || state === 'unused';

/**
 * The compatibility report: credentials, permissions and budgets of the tools, and each mapping against the live schemas and a
 * sample of records on both sides. Writes nothing. What a tool fails with is in the report.
 */
export async function checkHub(
  config: HubConfig,
  connectors: Record<string, Connector>,
  options: CheckOptions,
): Promise<Report> {
  const wanted = connectionsFor(config, options.about);
  const probes = await probeAll(config, connectors, options, wanted);
  return checkProbed(config, probes, options);
}

/** Asks every connection of `wanted`, all of them where it is left out, for the objects that mappings use. */
export const probeAll = (
  config: HubConfig,
  connectors: Record<string, Connector>,
  options: Omit<ProbeOptions, 'timeZone'>,
  wanted: ReadonlySet<string> = new Set(Object.keys(config.connections)),
): Promise<Probe[]> =>
  Promise.all(
    Object.values(config.connections)
      .filter(({ name }) => wanted.has(name))
      .map((connection) =>
        probe(connection, connectors[connection.type]!, objectsOf(config, connection.name), {
          ...options,
          timeZone: config.hub.timeZone,
        }),
      ),
  );

/** The report on tools that were asked already. `reader`: who reads the samples, where they are known already too. */
export async function checkProbed(
  config: HubConfig,
  probes: readonly Probe[],
  options: CheckOptions,
  reader?: typeof readSample,
): Promise<Report> {
  const { about, sample, signal } = options;
  const schemaFindings = probes.flatMap((found) => checkMappings(config, found));
  const { read, findings: unreadable } = await readSamples(config, probes, sample, signal, reader);
  const people = await peopleOf(probes, read, signal);
  const findings = [
    ...(await checkSamples(config, read, schemaFindings, people)),
    ...(await checkMatches(config, read, signal)),
    ...(await checkCreateWhen(config, read)),
    ...(await lacking(config, probes, signal)),
    ...unreadable,
    ...probes.flatMap(({ check }) => checkBudget(config, check, options.now())),
  ];
  for (const { check, tool } of probes) check.calls = tool.calls();
  return reportOf(config, probes, findings, about);
}

function reportOf(
  config: HubConfig,
  probes: readonly Probe[],
  all: readonly Reported[],
  about: CheckOptions['about'],
): Report {
  const findings = all
    .filter((finding) => isAbout(config, finding, about))
    .toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  const connections = probes
    .map(({ check }) => check)
    .filter(({ name }) => about === undefined || !('connection' in about) || about.connection === name);
  const reached = new Set(connections.filter(fine).map(({ name }) => name));
  const used = new Set(
    Object.values(config.syncs).flatMap(({ members }) => members.map(({ mapping }) => mapping)),
  );
  const mappings = Object.values(config.mappings)
    .filter(({ name, connection }) => {
      if (!used.has(name)) return false;
      if (about === undefined) return true;
      return 'mapping' in about ? about.mapping === name : about.connection === connection;
    })
    .map((spec) => scoreOf(spec, findings, reached.has(spec.connection)));
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const errors = count('error') + connections.filter((check) => !fine(check)).length;
  const warnings = count('warning');
  return {
    status: errors > 0 ? 'failing' : warnings > 0 ? 'warnings' : 'ok',
    score: totalScore(mappings),
    errors,
    warnings,
    connections,
    mappings,
    findings,
  };
}

function isAbout(config: HubConfig, finding: Reported, about: CheckOptions['about']): boolean {
  if (about === undefined) return true;
  if ('connection' in about) return finding.connection === about.connection;
  if (finding.mapping !== undefined)
    return finding.mapping === about.mapping || finding.with === about.mapping;
  return finding.connection === config.mappings[about.mapping]!.connection;
}

/** The connections to ask: for one of them, those that it shares a sync with too. */
function connectionsFor(config: HubConfig, about: CheckOptions['about']): Set<string> {
  if (about === undefined) return new Set(Object.keys(config.connections));
  const own = (mapping: string) =>
    'mapping' in about
      ? about.mapping === mapping
      : config.mappings[mapping]!.connection === about.connection;
  const wanted = new Set([
    'mapping' in about ? config.mappings[about.mapping]!.connection : about.connection,
  ]);
  for (const { members } of Object.values(config.syncs))
    if (members.some(({ mapping }) => own(mapping)))
      for (const { mapping } of members) wanted.add(config.mappings[mapping]!.connection);
  return wanted;
}
