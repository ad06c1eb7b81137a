/** What the chaos test tells: figures, or which law was broken, by which records, and how to see it again. */
import type { ChapterResult } from './chapter.ts';
import type { KillsResult } from './killing.ts';
import { LawBroken } from './laws.ts';
import { type Broken, RoundsFailed } from './rounds.ts';
import type { StormResult } from './storm.ts';

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

/** Without what is empty. */
const short = (value: unknown) =>
  JSON.stringify(value, (_, one: unknown) => (one === null || one === '' || one === false ? undefined : one));

export const reportKills = ({ kills, worlds, created, seconds }: KillsResult) =>
  `${kills} kill -9 in ${worlds} first syncs, ${created} records created, ${seconds.toFixed(0)} s: 0 lost, 0 doubled`;

export const reportStorm = (storm: StormResult) =>
  [
    `${storm.records} records, ${storm.created} created in ${storm.runs.length} runs (${storm.runs.join(', ')}): 0 lost, 0 doubled, 0 no-op writes`,
    `calls: ${storm.stormCalls}, ${storm.ratio.toFixed(2)} times the ${storm.quietCalls} of quiet weather`,
    `faults: ${list(storm.faults)}`,
    `${storm.stormSeconds.toFixed(0)} s; quiet ${storm.quietSeconds.toFixed(0)} s`,
  ].join('\n');

/** `command`: what was typed; `seed`: the one it ran with, typed or not. */
export function reportFailure(error: unknown, command: string, seed: number): string {
  if (error instanceof LawBroken)
    return [
      `chaos: law broken: ${error.law}: ${error.message}`,
      ...error.records.map((record) => `  ${short(record)}`),
      `again: ${command}${command.includes('--seed') ? '' : ` --seed ${seed}`}`,
      '',
    ].join('\n');
  if (!(error instanceof RoundsFailed)) return `${(error as Error).stack}\n`;
  const { broken, held } = error;
  return [
    ...broken.flatMap(reportBroken),
    `${broken.length} chapters broke a law; ${held ? `in the others: ${reportResult(held)}` : 'no other was played'}`,
  ].join('\n');
}

function reportBroken({ repeat, failure }: Broken): string[] {
  const law = failure.cause instanceof LawBroken ? failure.cause : undefined;
  return [
    `chaos: round ${failure.round} of seed ${repeat.seed} (${repeat.database})`,
    law ? `law broken: ${law.law}: ${law.message}` : String((failure.cause as Error).stack),
    ...(law?.records ?? []).map((record) => `  ${short(record)}`),
    ...failure.golden.map((golden) => `golden: ${short(golden)}`),
    'the hub said last:',
    ...failure.log
      .trim()
      .split('\n')
      .filter((line) => !line.includes('"message":"request"'))
      .slice(-12),
    `again: npm run chaos -- --seed ${repeat.seed} --rounds ${repeat.rounds} --database ${repeat.database}`,
    '',
  ];
}
