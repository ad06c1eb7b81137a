import type { PlanResult } from '../../../../core/sync/dry.ts';
import { counted, table } from '../../out.ts';
import { pushedText } from '../sync.ts';
import type { Cost } from './cost.ts';

/** Of each kind, so many are shown. */
const SAMPLES = 5;
/** Why the exit code is 2, by status. */
const WHY_TWO: Record<string, string> = {
  incomplete: 'This plan is incomplete, and what is missing may lead to other writes:',
  halted: 'A sync would be halted by a guard before its first write:',
};
const n = (count: number) => count.toLocaleString('en');

/** What a plan says on the terminal: sums, the price, and samples of everything. */
export function planText(
  plan: Pick<PlanResult, 'writes' | 'links' | 'merges' | 'splits' | 'reviews'>,
  cost: readonly Cost[],
  report: {
    status: string;
    read: number;
    linked: number;
    reviews: number;
    golden: number;
    pushed: Parameters<typeof pushedText>[0]['pushed'];
    reasons: { sync: string; message: string; hint?: string }[];
  },
  out?: string,
): string {
  const { writes } = plan;
  const lines = [
    `Read ${counted(report.read, 'record')}: ${counted(report.golden, 'golden record')}, ${counted(report.linked, 'link')}, ${counted(report.reviews, 'doubtful pair')} for review.`,
    ...pushedText(report),
  ];
  if (writes.length === 0)
    lines.push(
      report.status === 'complete'
        ? 'Nothing to write: every tool shows its golden records already.'
        : 'Nothing to write, as far as this plan could see.',
    );
  else {
    const merges = cost.some(({ merge }) => merge > 0);
    lines.push(
      '',
      table(
        ['tool', 'object', 'create', 'update', 'delete', ...(merges ? ['merge'] : []), 'API calls'],
        cost.map((row) => [
          ...[row.connection, row.object, row.create, row.update, row.delete],
          ...(merges ? [row.merge] : []),
          row.calls,
        ]),
      ),
    );
  }
  for (const [place, list] of Map.groupBy(writes, (w) => `${w.op} ${w.connection} ${w.object}`)) {
    lines.push('', `${place}, ${Math.min(SAMPLES, list.length)} of ${list.length}:`);
    for (const { op, goldenId, id, into, why, changes, without = [] } of list.slice(0, SAMPLES)) {
      lines.push(`  ${goldenId}${id ? ` → ${id}` : ''}${into ? ` into ${into}` : ''}   ← ${why}`);
      for (const { field, from, to, why: reason } of changes)
        lines.push(
          `    ${field}: ${op === 'create' ? '' : `${JSON.stringify(from)} → `}${JSON.stringify(to)}   ← ${reason}`,
        );
      for (const { field, holder } of without) lines.push(`    without ${field}: ${holder} has it`);
    }
  }
  const sample = <T>(what: string, list: readonly T[], say: (one: T) => string) => {
    if (list.length === 0) return;
    lines.push('', `${what}, ${Math.min(SAMPLES, list.length)} of ${n(list.length)}:`);
    for (const one of list.slice(0, SAMPLES)) lines.push(`  ${say(one)}`);
  };
  sample(
    'link',
    plan.links,
    ({ record, with: other, goldenId, why }) => `${record} → ${other ?? goldenId}   ← ${why}`,
  );
  sample(
    'merge of golden records',
    plan.merges,
    ({ goldenId, into, why }) => `${goldenId} → ${into}   ← ${why}`,
  );
  sample('split', plan.splits, ({ record, from, goldenId }) => `${record}: ${from} → ${goldenId}`);
  sample(
    'review',
    plan.reviews,
    ({ a, b, weight, reason }) => `${a} and ${b}: ${reason}, weight ${weight.toFixed(1)}`,
  );
  if (writes.length > 0)
    lines.push(
      '',
      report.status === 'halted'
        ? '--out plan.json or plan.csv, and --json here, list every write.'
        : out === undefined
          ? `Run 'nayose sync' to do it. --out plan.json keeps this plan for 'nayose sync --plan plan.json', --out plan.csv is for a spreadsheet.`
          : out.endsWith('.json')
            ? `Kept in ${out}: 'nayose sync --plan ${out}' writes this and nothing else.`
            : `Kept in ${out}. Run 'nayose sync' to do it.`,
    );
  const said = new Set<string>();
  for (const { sync, message, hint } of report.reasons) {
    if (said.size === 0) lines.push('', WHY_TWO[report.status] ?? '');
    lines.push(`  ${sync}: ${message}`, ...(hint && !said.has(hint) ? [`    ${hint}`] : []));
    said.add(hint ?? '');
  }
  return lines.join('\n');
}
