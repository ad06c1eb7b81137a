import { decide } from '../../../../core/sync/decide.ts';
import type { Outcome } from '../../../../core/sync/outcome.ts';
import { runSync } from '../../../../core/sync/run.ts';
import type { Asked } from '../../../../core/sync/wish.ts';
import type { Hub } from '../../../runtime/hub.ts';
import { patient } from '../../../runtime/patient.ts';
import type { Options, Parsed } from '../../args.ts';
import type { Session } from '../../session.ts';
import { findGolden } from '../explain/find.ts';
import { reportOf, reportText } from '../sync.ts';
import { decided, decidedText } from './report.ts';
import { syncNamesOf, syncsOf } from './syncs.ts';

/** Options of every command that decides. */
export const DECIDING: Options = {
  reason: { type: 'string' },
  force: { type: 'boolean' },
  sync: { type: 'boolean' },
};

export const DECIDING_DETAILS = `  --reason TEXT is kept with the decision; --force overrules earlier decisions that contradict it (they are kept, as ended).
  The hub shows the outcome at once. Tools are told by the next sync; --sync runs it now.`;

/** Who decides, when nobody signed in: the user of the process. */
export const userOf = ({ env }: Session) => env.USER || env.USERNAME || env.LOGNAME || 'command line';

/** A golden id or a source key stays what it is; other words (a tool's id, an e-mail address) name their golden record. */
export async function wordOf(hub: Hub, word: string): Promise<string> {
  const { golden } = await findGolden(hub.store.db, word);
  return word.includes('/') ? word : golden.id;
}

/** Decides, says what came of it, and syncs where asked. Exit code 2: the sync did not complete. */
export async function decideHere(
  session: Session,
  hub: Hub,
  asked: Asked,
  { values }: Parsed,
): Promise<0 | 2> {
  const reason = values.reason as string | undefined;
  const outcome = await decide(
    hub.engine,
    syncsOf(hub),
    asked,
    { by: userOf(session), reason },
    { force: values.force === true },
  );
  return sayOutcome(session, hub, outcome, values.sync === true);
}

/** Says what came of a decision or of its end, and syncs first where asked. Exit code 2: the sync did not complete. */
export async function sayOutcome(
  session: Session,
  hub: Hub,
  outcome: Outcome,
  syncNow: boolean,
): Promise<0 | 2> {
  if (!syncNow) {
    session.out.result(decided(outcome), decidedText(outcome));
    return 0;
  }
  const started = session.now().getTime();
  const runs = [];
  const [first] = outcome.golden;
  for (const sync of first ? await hub.syncs(syncNamesOf(hub, first.entity)) : [])
    runs.push(
      await runSync(hub.engine, patient(sync, session.kill), { mode: 'sync', signal: session.signal }),
    );
  const report = reportOf(hub, runs, (session.now().getTime() - started) / 1000);
  session.out.result(
    { ...decided(outcome), sync: report },
    `${decidedText(outcome)}\n\n${reportText(report)}`,
  );
  return report.status === 'complete' ? 0 : 2;
}
