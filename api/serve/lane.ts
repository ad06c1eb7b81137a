import type { Log } from '../../connectors/contract.ts';
import { waitingInbox } from '../../core/store/inbox.ts';
import { payOwed } from '../../core/sync/owed.ts';
import { pause } from '../../core/sync/pause.ts';
import type { Engine, Sync } from '../../core/sync/ports.ts';
import { intake, type Pumped } from '../../core/sync/realtime.ts';
import {
  dismiss,
  type Errand,
  errandsOf,
  type Left,
  lookAfter,
  nothingWritten,
  writeBack,
} from '../../core/sync/writeBack.ts';
import { createPumping } from './pumping.ts';
import { createPumpings } from './pumpings.ts';
import { sayOnce } from './sayOnce.ts';

export interface LaneOptions {
  engine: Engine;
  /** The syncs with their schemas; asked only when there is something to do. */
  ready(): Promise<Ready>;
  realtime(sync: Sync): boolean;
  /** Milliseconds to wait before this connection is asked for the next page of records: what its budget needs. */
  gap(connection: string): number;
  /** No new step is begun after this. */
  stop: AbortSignal;
  log: Log;
  /** Told after every step that did something. */
  told(result: Pumped): void;
  /** Webhooks wait for a process that works by a newer revision of the config than this one has looked at. */
  outdated?(): void;
}

export interface Ready {
  syncs: Sync[];
  /** Syncs with a tool that cannot be asked for its schema, and was never seen; the webhooks of `connections` wait for them. */
  left: (Left & { connections: string[] })[];
}

/** The way of webhooks through this process: taken in, written back, looked after, each stage while the others go on. */
export interface FastLane {
  /** Something is in the inbox: of this connection, or of any. */
  wake(connection?: string): void;
  /** Writes have become due by hand. */
  due(): void;
  /** Resolves when no stage has anything left to do. */
  idle(): Promise<void>;
}

/** After a write its record is looked at once the lane has been calm for so long: several are then one call. */
const CALM_MS = 500;
/** Whoever waits for one answer longer than this disturbs nobody's calm but their own. */
const HANGING_MS = 3000;

/** What was taken in is written before more is taken in, so that each is sooner done; a slow tool is not waited for longer. */
const TURN_MS = 100;

export function createLane(options: LaneOptions): FastLane {
  const { engine, stop, log } = options;
  const nothing = (): Pumped => ({ events: 0, changes: 0, ...nothingWritten() });
  const saidOf = sayOnce((left) => log.warn('left for later', { ...left }));
  const tell = (place: string, result: Pumped) => {
    // A round with nothing to do says nothing of whether the cause is mended.
    if (result.left.length + result.events + result.created + result.updated > 0) saidOf(place, result.left);
    options.told(result);
  };
  const pumpOptions = {
    signal: stop,
    realtime: options.realtime,
    isIdle: (tool: string) => !sends.working(tool),
  };

  /** Connections that have something in the inbox, perhaps. */
  const heard = new Set<string>();
  let lookEverywhere = true;
  const heardOf = async () => {
    if (lookEverywhere) {
      // Taken back first: who wakes the lane during the look is heard by the next one.
      lookEverywhere = false;
      try {
        for (const { connection } of await waitingInbox(engine.db)) heard.add(connection);
      } catch (error) {
        lookEverywhere = true;
        throw error;
      }
    }
    const waiting = [...heard];
    heard.clear();
    return waiting;
  };
  /** What a lost database left in our hands; what was being sent is looked up then. */
  const pay = async () => {
    if (!engine.owed?.length) return;
    await payOwed(engine);
    for (const { members } of latest ?? (await options.ready()).syncs)
      for (const { tool } of members) after.wake(tool.name);
  };
  /** The syncs as the last arrivals met them: writing looks at no match weights, so they need not be asked again. */
  let latest: Sync[] | undefined;

  const arrivals = createPumping(
    async () => {
      if (stop.aborted) return;
      await pay();
      for (const connection of await heardOf()) takes.wake(connection);
    },
    log,
    'webhooks wait in the inbox',
  );
  const takes = createPumpings(
    async (connection) => {
      if (stop.aborted) return;
      try {
        await pay();
        const { syncs, left: absent } = await options.ready();
        latest = syncs;
        saidOf(
          'ready',
          absent.map(({ connections: _, ...why }) => why),
        );
        if (absent.some(({ connections }) => connections.includes(connection))) return;
        const taken = await intake(engine, syncs, connection, pumpOptions);
        const { events, changes, left } = taken;
        if (taken.outdated) options.outdated?.();
        await hand(taken.errands);
        if (events > 0 || left.length > 0) tell(`in ${connection}`, { ...nothing(), events, changes, left });
        if (events === 0) return;
      } catch (error) {
        // What was heard is forgotten by now.
        lookEverywhere = true;
        throw error;
      }
      after.wake(connection);
      await Promise.all([
        pause(options.gap(connection), stop),
        Promise.race([sends.idle(), pause(TURN_MS, stop)]).then(writes.wake),
      ]);
      takes.wake(connection);
    },
    log,
    'webhooks wait in the inbox',
  );
  const realtimeSyncs = async () => (latest ?? (await options.ready()).syncs).filter(options.realtime);
  /** By tool: what was known to be due when its writing was woken, until it begins. */
  const handed = new Map<string, Errand[]>();
  const hand = async (errands: readonly Errand[]) => {
    const late: Errand[] = [];
    for (const [tool, own] of byTool(errands)) {
      // Who is at work asks for himself afterwards: what is known now will be old then.
      if (sends.working(tool)) late.push(...own);
      else handed.set(tool, own);
      if (!sends.working(tool)) sends.wake(tool);
    }
    for (const errand of late) await dismiss(engine, errand);
    for (const [tool] of byTool(late)) sends.wake(tool);
  };
  const errands = async () => errandsOf(engine, await realtimeSyncs());
  const writes = createPumping(
    async () => {
      await pay();
      await hand(await errands());
    },
    log,
    'writes wait in the outbox',
  );
  const sends = createPumpings(
    async (tool) => {
      const given = handed.get(tool);
      handed.delete(tool);
      for (const [i, errand] of (given ?? byTool(await errands()).get(tool) ?? []).entries()) {
        if (stop.aborted && i > 0) return;
        const { sync, due } = errand;
        // What the first of them has claimed is its to give back.
        const wrote = await writeBack(engine, i === 0 ? errand : { sync, due }, stop);
        if (wrote.created + wrote.updated > 0) after.wake(tool);
        tell(`out ${sync.name} ${tool}`, { ...nothing(), ...wrote });
      }
    },
    log,
    'writes wait in the outbox',
  );
  const busy = (tool: string) =>
    [arrivals, takes, writes, sends].some((stage) => (stage.taking() ?? HANGING_MS) < HANGING_MS) ||
    takes.working(tool) ||
    sends.working(tool);
  const after = createPumpings(
    async (tool) => {
      await pause(CALM_MS, stop);
      if (stop.aborted) return;
      if (busy(tool)) {
        after.wake(tool);
        return;
      }
      for (const sync of (await options.ready()).syncs) {
        const concerned = sync.members.some((member) => member.tool.name === tool);
        if (stop.aborted || !concerned || !options.realtime(sync)) continue;
        const { settled, left } = await lookAfter(engine, sync, stop, tool);
        if (left.length + settled > 0) saidOf(`after ${sync.name} ${tool}`, left);
        if (left.length > 0) options.told({ ...nothing(), left });
        if (settled > 0) writes.wake();
      }
    },
    log,
    'what was written is looked at later',
  );
  const stages = [arrivals, takes, writes, sends, after];
  return {
    wake(connection) {
      if (connection === undefined) lookEverywhere = true;
      else heard.add(connection);
      arrivals.wake();
    },
    due: () => writes.wake(),
    async idle() {
      while (stages.some((stage) => stage.working())) for (const stage of stages) await stage.idle();
    },
  };
}

/** Each errand in parts, by the tool that is to be written to. */
function byTool(errands: readonly Errand[]): Map<string, Errand[]> {
  const parts = errands.flatMap((errand) => {
    const tools = new Map(errand.sync.members.map(({ mapping, tool }) => [mapping.name, tool.name]));
    return [...Map.groupBy(errand.due, ({ mapping }) => tools.get(mapping)!)].map(([tool, due]) => {
      const claimed = new Map([...(errand.claimed ?? [])].filter(([mapping]) => tools.get(mapping) === tool));
      return [tool, { ...errand, due, claimed }] as const;
    });
  });
  return new Map(
    [...Map.groupBy(parts, ([tool]) => tool)].map(([tool, own]) => [tool, own.map(([, errand]) => errand)]),
  );
}
