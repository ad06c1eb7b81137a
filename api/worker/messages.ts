import { z } from 'zod';
import type { ConnectorError, Json } from '../../connectors/contract.ts';
import { sendTo } from '../../core/jobs/queues.ts';
import { sendDue, untilNext } from '../../core/messages/send.ts';
import { waitingInbox } from '../../core/store/inbox.ts';
import {
  countFailure,
  deferRun,
  endRun,
  memoryOf,
  type RunRow,
  runById,
  unfinishedRuns,
} from '../../core/store/runs.ts';
import type { Sync } from '../../core/sync/ports.ts';
import { pump, writeDue } from '../../core/sync/realtime.ts';
import { isLive, KEPT_SECONDS, stepRun } from '../../core/sync/steps.ts';
import type { Hub } from '../runtime/hub.ts';
import { patient } from '../runtime/patient.ts';
import { endpointsOf, senderOf, vaultsOf } from '../serve/messages.ts';
import type { Invocation } from './invocation.ts';

/** What a message asks for. It only wakes: the tables say what there is to do. */
export const MESSAGE = z.discriminatedUnion('do', [
  z.object({ do: z.literal('step'), run: z.string() }),
  z.object({ do: z.literal('pump') }),
  z.object({ do: z.literal('due') }),
  z.object({ do: z.literal('send') }),
]);
export type Message = z.infer<typeof MESSAGE>;

/** An invocation takes steps for so long, and then leaves the next one to another. */
const BUDGET_MS = 5_000;
/** Calls in hand may take so long. Queues give a consumer 15 minutes. */
const PATIENCE_MS = 5 * 60_000;
/** What is due later than this is found by the tick. */
const SOON_MS = 60_000;
/** A run that stands back for another is looked at again after so long, unless that one ends before. */
const STAND_BACK_SECONDS = 60;

/** Sends a message; without a queue it is left to the next tick. */
export async function tell(invocation: Invocation, message: Message, delayMs = 0): Promise<void> {
  const queue = invocation.env.QUEUE;
  if (queue) await sendTo(queue, message as Json, delayMs);
}

/** Does what a message asks for, within the invocation's limits, and sends the message that goes on. Throws: try it again. */
export async function handle(invocation: Invocation, body: unknown): Promise<void> {
  const read = MESSAGE.safeParse(body);
  if (!read.success) {
    invocation.log.warn('a message that is not ours was dropped');
    return;
  }
  const hub = await invocation.hub();
  if (!hub) {
    invocation.log.warn('a message waits for a configuration', { message: read.data.do });
    return;
  }
  await invocation.sign();
  let news = false;
  hub.engine.told = () => {
    news = true;
  };
  const impatient = setTimeout(() => invocation.kill.abort(), PATIENCE_MS);
  try {
    if (read.data.do === 'step') await takeStep(invocation, hub, read.data.run);
    else if (read.data.do === 'send') await sendMessages(invocation, hub);
    else await pumpOnce(invocation, hub, read.data.do);
    if (news) await tell(invocation, { do: 'send' });
  } finally {
    clearTimeout(impatient);
  }
}

/** What is due to be told to the outside: alerts and signed webhooks. */
async function sendMessages(invocation: Invocation, hub: Hub): Promise<void> {
  const { engine, config } = hub;
  const send: typeof fetch = (input, init) => fetch(input, init);
  // Cloudflare's own network lets no Worker reach a private address, whatever a name stands for.
  const endpoints = endpointsOf(config, {
    now: engine.now,
    fetch: send,
    publicFetch: send,
    vault: vaultsOf(hub, invocation.kill.signal),
  });
  const enough = AbortSignal.timeout(BUDGET_MS);
  const sender = senderOf(engine);
  await sendDue(sender, endpoints, { stop: enough, kill: invocation.kill.signal });
  const wait = await untilNext(sender, endpoints);
  if (wait !== undefined && wait < SOON_MS) await tell(invocation, { do: 'send' }, wait);
}

async function takeStep(invocation: Invocation, hub: Hub, id: string): Promise<void> {
  const { engine, config } = hub;
  const run = await runById(engine.db, id);
  if (run?.status !== 'running') return;
  if (!config.order.includes(run.sync)) {
    const message = `${run.sync} is no longer in the configuration`;
    await endRun(engine.db, id, { code: 'gone', message }, engine.now().toISOString());
    return;
  }
  if (await mustStandBack(hub, run)) {
    await deferRun(engine.db, id, STAND_BACK_SECONDS, KEPT_SECONDS);
    return;
  }
  const sync = await assembled(hub, run);
  const stepped = await stepRun(engine, patient(sync, invocation.kill.signal), id, {
    signal: invocation.kill.signal,
    budgetMs: BUDGET_MS,
  });
  if (stepped.next === 'busy') return;
  if (stepped.next !== 'done')
    return tell(invocation, { do: 'step', run: id }, stepped.next === 'now' ? 0 : stepped.next);
  report(invocation, stepped.run);
  await wakeOthers(invocation);
}

/** A run has ended: whoever stood back for it goes on at once. */
async function wakeOthers(invocation: Invocation): Promise<void> {
  for (const other of await unfinishedRuns(invocation.db()))
    if (other.owner === null) await tell(invocation, { do: 'step', run: other.id });
}

/** A failure here is no step of the run, but counts as one: a run that cannot be gone on with must end. */
async function assembled(hub: Hub, run: RunRow): Promise<Sync> {
  try {
    const [sync] = await hub.syncs([run.sync]);
    return sync!;
  } catch (error) {
    const { message, hint } = error as Partial<ConnectorError> & Error;
    await countFailure(hub.engine.db, run.id, hint ? `${message} (${hint})` : message);
    throw error;
  }
}

/** What is referred to is synced first: a run waits for those that precede it in the order of syncs and started no later. */
async function mustStandBack({ engine, config }: Hub, run: RunRow): Promise<boolean> {
  const before = config.order.slice(0, config.order.indexOf(run.sync));
  for (const other of await unfinishedRuns(engine.db))
    if (before.includes(other.sync) && other.startedAt <= run.startedAt && (await isLive(engine, other)))
      return true;
  return false;
}

export function report({ log }: Invocation, run: RunRow): void {
  log.info('sync', { sync: run.sync, run: run.id, status: run.status, ...run.counts });
  for (const { code, message } of run.reasons) log.warn('sync', { sync: run.sync, code, message });
}

/** Webhooks and what is due, until the budget of time is spent; what is left then has a message of its own. */
async function pumpOnce(invocation: Invocation, hub: Hub, what: 'pump' | 'due'): Promise<void> {
  const { engine, config } = hub;
  const { log } = invocation;
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), BUDGET_MS);
  const options = {
    signal: enough.signal,
    realtime: (sync: Sync) => config.syncs[sync.name]?.realtime ?? false,
  };
  try {
    const syncs = (await hub.syncs()).map((sync) => patient(sync, invocation.kill.signal));
    const { left, ...done } =
      what === 'pump' ? await pump(engine, syncs, options) : await writeDue(engine, syncs, options);
    for (const one of left) log.warn('left for later', one);
    log.debug(what, { created: done.created, updated: done.updated });
  } finally {
    clearTimeout(timer);
  }
  if (enough.signal.aborted && (what === 'due' || (await waitingInbox(engine.db)).length > 0))
    await tell(invocation, { do: what });
}

/** A message that failed as often as its queue allows. A run ends with the reason; what else it was, the next tick finds again. */
export async function giveUp(invocation: Invocation, body: unknown): Promise<void> {
  const read = MESSAGE.safeParse(body);
  if (!read.success || read.data.do !== 'step') {
    invocation.log.warn('a message was given up; the next tick finds what it was about', {
      message: read.data?.do ?? 'unknown',
    });
    return;
  }
  const db = invocation.db();
  const { run: id } = read.data;
  const memory = await memoryOf(db, id);
  const failures = memory?.failures ?? 0;
  const ended = await endRun(
    db,
    id,
    {
      code: 'fault',
      count: failures,
      message: `the same step failed ${failures} times, and the run was given up: ${memory?.fault ?? 'no reason was left'}`,
      hint: 'Mend the cause; the next run goes on from here.',
    },
    invocation.now().toISOString(),
  );
  if (!ended) return;
  report(invocation, ended);
  await wakeOthers(invocation);
}
