import { resolve } from 'node:path';
import { planSyncs } from '../../../core/sync/dry.ts';
import { shapeOf } from '../../../core/sync/moved.ts';
import { isWhole } from '../../../core/sync/recheck.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { warnOfHome, withHub } from '../session.ts';
import { costOf } from './plan/cost.ts';
import { writePlanCsv } from './plan/csv.ts';
import { writePlanFile } from './plan/file.ts';
import { planText } from './plan/text.ts';
import { chosenSyncs, reportOf } from './sync.ts';

export const planCommand: Command = {
  name: 'plan',
  usage: 'plan [SYNC] [--full] [--out plan.json|plan.csv]',
  summary: 'says what a sync would write, field by field, and its cost; writes nothing',
  options: { full: { type: 'boolean' }, out: { type: 'string' } },
  words: { min: 0, max: 1 },
  run: async (session, { positionals, values }) => {
    const out = values.out as string | undefined;
    if (out !== undefined && !/\.(json|csv)$/.test(out))
      throw new UsageError(`--out ${out}: a plan is kept as .json (for 'sync --plan') or .csv`);
    return withHub(session, async (hub) => {
      const now = session.now();
      await warnOfHome(session, hub, true);
      const full = values.full === true;
      const syncs = await hub.syncs(chosenSyncs(hub, positionals[0]));
      const plan = await planSyncs(hub.engine, syncs, { full, signal: session.signal });
      session.out.settle();
      const {
        run: _,
        runs,
        ...report
      } = reportOf(hub, plan.runs, (session.now().getTime() - now.getTime()) / 1000);
      const cost = costOf(plan.writes, (mapping) => {
        const member = syncs.flatMap((sync) => sync.members).find((m) => m.mapping.name === mapping)!;
        return member.stream.write === false ? 1 : member.stream.write.maxBatch;
      });
      const { writes, links, merges, splits, reviews } = plan;
      const lists = { writes, links, merges, splits, reviews };
      if (out !== undefined) {
        const path = resolve(session.cwd, out);
        const shapes = Object.fromEntries(syncs.map((sync) => [sync.name, shapeOf(sync)]));
        const head = { at: now.toISOString(), full, syncs: shapes, whole: plan.runs.every(isWhole), cost };
        if (out.endsWith('.csv')) await writePlanCsv(path, lists);
        else await writePlanFile(path, { ...head, lists });
      }
      session.out.result(
        {
          ...report,
          syncs: runs.map(({ run, ...rest }) => rest),
          cost,
          writes,
          lists: { links, merges, splits, reviews },
          ...(out === undefined ? {} : { out }),
        },
        planText(lists, cost, report, out),
      );
      return report.status === 'complete' ? 0 : 2;
    });
  },
};
