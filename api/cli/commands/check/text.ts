import { formatProblem } from '../../../../mappings/problem.ts';
import type { Reported } from '../../../check/mappings.ts';
import type { Report } from '../../../check/report.ts';
import { LARGEST_SAMPLE, USUAL_SAMPLE } from '../../../check/sample.ts';
import { UsageError } from '../../args.ts';
import { table } from '../../out.ts';

/** `--sample`: how many records to read of each object. */
export function sampleIn(text: string | undefined): number {
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
  for (const alike of gathered(findings)) lines.push('', findingText(alike[0]!), ...others(alike));
  lines.push('', scoreLine({ errors, warnings, score }));
  return lines.join('\n');
}

/** What the report comes to. */
export function scoreLine({
  errors,
  warnings,
  score,
}: Pick<Report, 'errors' | 'warnings' | 'score'>): string {
  const n = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  return errors > 0
    ? `Score ${score} of 100. ${n(errors, 'error')}, ${n(warnings, 'warning')}: a sync would not get through as things are.`
    : `Score ${score} of 100. ${n(warnings, 'warning')}. Nothing stands in the way of a sync: 'nayose plan' shows what it would do.`;
}

/** What is said of one line in the same words, as of a preset whose fields are not there, is said once. */
function gathered(findings: readonly Reported[]): Reported[][] {
  const groups = new Map<string, Reported[]>();
  for (const finding of findings) {
    const { kind, severity, place, fix, example, count } = finding;
    const alone = kind !== 'field-missing' || !place || example !== undefined || count !== undefined;
    const key = alone ? String(groups.size) : JSON.stringify([kind, severity, place, fix]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

const others = ([, ...rest]: readonly Reported[]): string[] =>
  rest.length === 0 ? [] : [`  the same of ${rest.map(({ field }) => field).join(', ')}`];

/** A finding with its place, its fix and an example. */
export function findingText({
  severity,
  connection,
  mapping,
  place,
  message,
  fix,
  example,
}: Reported): string {
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
