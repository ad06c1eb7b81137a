import type { Problem } from '../../connectors/contract.ts';
import type { RunRow, StreamProgress } from '../store/runs.ts';
import type { Member } from './ports.ts';

/** So many rows of a stream are named one by one: a file of a million bad rows must not become a report of a million lines. */
export const MOST_NAMED = 100;

/** Says in the run's reasons which rows the tool's reader set aside; of very many, the first, and how many more there are. */
export function nameAside(
  run: Pick<RunRow, 'reasons'>,
  { tool, mapping: { object } }: Member,
  stream: StreamProgress,
  problems: readonly Problem[],
): void {
  if (problems.length === 0) return;
  const before = stream.aside ?? 0;
  stream.aside = before + problems.length;
  const named = problems.slice(0, Math.max(0, MOST_NAMED - before));
  const code = 'unreadable';
  for (const { line, message } of named)
    run.reasons.push({
      code,
      connection: tool.name,
      message: `${object}${line === undefined ? '' : ` line ${line}`}: ${message}`,
    });
  const count = stream.aside - MOST_NAMED;
  if (count <= 0) return;
  const rest = {
    count,
    message: `${object}: ${count} more ${count === 1 ? 'row' : 'rows'}`,
    hint: 'The log names each of them with its line.',
  };
  const said = run.reasons.find(
    (one) => one.code === code && one.connection === tool.name && one.object === object,
  );
  if (said) Object.assign(said, rest);
  else run.reasons.push({ code, connection: tool.name, object, ...rest });
}
