/** A `nayose serve` that is killed and started again, and asked over HTTP as anybody would. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ended, nayose, type Running } from '../support/cli.ts';
import { SECRETS } from '../support/planted.ts';

export interface RunShown {
  id: string;
  sync: string;
  status: 'running' | 'complete' | 'incomplete' | 'halted';
  reasons: { code: string; message: string; count?: number }[];
  counts: Record<string, number>;
  apiCalls: Record<string, number>;
  startedAt: string;
  endedAt: string | null;
}

/** The hub went away while it was asked: it was killed, or it failed. */
export class HubGone extends Error {}

export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

export class ChaosHub {
  readonly url: string;
  /** All that its processes have said, newest last. */
  log = '';
  kills = 0;
  private running: Running | undefined;
  private readonly start_: () => Running;

  constructor(dir: string, env: Record<string, string | undefined>, port: number) {
    this.url = `http://127.0.0.1:${port}`;
    const full = { ...env, NAYOSE_TOKEN: SECRETS.adminToken, LOG_LEVEL: 'info' };
    this.start_ = () => nayose(['serve', '--port', String(port), '--config', dir], full);
  }

  /** Resolves when it answers. Throws what it said when it ends instead. */
  async start(): Promise<void> {
    const running = this.start_();
    this.running = running;
    let ended: Ended | undefined;
    void running.ended.then((end) => {
      ended = end;
      this.log += end.stdout + end.stderr;
    });
    let said = '';
    running.child.stdout!.on('data', (text: string) => {
      said += text;
    });
    while (!said.includes('listening on')) {
      if (ended) throw new HubGone(`serve ended with ${ended.code}: ${ended.stderr}`);
      await sleep(10);
    }
  }

  /** Whether there was a process to kill. */
  async kill(): Promise<void> {
    if (this.running?.child.kill('SIGKILL')) this.kills++;
    await this.running?.ended;
  }

  async stop(): Promise<void> {
    this.running?.child.kill('SIGTERM');
    await this.running?.ended;
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
    try {
      const answer = await fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${SECRETS.adminToken}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      return { status: answer.status, body: (await answer.json()) as T };
    } catch (cause) {
      throw new HubGone(`${method} ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.ask<T>('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** One run to its end. A run that is in hand already is waited for, and then another one begins. */
  async sync(name: string, order: { full?: boolean; approve?: string } = {}): Promise<RunShown> {
    for (;;) {
      const begun = await this.ask<RunShown>('POST', `/v1/syncs/${name}/runs`, order);
      if (begun.status === 202) return await this.ended(begun.body.id);
      // A tool that cannot be asked for its schema now: said at once, as an answer.
      if (begun.status !== 409 && begun.status !== 502 && begun.status !== 503)
        throw new Error(`POST runs of ${name} answered ${begun.status}: ${JSON.stringify(begun.body)}`);
      await sleep(100);
    }
  }

  private async ended(id: string): Promise<RunShown> {
    for (let wait = 20; ; wait = Math.min(200, wait * 1.5)) {
      const run = await this.get<RunShown>(`/v1/runs/${id}`);
      if (run.endedAt !== null) return run;
      await sleep(wait);
    }
  }
}
