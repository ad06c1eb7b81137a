import { CONNECTORS } from '../../../connectors/registry.ts';
import { formatProblem } from '../../../mappings/problem.ts';
import type { Reported } from '../../check/mappings.ts';
import { checkHub, type Report } from '../../check/report.ts';
import { LARGEST_SAMPLE, USUAL_SAMPLE } from '../../check/sample.ts';
import { secretsOf } from '../../config/secrets.ts';
import { createLog } from '../../runtime/log.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { readConfigFolder } from '../session.ts';

export const checkCommand: Command = {
  name: 'check',
  usage: 'check [MAPPING] [--sample N]',
  summary: "config, credentials, and how each mapping fits its tool's live schema; with fixes",
  details: `  MAPPING    only this one, against the tools that it shares a sync with
  --sample   records that are read of each object, the oldest ones first (${USUAL_SAMPLE} where it is not said; at most ${LARGEST_SAMPLE});
             0: the schemas alone
  What it costs in API calls: one an object for its schema, and for its records one by 2,000 of Salesforce and by 100
  of HubSpot. The report counts them. No record is written.
  Exit 2 when a sync would surely fail as things are.`,
  options: { sample: { type: 'string' } },
  words: { min: 0, max: 1 },
  async run(session, { values, positionals: [mapping] }) {
    const sample = sampleIn(values.sample as string | undefined);
    const config = await readConfigFolder(session);
    if (mapping !== undefined && !Object.hasOwn(config.mappings, mapping))
      throw new UsageError(
        `there is no mapping '${mapping}'; there are ${Object.keys(config.mappings).join(', ') || 'none'}`,
      );
    const log = createLog(session.env.LOG_LEVEL ?? 'error', secretsOf(config));
    const report = await checkHub(config, CONNECTORS, {
      fetch,
      now: session.now,
      random: Math.random,
      log,
      signal: session.signal,
      sample,
      ...(mapping === undefined ? {} : { about: { mapping } }),
    });
    session.out.result(report, reportText(report));
    return report.errors > 0 ? 2 : 0;
  },
};

function sampleIn(text: string | undefined): number {
  if (text === undefined) return USUAL_SAMPLE;
  const most = Number(text);
  if (!/^\d+$/.test(text) || most > LARGEST_SAMPLE)
    throw new UsageError(`--sample is a count of records from 0 to ${LARGEST_SAMPLE}, not '${text}'`);
  return most;
}

/** The report for people: the tools, the mappings, what was found with its fix, and what it comes to. */
export function reportText({ connections, mappings, findings, errors, warnings, score }: Report): string {
  const lines = [
    table(
      ['connection', 'type', 'state', 'calls'],
      connections.map(({ name, type, state, calls }) => [name, type, state, calls]),
    ),
  ];
  if (mappings.length > 0)
    lines.push(
      '',
      table(
        ['mapping', 'of', 'fields', 'errors', 'warnings', 'score'],
        mappings.map((one) => [
          one.name,
          `${one.connection} ${one.object}`,
          one.fields,
          one.errors,
          one.warnings,
          one.score,
        ]),
      ),
    );
  for (const { name, state, message, hint } of connections)
    if (message !== undefined)
      lines.push('', `${name} is ${state}: ${message}`, ...(hint ? [`  fix: ${hint}`] : []));
  for (const finding of findings) lines.push('', findingText(finding));
  const n = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  lines.push(
    '',
    errors > 0
      ? `Score ${score} of 100. ${n(errors, 'error')}, ${n(warnings, 'warning')}: a sync would not get through as things are.`
      : `Score ${score} of 100. ${n(warnings, 'warning')}. Nothing stands in the way of a sync: 'nayose plan' shows what it would do.`,
  );
  return lines.join('\n');
}

function findingText({ severity, connection, mapping, place, message, fix, example }: Reported): string {
  const shown = example === undefined ? [] : [`  for example: ${example}`];
  if (place)
    return [
      formatProblem({
        severity: severity === 'error' ? 'error' : 'warning',
        place,
        message: severity === 'info' ? `(for information) ${message}` : message,
        ...(fix === undefined ? {} : { fix }),
      }).replace(': warning: (for information) ', ': info: '),
      ...shown,
    ].join('\n');
  return [
    `${connection}${mapping ? ` ${mapping}` : ''}: ${severity}: ${message}`,
    ...(fix ? [`  fix: ${fix}`] : []),
    ...shown,
  ].join('\n');
}
