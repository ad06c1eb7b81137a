import { Hono } from 'hono';
import { z } from 'zod';
import { sameSecret } from '../auth/tokens.ts';
import { problem } from '../routes/problem.ts';

/** What a command says while it runs, a line of JSON each. A line with `beat` only keeps the connection open. */
export type Said = { out: string } | { err: string } | { beat: true } | { exit: number };

export interface Asked {
  argv: string[];
  /** The folder that relative paths of the command start from. */
  cwd?: string | undefined;
  /** Of the terminal that the command is typed in: bars are drawn for its width. */
  columns?: number | undefined;
  isTTY: boolean;
}

/** Runs one command line in this process; says what it says. */
export type RunCommand = (asked: Asked, say: (said: Said) => void, signal: AbortSignal) => Promise<number>;

const body = z.object({
  argv: z.array(z.string()).min(1).max(100),
  cwd: z.string().optional(),
  isTTY: z.boolean(),
  columns: z.number().int().positive().optional(),
});

const BEAT_MS = 10_000;

/**
 * `POST /internal/command`: commands of other processes on the same embedded folder. Whoever can read the folder's lock knows
 * the key; nobody else gets in, and no token of the API does.
 */
export function commandRoutes(key: string, run: RunCommand): Hono {
  const app = new Hono();
  app.post('/internal/command', async (c) => {
    const given = /^Bearer +(\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    if (given === undefined || !(await sameSecret(given, key)))
      return problem(c, 401, 'the key of the folder’s lock is needed');
    const asked = body.safeParse(await c.req.json().catch(() => undefined));
    if (!asked.success) return problem(c, 400, 'expected { argv, cwd?, isTTY, columns? }');
    return new Response(stream(run, asked.data, c.req.raw.signal), {
      headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' },
    });
  });
  return app;
}

function stream(run: RunCommand, asked: Asked, gone: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const hungUp = new AbortController();
  return new ReadableStream({
    async start(controller) {
      const say = (said: Said) => {
        if (!hungUp.signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(said)}\n`));
      };
      const beat = setInterval(() => say({ beat: true }), BEAT_MS);
      try {
        say({ exit: await run(asked, say, AbortSignal.any([gone, hungUp.signal])) });
      } finally {
        clearInterval(beat);
        if (!hungUp.signal.aborted) controller.close();
      }
    },
    cancel() {
      hungUp.abort();
    },
  });
}
