import type { Engine } from './ports.ts';

/**
 * Puts something right that this process holds: a claim to give back, a row to mark. If the database does not answer now, it is
 * owed: the next sweep pays it, since nobody else may touch what a living process holds.
 */
export async function orOwe(engine: Engine, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!engine.owed) throw error;
    engine.owed.push(work);
  }
}

/** Called by sweeps and at the start of runs. What fails again stays owed. */
export async function payOwed(engine: Engine): Promise<void> {
  for (const work of engine.owed?.splice(0) ?? []) await orOwe(engine, work);
}
