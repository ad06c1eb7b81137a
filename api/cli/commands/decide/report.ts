import { decisionText } from '../../../../core/sync/decisionError.ts';
import type { Outcome } from '../../../../core/sync/outcome.ts';

/** An outcome as programs see it: the same from the command line and over HTTP. */
export const decided = ({ act, ...rest }: Outcome) => ({ decision: act ?? null, ...rest });

const MOST = 10;

/** The same for people. */
export function decidedText(outcome: Outcome): string {
  const { act, already, overruled, revived, still, golden, writes, notReturned } = outcome;
  const lines: string[] = [];
  if (!act) lines.push('Nothing to do: it was decided before.', ...some(already.map(decisionText)));
  else if (act.undoneAt)
    lines.push(
      `Undone by ${act.undoneBy}: ${act.kind} ${act.asked.join(' ')} (decision ${act.id}, by ${act.by}).`,
    );
  else lines.push(`Decided: ${act.kind} ${act.asked.join(' ')} (decision ${act.id}, by ${act.by}).`);
  if (overruled.length > 0) lines.push('Ended by it:', ...some(overruled.map(decisionText)));
  if (revived.length > 0) lines.push('In force again:', ...some(revived.map(decisionText)));
  if (still.length > 0)
    lines.push('Still one golden record. Other links hold in it:', ...some(still.map(decisionText)));
  for (const { id, name, version, records } of golden)
    lines.push(`${id}  ${name || '(no name)'}, version ${version}`, ...some(records));
  if (writes.length === 0) lines.push('Every tool shows this already: nothing is to be written.');
  else {
    lines.push('To be written by the next sync:');
    lines.push(
      ...some(
        writes.map(
          ({ connection, object, op, id, changes }) =>
            `${op} ${connection} ${object} ${id ?? ''}${changes.map(({ field, from, to }) => `\n      ${field}: ${shown(from)} → ${shown(to)}`).join('')}`,
        ),
      ),
    );
  }
  if (notReturned.length > 0)
    lines.push(
      'Cannot be given back:',
      ...some(
        notReturned.map(
          ({ record, attribute, why }) => `${record}${attribute ? ` ${attribute}` : ''}: ${why}`,
        ),
      ),
    );
  return lines.join('\n');
}

const shown = (value: unknown) => (value === null || value === undefined ? '(empty)' : JSON.stringify(value));

const some = (lines: readonly string[]) => [
  ...lines.slice(0, MOST).map((line) => `    ${line}`),
  ...(lines.length > MOST ? [`    … and ${lines.length - MOST} more (--json lists all)`] : []),
];
