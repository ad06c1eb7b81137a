import { CONNECTORS } from '../../../connectors/registry.ts';
import { formatProblem } from '../../../mappings/problem.ts';
import { secretsOf } from '../../config/secrets.ts';
import { createLog } from '../../runtime/log.ts';
import { objectsOf } from '../../runtime/tools.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { readConfigFolder } from '../session.ts';
import { checkBudget } from './check/budget.ts';
import { type ConnectionCheck, probe } from './check/connection.ts';
import { checkMappings, type Reported } from './check/mappings.ts';

const ORDER = ['error', 'warning', 'info'];

export const checkCommand: Command = {
  name: 'check',
  usage: 'check',
  summary: "config, credentials, and how each mapping fits its tool's live schema; with fixes",
  details: `  Reads the schemas only: no record is read or written. Exit 2 when a sync would fail as things are.`,
  options: {},
  words: { min: 0, max: 0 },
  async run(session) {
    const config = await readConfigFolder(session);
    const log = createLog(session.env.LOG_LEVEL ?? 'error', secretsOf(config));
    const { timeZone } = config.hub;
    const options = { fetch, now: session.now, random: Math.random, log, signal: session.signal, timeZone };
    const probes = await Promise.all(
      Object.values(config.connections).map((connection) =>
        probe(connection, CONNECTORS[connection.type]!, objectsOf(config, connection.name), options),
      ),
    );
    const connections = probes.map(({ check }) => check);
    const findings = probes
      .flatMap((found) => [
        ...checkMappings(config, found),
        ...checkBudget(config, found.check, session.now()),
      ])
      .sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
    const broken = connections.filter(({ state }) => state !== 'ok' && state !== 'unused');
    const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
    const errors = count('error') + broken.length;
    const result = {
      status: errors > 0 ? 'failing' : count('warning') > 0 ? 'warnings' : 'ok',
      errors,
      warnings: count('warning'),
      connections,
      findings,
    };
    session.out.result(result, text(connections, findings, errors));
    return errors > 0 ? 2 : 0;
  },
};

function text(
  connections: readonly ConnectionCheck[],
  findings: readonly Reported[],
  errors: number,
): string {
  const lines = [
    table(
      ['connection', 'type', 'state', 'calls'],
      connections.map(({ name, type, state, calls }) => [name, type, state, calls]),
    ),
  ];
  for (const { name, state, message, hint } of connections)
    if (message !== undefined)
      lines.push('', `${name} is ${state}: ${message}`, ...(hint ? [`  fix: ${hint}`] : []));
  for (const finding of findings) lines.push('', findingText(finding));
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const n = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  lines.push(
    '',
    errors > 0
      ? `${n(errors, 'error')}, ${n(warnings, 'warning')}: a sync would not get through as things are.`
      : `${n(warnings, 'warning')}. Nothing stands in the way of a sync: 'nayose plan' shows what it would do.`,
  );
  return lines.join('\n');
}

function findingText({ severity, connection, mapping, place, message, fix }: Reported): string {
  if (place)
    return formatProblem({
      severity: severity === 'error' ? 'error' : 'warning',
      place,
      message: severity === 'info' ? `(for information) ${message}` : message,
      ...(fix === undefined ? {} : { fix }),
    }).replace(': warning: (for information) ', ': info: ');
  return [
    `${connection}${mapping ? ` ${mapping}` : ''}: ${severity}: ${message}`,
    ...(fix ? [`  fix: ${fix}`] : []),
  ].join('\n');
}
