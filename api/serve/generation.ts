import type { Jobs } from '../../core/jobs/port.ts';
import type { HubConfig } from '../config/types.ts';
import type { Hub } from '../runtime/hub.ts';
import type { Work } from './work.ts';

/** A hub at work under one revision of the config. */
export interface Generation {
  hub: Hub;
  work: Work;
  /** Begins no new step after this; runs that it has in hand go on to their end. */
  retire(): void;
}

/** Ends a generation: resolves when it follows no feed, and nothing that it began by itself is in hand. */
export async function endGeneration({ hub, work, retire }: Generation): Promise<void> {
  retire();
  await work.ended();
  await work.lane.idle();
  await work.messaging.idle();
  await hub.settled();
}

/** `before` lets go first of what only one can hold; its last steps end while `next` begins. */
export async function handOver(next: Generation, before: Generation, jobs: Jobs): Promise<void> {
  before.retire();
  await before.work.ended();
  await next.work.start(jobs);
}

/** The hub that is current, each time it is looked at. */
export function currentHub(current: () => Hub): Hub {
  const config = <K extends keyof HubConfig>(key: K) => ({
    get: () => current().config[key],
    enumerable: true,
  });
  const followed = Object.defineProperties({} as HubConfig, {
    hub: config('hub'),
    connections: config('connections'),
    entities: config('entities'),
    mappings: config('mappings'),
    syncs: config('syncs'),
    order: config('order'),
    alerts: config('alerts'),
    webhooks: config('webhooks'),
    sealed: config('sealed'),
    warnings: config('warnings'),
  } satisfies Record<keyof HubConfig, PropertyDescriptor>);
  return {
    config: followed,
    get store() {
      return current().store;
    },
    get tools() {
      return current().tools;
    },
    get engine() {
      return current().engine;
    },
    syncs: (names) => current().syncs(names),
    settled: () => current().settled(),
  };
}
