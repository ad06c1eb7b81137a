import type { PlannedWrite } from '../../../../core/sync/dry.ts';

export interface Cost {
  connection: string;
  object: string;
  create: number;
  update: number;
  /** Of records whose counterparts somebody deleted, and of erased persons. */
  delete: number;
  /** Of records that a person wants to be one in their tool. */
  merge: number;
  /** Calls that the writes need: batches of each kind. */
  calls: number;
}

/** By stream. `batchOf`: how many records of a mapping go in one call. */
export function costOf(writes: readonly PlannedWrite[], batchOf: (mapping: string) => number): Cost[] {
  return [...Map.groupBy(writes, (write) => write.mapping)].map(([mapping, list]) => {
    const count = (op: string) => list.filter((write) => write.op === op).length;
    const batch = batchOf(mapping);
    return {
      connection: list[0]!.connection,
      object: list[0]!.object,
      create: count('create'),
      update: count('update'),
      delete: count('delete'),
      merge: count('merge'),
      calls:
        ['create', 'update', 'delete'].reduce((sum, op) => sum + Math.ceil(count(op) / batch), 0) +
        count('merge'),
    };
  });
}
