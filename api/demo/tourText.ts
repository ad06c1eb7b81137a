import type { PlannedWrite } from '../../core/sync/dry.ts';
import type { Cost } from '../cli/commands/plan/cost.ts';
import type { SyncReport } from '../cli/commands/sync.ts';
import { table } from '../cli/out.ts';

const n = (count: number) => count.toLocaleString('en');
/** Fields of one sample write shown. */
const FIELDS = 4;

/** The plan in a few lines: sums, its price, and one update in each tool. */
export function planLines(plan: {
  cost: readonly Cost[];
  writes: readonly PlannedWrite[];
  report: SyncReport;
  seconds: number;
}): string[] {
  const { report } = plan;
  const lines = [
    `${n(report.read)} records are ${n(report.golden)} people and companies: ${n(Math.max(0, report.read - report.golden))} are a further record of one that is there already.`,
    `${n(report.reviews)} pairs are doubtful and left for a person.`,
    ...table(
      ['tool', 'object', 'create', 'update', 'API calls'],
      plan.cost.map((row) => [row.connection, row.object, row.create, row.update, row.calls]),
    ).split('\n'),
  ];
  for (const connection of ['crm', 'ma']) {
    const sample = plan.writes.find(
      (write) => write.op === 'update' && write.connection === connection && write.changes.length > 1,
    );
    if (!sample) continue;
    lines.push(`For example, ${connection} ${sample.object} ${sample.id}:`);
    for (const { field, from, to, why } of sample.changes.slice(0, FIELDS))
      lines.push(
        `  ${field}: ${JSON.stringify(from)} → ${JSON.stringify(to)}   from ${why.replace(/T.*Z/, '')}`,
      );
    const more = sample.changes.length - FIELDS;
    if (more > 0) lines.push(`  and ${more} more field${more === 1 ? '' : 's'}`);
  }
  lines.push(`(${plan.seconds.toFixed(1)} s)`);
  return lines;
}

/** What a run did, in words. */
export function reportLines(report: SyncReport, least: Record<string, number>): string[] {
  const sums: [string, number, string][] = [
    ['read', report.read, 'records, from both tools'],
    ['linked', report.linked, 'records, with others of the same person or company'],
    ['merged', report.merged, 'golden records, folded into another when more came to light'],
    ['created', report.created, 'records, in the tool that lacked them'],
    ['updated', report.updated, 'records, only in the fields that differed'],
    ['left for review', report.reviews, 'doubtful pairs; nothing is merged on a doubt'],
    ['refused', report.failed, 'values that a tool would not take; the rest of their records arrived'],
  ];
  const lines = table(
    ['what', 'how many', ''],
    sums.map(([what, count, note]) => [what, n(count), note]),
  )
    .split('\n')
    .slice(1);
  if (report.failed > 0)
    lines.push('In a hub of your own, `nayose failures` names each refused value, with its cause and fix.');
  lines.push(`Status: ${report.status}, in ${report.seconds} s.`);
  for (const { message, hint } of report.reasons) lines.push(`  ${message}${hint ? ` ${hint}` : ''}`);
  const calls = Object.entries(report.apiCalls).map(
    ([name, count]) => `${name} ${n(count)} (least possible: ${n(least[name] ?? 0)})`,
  );
  lines.push(
    `API calls: ${calls.join(', ')}.`,
    'Least possible: one login, one description of each object, full pages and full batches, nothing refused.',
  );
  return lines;
}
