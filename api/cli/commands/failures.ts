import { dropAside, retryAside } from '../../../core/store/aside.ts';
import { retryFailures } from '../../../core/store/failures.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { type FailureGroup, failureGroups } from './failures/groups.ts';

const SAMPLES = 5;

export const failuresCommand: Command = {
  name: 'failures',
  usage: 'failures [--retry | --drop]',
  summary: 'deliveries that need someone, grouped by cause, each with its fix',
  details: `  --retry makes everything that was refused or held due again. It calls no tool: the next sync sends it
  ('nayose sync', or the next scheduled run of a hub that serves). Webhooks that were set aside are taken in once more
  by a hub that serves.
  --drop forgets the webhooks that were set aside.`,
  options: { retry: { type: 'boolean' }, drop: { type: 'boolean' } },
  words: { min: 0, max: 0 },
  run: (session, { values }) =>
    withHub<0>(session, async (hub) => {
      const { db } = hub.store;
      if (values.retry === true && values.drop === true)
        throw new UsageError('--retry and --drop exclude each other');
      const groups = await failureGroups(db, hub);
      if (values.drop === true) {
        const dropped = { webhooks: await dropAside(db) };
        session.out.result(
          { groups, dropped },
          `${count(dropped.webhooks, 'webhook')} that ${dropped.webhooks === 1 ? 'was' : 'were'} set aside forgotten.`,
        );
        return 0;
      }
      if (values.retry !== true) {
        session.out.result({ groups }, failuresText(groups));
        return 0;
      }
      const retried = {
        ...(await retryFailures(db, Object.keys(hub.config.mappings), session.now().toISOString())),
        webhooks: await retryAside(db),
      };
      const text =
        retried.values + retried.records + retried.webhooks === 0
          ? 'Nothing is held or refused: there is nothing to try again.'
          : `${count(retried.values, 'refused value')} and ${count(retried.records, 'held record')} will be tried again by the next sync.\nRun 'nayose sync' to do it now.${retried.webhooks > 0 ? `\n${count(retried.webhooks, 'webhook')} will be taken in again by a hub that serves.` : ''}`;
      session.out.result({ groups, retried }, text);
      return 0;
    }),
};

const count = (n: number, one: string) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

function failuresText(groups: readonly FailureGroup[]): string {
  if (groups.length === 0) return 'Nothing needs you: every value was read, and every write was taken.';
  const lines: string[] = [];
  for (const { cause, connection, object, field, count: n, fix, items } of groups) {
    lines.push(`${cause}: ${connection} ${object}${field ? ` ${field}` : ''}, ${n.toLocaleString('en')}`);
    lines.push(`  fix: ${fix}`);
    for (const { golden, record, message, value, rounds } of items.slice(0, SAMPLES)) {
      const what = value === undefined ? '' : ` ${JSON.stringify(value)}:`;
      lines.push(`  - ${record || golden}:${what} ${message}`);
      for (const { at, wrote, became } of rounds?.slice(-SAMPLES) ?? [])
        lines.push(`      ${at} ${JSON.stringify(wrote)} became ${JSON.stringify(became)}`);
    }
    if (items.length > SAMPLES) lines.push(`    … and ${(items.length - SAMPLES).toLocaleString('en')} more`);
    lines.push('');
  }
  lines.push("'nayose explain RECORD' shows one of them whole; --json lists every item.");
  return lines.join('\n');
}
