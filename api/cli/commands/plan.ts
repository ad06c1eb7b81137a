import { type PlannedWrite, planSyncs } from '../../../core/sync/dry.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { chosenSyncs, reportOf } from './sync.ts';

const SAMPLES = 5;

export const planCommand: Command = {
  name: 'plan',
  usage: 'plan [SYNC] [--full]',
  summary: 'says what a sync would write, field by field, and its cost; writes nothing',
  options: { full: { type: 'boolean' } },
  words: { min: 0, max: 1 },
  run: (session, { positionals, values }) =>
    withHub(session, async (hub) => {
      const started = session.now().getTime();
      const syncs = await hub.syncs(chosenSyncs(hub, positionals[0]));
      const plan = await planSyncs(hub.engine, syncs, { full: values.full === true, signal: session.signal });
      session.out.settle();
      const {
        run: _,
        runs,
        ...report
      } = reportOf(hub, plan.runs, (session.now().getTime() - started) / 1000);
      const cost = costOf(plan.writes, (mapping) => {
        const member = syncs.flatMap((sync) => sync.members).find((m) => m.mapping.name === mapping)!;
        return member.stream.write === false ? 1 : member.stream.write.maxBatch;
      });
      session.out.result(
        { ...report, syncs: runs.map(({ run, ...rest }) => rest), cost, writes: plan.writes },
        planText(plan.writes, cost, report),
      );
      return report.status === 'complete' ? 0 : 2;
    }),
};

export interface Cost {
  connection: string;
  object: string;
  create: number;
  update: number;
  /** Of records whose counterparts somebody deleted. */
  delete: number;
  /** Calls that the writes need: batches of each kind. */
  calls: number;
}

export function costOf(writes: readonly PlannedWrite[], batchOf: (mapping: string) => number): Cost[] {
  return [...Map.groupBy(writes, (write) => write.mapping)].map(([mapping, list]) => {
    const count = (op: string) => list.filter((write) => write.op === op).length;
    const batch = batchOf(mapping);
    return {
      connection: list[0]!.connection,
      object: list[0]!.object,
      create: count('create'),
      update: count('update'),
      delete: count('delete'),
      calls: ['create', 'update', 'delete'].reduce((sum, op) => sum + Math.ceil(count(op) / batch), 0),
    };
  });
}

export function planText(
  writes: readonly PlannedWrite[],
  cost: readonly Cost[],
  report: {
    status: string;
    read: number;
    linked: number;
    reviews: number;
    golden: number;
    reasons: { code: string; message: string; hint?: string }[];
  },
): string {
  const lines = [
    `Read ${report.read.toLocaleString('en')} records: ${report.golden.toLocaleString('en')} golden records, ${report.linked.toLocaleString('en')} links, ${report.reviews.toLocaleString('en')} doubtful pairs for review.`,
  ];
  if (writes.length === 0) lines.push('Nothing to write: every tool shows its golden records already.');
  else {
    lines.push(
      '',
      table(
        ['tool', 'object', 'create', 'update', 'delete', 'API calls'],
        cost.map((row) => [row.connection, row.object, row.create, row.update, row.delete, row.calls]),
      ),
    );
    for (const [place, list] of Map.groupBy(writes, (w) => `${w.op} ${w.connection} ${w.object}`)) {
      lines.push('', `${place}, ${Math.min(SAMPLES, list.length)} of ${list.length}:`);
      for (const write of list.slice(0, SAMPLES)) {
        lines.push(`  ${write.goldenId}${write.id ? ` → ${write.id}` : ''}`);
        for (const { field, from, to, why } of write.changes)
          lines.push(
            `    ${field}: ${write.op === 'create' ? '' : `${JSON.stringify(from)} → `}${JSON.stringify(to)}   ← ${why}`,
          );
      }
    }
    if (report.status === 'halted') lines.push('', '--json here lists every write.');
    else lines.push('', `Run 'nayose sync' to do it; --json here lists every write.`);
  }
  for (const { code, message, hint } of report.reasons)
    lines.push(message, ...(hint && code.startsWith('guard.') ? [`  ${hint}`] : []));
  return lines.join('\n');
}
