import { consume, type QueueBatch } from '../core/jobs/queues.ts';
import { createLimits } from './auth/limits.ts';
import { firstToken } from './auth/tokens.ts';
import { databaseUrl, type Env, type Execution } from './worker/env.ts';
import { answer, whenSent } from './worker/fetch.ts';
import { type Invocation, openInvocation } from './worker/invocation.ts';
import { giveUp, handle } from './worker/messages.ts';
import { tick } from './worker/tick.ts';

/** Counters and a text: nothing that waits or connects may live here, since it would belong to the request that made it. */
const limits = createLimits();
let tokenKept: string | undefined;

const RETRY_SECONDS = 10;
/** wrangler.toml names the dead-letter queue so. */
const DEAD = /-dead$/;

const open = (env: Env) => openInvocation(env, (line) => console.log(line));

/** NAYOSE_TOKEN becomes the admin token of that name: once in an isolate's life, before anybody could use it. */
async function keepToken({ env, db, now }: Invocation): Promise<void> {
  const { NAYOSE_TOKEN } = env;
  if (!NAYOSE_TOKEN || NAYOSE_TOKEN === tokenKept || databaseUrl(env) === undefined) return;
  await firstToken(db(), NAYOSE_TOKEN, now());
  tokenKept = NAYOSE_TOKEN;
}

/** Nayose on Cloudflare Workers: the same app and the same engine as on Node; everything lives for one invocation. */
export default {
  async fetch(request: Request, env: Env, ctx: Execution): Promise<Response> {
    const invocation = open(env);
    const after: Promise<unknown>[] = [];
    const later = (work: Promise<unknown>) => {
      after.push(work);
      ctx.waitUntil(work);
    };
    const close = async () => {
      await Promise.allSettled(after);
      await invocation.close();
    };
    try {
      if (request.headers.has('authorization') || new URL(request.url).searchParams.has('token'))
        await keepToken(invocation).catch((error: Error) =>
          invocation.log.warn('NAYOSE_TOKEN could not be kept', { error: error.message }),
        );
      const response = await answer(request, invocation, limits, later);
      return whenSent(response, close, (work) => ctx.waitUntil(work));
    } catch (error) {
      ctx.waitUntil(close());
      throw error;
    }
  },

  /** A message of the queue is one step of work; one of the dead-letter queue is work that is given up. */
  async queue(batch: QueueBatch, env: Env): Promise<void> {
    const invocation = open(env);
    const work = DEAD.test(batch.queue) ? giveUp : handle;
    try {
      await consume(batch, (body) => work(invocation, body), {
        log: invocation.log,
        random: Math.random,
        retrySeconds: Number(env.RETRY_SECONDS ?? RETRY_SECONDS),
      });
    } finally {
      await invocation.close();
    }
  },

  /** Each minute. */
  async scheduled(controller: { scheduledTime: number }, env: Env): Promise<void> {
    const invocation = open(env);
    try {
      const hub = await invocation.hub();
      if (hub) {
        await invocation.sign();
        await tick(invocation, hub, new Date(controller.scheduledTime));
      } else invocation.log.warn('nothing is scheduled: no configuration has been applied');
    } finally {
      await invocation.close();
    }
  },
};
