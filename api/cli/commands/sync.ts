import { resolve } from 'node:path';
import { ConnectorError } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { activeRevision } from '../../../core/store/revisions.ts';
import type { Reason, RunRow } from '../../../core/store/runs.ts';
import { NO_COUNTS, runById } from '../../../core/store/runs.ts';
import { permitsOf } from '../../../core/sync/permits.ts';
import type { Sync } from '../../../core/sync/ports.ts';
import { type KeptPlan, recheck } from '../../../core/sync/recheck.ts';
import { runSync } from '../../../core/sync/run.ts';
import { sealLiterals } from '../../config/literals.ts';
import { readFolder } from '../../config/load.ts';
import { digestOf } from '../../config/revisions.ts';
import { type BudgetReport, budgetReports, reportText as budgetText } from '../../ops/forecast.ts';
import { askedText, countAsked } from '../../runtime/deleting.ts';
import type { Hub } from '../../runtime/hub.ts';
import { patient } from '../../runtime/patient.ts';
import { sendOnce } from '../../serve/sendOnce.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { counted, table } from '../out.ts';
import { type Session, warnOfHome, withHub } from '../session.ts';
import { readPlanFile } from './plan/file.ts';

export const syncCommand: Command = {
  name: 'sync',
  usage: 'sync [SYNC] [--full] [--approve RUN] [--plan plan.json]',
  summary: 'runs a sync, or all of them, with progress',
  details: `--plan FILE carries out what 'nayose plan --out FILE' listed, and nothing else. It is planned anew first: where anything has\n  moved on since, nothing is written, and the exit code is 2.`,
  options: { full: { type: 'boolean' }, approve: { type: 'string' }, plan: { type: 'string' } },
  words: { min: 0, max: 1 },
  run: async (session, { positionals, values }) => {
    const file = values.plan as string | undefined;
    if (file !== undefined && values.full)
      throw new UsageError('--full goes with the plan: `nayose plan --full --out FILE`');
    const plan = file === undefined ? undefined : await readPlanFile(resolve(session.cwd, file));
    return withHub(session, async (hub) => {
      const started = session.now().getTime();
      const names = plan ? syncsOfPlan(hub, file!, plan, positionals[0]) : chosenSyncs(hub, positionals[0]);
      const approve = values.approve as string | undefined;
      if (approve !== undefined) await refuseApproval(hub, approve);
      await warnOfHome(session, hub);
      await tellOtherConfig(session, hub.store.db);
      const runs: RunRow[] = [];
      let told = false;
      hub.engine.told = () => {
        told = true;
      };
      const ready = await readySyncs(hub, names, session.now());
      const moved =
        plan && !ready.obstacle ? await recheck(hub.engine, ready.syncs, plan, session.signal) : undefined;
      for (const sync of moved ? [] : ready.syncs) {
        const run = await runSync(hub.engine, patient(sync, session.kill), {
          mode: (plan?.full ?? values.full) ? 'full' : 'sync',
          approve,
          permits: plan && permitsOf(plan.writes, sync.name),
          signal: session.signal,
        });
        runs.push(run);
        session.out.settle();
      }
      if (told) await sendOnce(hub, { stop: session.signal, kill: session.kill });
      const seconds = (session.now().getTime() - started) / 1000;
      const report = {
        ...reportOf(hub, runs, seconds, moved ? { ...moved, sync: names.join(', ') } : ready.obstacle),
        ...(moved ? { status: 'halted' } : {}),
        budgets: await budgetsOf(hub, session.now()),
        deletions: await countAsked(hub.store.db, hub.config),
      };
      session.out.result(report, reportText(report));
      return report.status === 'complete' ? 0 : 2;
    });
  },
};

/** The syncs of a plan, in its order. Throws UsageError when they are not this config's, or not the one asked for. */
function syncsOfPlan(hub: Hub, file: string, { shapes }: KeptPlan, asked: string | undefined): string[] {
  const names = Object.keys(shapes);
  const strange = names.find((name) => !hub.config.order.includes(name));
  if (strange !== undefined)
    throw new UsageError(
      `${file} is a plan of the sync "${strange}", and hub.yaml has ${hub.config.order.join(', ')}`,
    );
  if (asked !== undefined && names.join() !== asked)
    throw new UsageError(`${file} is a plan of ${names.join(', ')}, not of ${asked} alone`);
  return hub.config.order.filter((name) => names.includes(name));
}

/** Hubs on this database may work by another config than the folder that this command goes by. */
async function tellOtherConfig(session: Session, db: Db): Promise<void> {
  const active = await activeRevision(db);
  if (!active) return;
  const { files } = sealLiterals(await readFolder(session.dir));
  if ((await digestOf(files)) === active.digest) return;
  session.out.warn(
    `the config folder differs from revision ${active.number}, which hubs on this database work by: this sync goes by the folder ('nayose diff' shows the difference, 'nayose apply' makes it theirs)`,
  );
}

/** The syncs with live schemas; or the tool that has no call left for them, so that nothing can begin. */
async function readySyncs(
  hub: Hub,
  names: readonly string[],
  now: Date,
): Promise<{ syncs: Sync[]; obstacle?: Reason & { sync: string } }> {
  try {
    return { syncs: await hub.syncs(names) };
  } catch (error) {
    if (!(error instanceof ConnectorError && error.kind === 'quota')) throw error;
    const { message, hint, retryAfter = 60 } = error;
    const until = new Date(now.getTime() + retryAfter * 1000).toISOString();
    const reason = { sync: names.join(', '), code: 'quota', message, until };
    return { syncs: [], obstacle: hint === undefined ? reason : { ...reason, hint } };
  }
}

/** By connection, once all calls of the runs are counted. */
async function budgetsOf(hub: Hub, now: Date): Promise<Record<string, BudgetTold[]>> {
  await hub.settled();
  const { timeZone } = hub.config.hub;
  const told: Record<string, BudgetTold[]> = {};
  for (const report of await budgetReports(hub.store.db, hub.config.connections, { now, timeZone })) {
    const { connection, ...budget } = report;
    told[connection] = [...(told[connection] ?? []), { ...budget, text: budgetText(report, now, timeZone) }];
  }
  return told;
}

/** Only a run that a guard halted can be approved: a slip of the pen must not write anything. */
async function refuseApproval(hub: Hub, id: string): Promise<void> {
  const run = await runById(hub.store.db, id);
  if (!run)
    throw new UsageError(
      `there is no run "${id}" to approve; 'nayose sync' prints the run that a guard halted`,
    );
  if (run.mode === 'plan')
    throw new UsageError(
      `run ${id} was a plan: 'nayose sync' stops at the same guard, and prints the run to approve`,
    );
  if (run.status !== 'halted')
    throw new UsageError(
      `run ${id} of ${run.sync} was not halted by a guard (it is ${run.status}): there is nothing to approve`,
    );
}

/** The syncs meant by a command's word; all, in the order that references need, without one. */
export function chosenSyncs(hub: Pick<Hub, 'config'>, name: string | undefined): string[] {
  const { order } = hub.config;
  if (name === undefined) return order;
  if (!order.includes(name))
    throw new UsageError(`there is no sync "${name}"; hub.yaml has ${order.join(', ')}`);
  return [name];
}

type BudgetTold = Omit<BudgetReport, 'connection'> & { text: string };

export interface SyncReport {
  run: string;
  status: string;
  read: number;
  linked: number;
  created: number;
  updated: number;
  unchanged: number;
  deleted: number;
  archived: number;
  blocked: number;
  merged: number;
  reviews: number;
  failed: number;
  unreadable: number;
  echoes: number;
  normalised: number;
  partlyOurs: number;
  edits: number;
  golden: number;
  apiCalls: Record<string, number>;
  /** Budgets of a day, where they stand and where they are going. */
  budgets?: Record<string, BudgetTold[]>;
  /** Deletions in one tool that wait for a person before they go to the others. */
  deletions?: number;
  seconds: number;
  /** When a serving hub goes on by itself with what a budget ended; null: nothing waits for that. */
  resumeAt: string | null;
  /** Members of which nothing can be read: their records come by webhooks. */
  pushed: { sync: string; connection: string; object: string }[];
  reasons: (Reason & { sync: string })[];
  runs: (Omit<
    SyncReport,
    'runs' | 'reasons' | 'pushed' | 'apiCalls' | 'seconds' | 'budgets' | 'deletions'
  > & {
    sync: string;
  })[];
}

const RANK = ['complete', 'incomplete', 'halted'];

/** One object for all runs of a command: sums, the worst status, and the run that it belongs to. */
export function reportOf(
  hub: Hub,
  runs: readonly RunRow[],
  seconds: number,
  obstacle?: Reason & { sync: string },
): SyncReport {
  const worst = [...runs].sort((a, b) => RANK.indexOf(b.status) - RANK.indexOf(a.status))[0];
  const sums = { ...NO_COUNTS };
  for (const { counts } of runs)
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
  const apiCalls: Record<string, number> = {};
  for (const tool of hub.tools.values()) if (tool.calls() > 0) apiCalls[tool.name] = tool.calls();
  return {
    run: worst?.status === 'complete' ? runs.at(-1)!.id : (worst?.id ?? ''),
    status: worst?.status ?? (obstacle ? 'incomplete' : 'complete'),
    ...sums,
    apiCalls,
    seconds: Math.round(seconds * 10) / 10,
    resumeAt: obstacle?.until ?? runs.flatMap((run) => run.resumeAt ?? []).sort()[0] ?? null,
    pushed: pushedOf(hub, runs),
    reasons: [
      ...(obstacle ? [obstacle] : []),
      ...runs.flatMap((run) => run.reasons.map((reason) => ({ ...reason, sync: run.sync }))),
    ],
    runs: runs.map((run) => ({
      run: run.id,
      sync: run.sync,
      status: run.status,
      resumeAt: run.resumeAt,
      ...run.counts,
    })),
  };
}

const pushedOf = ({ engine }: Hub, runs: readonly RunRow[]): SyncReport['pushed'] =>
  engine.syncs
    .filter(({ name }) => runs.some(({ sync }) => sync === name))
    .flatMap(({ name, members }) =>
      members.flatMap(({ pushed, tool, mapping }) =>
        pushed ? [{ sync: name, connection: tool.name, object: mapping.object }] : [],
      ),
    );

export const pushedText = ({ pushed }: Pick<SyncReport, 'pushed'>): string[] =>
  pushed.map(
    ({ sync, connection, object }) =>
      `${sync}: nothing was read from ${connection} ${object}: its records come by webhooks, to POST /hooks/${connection} of 'nayose serve'`,
  );

export function reportText(report: SyncReport): string {
  const lines = [
    table(
      [
        'sync',
        'status',
        'read',
        'linked',
        'created',
        'updated',
        'unchanged',
        'deleted',
        'review',
        'failed',
        'golden',
      ],
      report.runs.map((run) => [
        run.sync,
        run.status,
        run.read,
        run.linked,
        run.created,
        run.updated,
        run.unchanged,
        run.deleted,
        run.reviews,
        run.failed,
        run.golden,
      ]),
    ),
    `API calls: ${
      Object.entries(report.apiCalls)
        .map(([name, n]) => `${name} ${n.toLocaleString('en')}`)
        .join(', ') || 'none'
    }; ${report.seconds} s`,
  ];
  for (const [connection, budgets] of Object.entries(report.budgets ?? {}))
    for (const { text } of budgets) lines.push(`${connection}: ${text}`);
  lines.push(...pushedText(report));
  for (const { sync, message, hint, code } of report.reasons)
    lines.push(
      `${sync}: ${code === 'unreadable' ? 'set aside: ' : ''}${message}${hint ? `\n  ${hint}` : ''}`,
    );
  if (report.archived > 0)
    lines.push(
      `${counted(report.archived, 'record was', 'records were')} deleted in a tool, as somebody had deleted a counterpart.`,
    );
  if (report.blocked > 0)
    lines.push(
      `${counted(report.blocked, 'record')} of erased persons came again, and ${report.blocked === 1 ? 'was' : 'were'} not imported.`,
    );
  if (report.deletions) lines.push(askedText(report.deletions));
  if (report.resumeAt !== null)
    lines.push(
      report.runs.length > 0
        ? `A budget is used up: 'nayose serve' goes on by itself at ${report.resumeAt}; without it, run 'nayose sync' again then.`
        : `A budget is used up, and nothing could be begun: run 'nayose sync' again at ${report.resumeAt}.`,
    );
  if (report.failed > 0)
    lines.push(
      `${counted(report.failed, 'value or record was', 'values or records were')} refused; 'nayose failures' names each with its fix.`,
    );
  if (report.unreadable > 0)
    lines.push(
      `${counted(report.unreadable, 'value or row', 'values or rows')} could not be read; 'nayose failures' names each value.`,
    );
  if (report.reviews > 0)
    lines.push(
      `${counted(report.reviews, 'doubtful pair waits', 'doubtful pairs wait')} for a person; nothing was merged on a doubt: 'nayose reviews'.`,
    );
  return lines.join('\n');
}
