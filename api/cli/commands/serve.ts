import { secretsOf } from '../../config/secrets.ts';
import { startTracing } from '../../ops/tracing.ts';
import { createLog } from '../../runtime/log.ts';
import { openStore } from '../../runtime/store.ts';
import { vaultsWritten } from '../../secrets/connections.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { runHere } from '../remote.ts';
import { warnOfHome } from '../session.ts';
import { configToServe, folderConfig } from './serve/config.ts';

export const serveCommand: Command = {
  name: 'serve',
  usage: 'serve [--port N] [--host H] [--from-hub]',
  summary: 'API, webhooks, console, schedules and workers, until it is told to stop',
  details: `  --port N   default 8787, or PORT; 0 takes any free one
  --host H   default 127.0.0.1: this machine only
  --from-hub serves the active revision of the hub's config instead of the folder; so it is where there is no folder
  Revisions that are applied while it serves are taken up within a minute.
  Environment: DATABASE_URL, NAYOSE_DATA, NAYOSE_TOKEN, NAYOSE_KEY, LOG_LEVEL (default info), OTEL_EXPORTER_OTLP_ENDPOINT.
  SIGTERM finishes the step in hand.`,
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    'from-hub': { type: 'boolean', default: false },
  },
  words: { min: 0, max: 0 },
  async run(session, { values }) {
    // Loaded late: half of the program is needed by this command only.
    const { startServer } = await import('../../node.ts');
    const port = portOf((values.port as string | undefined) ?? session.env.PORT);
    const folder = await folderConfig(session, values['from-hub'] === true);
    const store = await openStore(session.env, session.now);
    let trace: Awaited<ReturnType<typeof startTracing>>;
    try {
      // Before the folder becomes the hub's own revision.
      if (folder) await warnOfHome(session, { config: folder, store });
      const served = await configToServe(session, store, folder);
      const redacted = secretsOf(served.config);
      const log = createLog(session.env.LOG_LEVEL ?? 'info', redacted);
      trace = await startTracing(session.env, log);
      const server = await startServer({
        ...served,
        env: session.env,
        redacted,
        store,
        log,
        trace,
        port,
        host: String(values.host),
        token: session.env.NAYOSE_TOKEN,
        now: session.now,
        run: runHere(session.env, store),
      });
      const { url, link } = server;
      session.out.result(
        { listening: url, ...(link ? { console: link } : {}) },
        [`listening on ${url}`, ...(link ? [`Open the console, signed in (shown once): ${link}`] : [])].join(
          '\n',
        ),
      );
      await aborted(session.signal);
      session.out.warn('stopping: the step in hand is finished first');
      await server.stop();
      return 0;
    } finally {
      await vaultsWritten(store.db);
      await store.close();
      await trace?.stop();
    }
  },
};

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return 8787;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`'${text}' is not a port: a number from 0 to 65535`);
  return port;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
