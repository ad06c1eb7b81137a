import { ConnectorError, type FailureKind, type Log, type Stream } from '../../connectors/contract.ts';

export interface SchemaOptions {
  connection: string;
  ask(objects: readonly string[]): Promise<Stream[]>;
  /** Where schemas outlive the process; absent: they do not. */
  shelf?: Shelf | undefined;
  now(): Date;
  log: Log;
}

/** What tools said of their streams, in the database. */
export interface Shelf {
  put(connection: string, streams: readonly Stream[]): Promise<void>;
  get(connection: string, objects: readonly string[]): Promise<Stream[]>;
}

/** A connection's streams: asked of the tool once, then remembered for the process's life or until `forget`. */
export interface Schemas {
  /**
   * Those that the tool has. One that cannot be asked just now is taken as it was last seen, so that its absence stops nothing but
   * itself; ConnectorError when it was never seen, or will never answer as it is asked.
   */
  of(objects: readonly string[]): Promise<Stream[]>;
  /** Is something of it taken as it was last seen? Then `of` asks again, a minute later. */
  stale(): boolean;
  forget(): void;
}

/** What a tool recovers from by itself, or by a new login. */
const ABSENT: ReadonlySet<FailureKind> = new Set(['auth', 'quota', 'transient']);

/** An absent tool is asked no more often: each time may wait for a deadline. */
const ASK_AGAIN_MS = 60_000;

export function createSchemas({ connection, ask, shelf, now, log }: SchemaOptions): Schemas {
  const known = new Map<string, Stream>();
  const lastSeen = new Map<string, Stream>();
  let askAgain = 0;
  const take = (objects: readonly string[]) =>
    objects.flatMap((object) => known.get(object) ?? lastSeen.get(object) ?? []);
  return {
    async of(objects) {
      const missing = objects.filter((object) => !known.has(object));
      if (missing.length === 0) return take(objects);
      if (now().getTime() < askAgain && missing.every((object) => lastSeen.has(object))) return take(objects);
      try {
        const streams = await ask(missing);
        for (const stream of streams) known.set(stream.name, stream);
        lastSeen.clear();
        await shelf?.put(connection, streams);
      } catch (error) {
        if (!(error instanceof ConnectorError) || !ABSENT.has(error.kind)) throw error;
        const kept = (await shelf?.get(connection, missing)) ?? [];
        if (!missing.every((object) => kept.some(({ name }) => name === object))) throw error;
        // Once for as long as it is away.
        if (lastSeen.size === 0)
          log.warn('a tool is taken as it was last seen', {
            connection,
            code: error.kind,
            message: error.message,
          });
        for (const stream of kept) lastSeen.set(stream.name, stream);
        askAgain = now().getTime() + ASK_AGAIN_MS;
      }
      return take(objects);
    },
    stale: () => lastSeen.size > 0,
    forget() {
      known.clear();
      lastSeen.clear();
      askAgain = 0;
    },
  };
}
