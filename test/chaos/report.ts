/** What the chaos test tells: figures, or which law was broken, by which records, and how to see it again. */
import type { ChapterResult } from './chapter.ts';
import { LawBroken } from './laws.ts';
import { RoundsFailed } from './rounds.ts';

const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');

export function reportResult(result: ChapterResult): string {
  return [
    `${result.rounds} rounds in ${result.seconds.toFixed(0)} s, ${result.kills} kill -9: every law held`,
    `people: ${list(result.acts)}`,
    `faults in ${result.calls} calls: ${list(result.faults)}`,
    `webhooks: ${list(result.hooks)}`,
    `runs: ${list(result.runs)}; 'complete' under faults proven ${result.proven} times`,
    `written: ${result.created} created, ${result.updated} updated, at most ${result.mostWrites} times into one record`,
    `compared: ${result.compared} values in both tools, ${result.looked} attributes that people had edited`,
    '',
  ].join('\n');
}

export function reportFailure(error: unknown): string {
  if (!(error instanceof RoundsFailed)) return `${(error as Error).stack}\n`;
  const { repeat, failure } = error;
  const law = failure.cause instanceof LawBroken ? failure.cause : undefined;
  return [
    `chaos: round ${failure.round} of seed ${repeat.seed} (${repeat.database})`,
    law ? `law broken: ${law.law}: ${law.message}` : String((failure.cause as Error).stack),
    ...(law?.records ?? []).map((record) => `  ${JSON.stringify(record)}`),
    'the hub said last:',
    ...failure.log.trim().split('\n').slice(-15),
    `again: npm run chaos -- --seed ${repeat.seed} --rounds ${repeat.rounds} --database ${repeat.database}`,
    '',
  ].join('\n');
}
