import type { FoundDifference } from '../../../core/store/differences.ts';
import { CLASSES, type Class } from '../../../core/sync/reconcile/classes.ts';
import { allDifferences, type ReconcileReport, reportOf } from '../../../core/sync/reconcile/report.ts';
import { reconcileSync } from '../../../core/sync/reconcile/run.ts';
import { startReconcile } from '../../../core/sync/reconcile/start.ts';
import { askedText, countAsked } from '../../runtime/deleting.ts';
import { patient } from '../../runtime/patient.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { chosenSyncs } from './sync.ts';

/** Named in --json; the API lists all of them. */
const MOST = 10_000;
const SAMPLES = 5;

type Full = ReconcileReport & { items: FoundDifference[] };

export const reconcileCommand: Command = {
  name: 'reconcile',
  usage: 'reconcile [SYNC] [--repair]',
  summary:
    'compares everything in the tools with the hub; explains each difference, and repairs it if told to',
  details: `  Reads every stream to its end, apart from what syncs read, and at a backfill's place in the budgets. Writes nothing to any tool
  without --repair; with it, what was missed is read again, and a run delivers what follows (its guards apply). One that was
  interrupted goes on where it stood.`,
  options: { repair: { type: 'boolean' } },
  words: { min: 0, max: 1 },
  run: (session, { positionals, values }) =>
    withHub(session, async (hub) => {
      const reports: Full[] = [];
      for (const sync of await hub.syncs(chosenSyncs(hub, positionals[0]))) {
        const own = patient(sync, session.kill, 'backfill');
        const { id } = await startReconcile(hub.engine, own, values.repair === true);
        const row = await reconcileSync(hub.engine, own, id, session.signal);
        session.out.settle();
        const items = await allDifferences(hub.store.db, id, MOST);
        reports.push({ ...(await reportOf(hub.store.db, row)), items });
      }
      const complete = reports.every(({ status }) => status === 'complete');
      const differences = reports.reduce((sum, one) => sum + one.differences, 0);
      const deletions = await countAsked(hub.store.db, hub.config);
      const said = reports.map(text);
      if (deletions > 0) said.push(askedText(deletions));
      session.out.result(
        { status: complete ? 'complete' : 'incomplete', differences, deletions, syncs: reports },
        said.join('\n\n'),
      );
      return complete ? 0 : 2;
    }),
};

function text(report: Full): string {
  const { values, records } = report;
  const lines = [
    `${report.sync}: ${values.equal} of ${values.compared} values and ${records.equal} of ${records.compared} records are equal; ${report.differences} differences${report.differences > 0 ? ', each explained below' : ''}${report.status === 'complete' ? '' : ` (${report.status}: not everything was read)`}`,
    table(
      ['mapping', 'field', 'compared', 'equal'],
      report.streams.flatMap(({ mapping, whole, fields }) =>
        fields.map(({ attribute, compared, equal }) => [
          whole ? mapping : `${mapping} (in part)`,
          attribute,
          compared,
          equal,
        ]),
      ),
    ),
  ];
  for (const [kind, items] of Map.groupBy(report.items, (item) => item.class)) {
    lines.push(`${kind} (${report.classes[kind]}): ${CLASSES[kind as Class]}`);
    for (const { mapping, record, goldenId, attribute, reason } of items.slice(0, SAMPLES))
      lines.push(
        `  ${record || `golden record ${goldenId} in ${mapping}`}${attribute ? ` ${attribute}` : ''}: ${reason}`,
      );
    if (items.length > SAMPLES)
      lines.push(`  … and ${report.classes[kind]! - SAMPLES} more; --json lists them`);
  }
  if (report.run) lines.push(`${report.repaired} were repaired; run ${report.run} delivered them.`);
  else if (report.repaired > 0) lines.push(`${report.repaired} were repaired.`);
  for (const { message, hint } of report.reasons) lines.push(hint ? `${message}\n  ${hint}` : message);
  return lines.join('\n');
}
