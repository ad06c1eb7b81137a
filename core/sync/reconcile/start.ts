import {
  lockReconciles,
  openReconcile,
  type ReconcileRow,
  type SweepState,
  saveReconcile,
  takeReconcile,
} from '../../store/reconciles.ts';
import type { Reason } from '../../store/runs.ts';
import type { Engine, Member, Sync } from '../ports.ts';

/** One that nobody went on with for so long is closed: what it saw is too old to be compared. */
const STALE_MS = 2 * 86_400_000;

/** The same sync is being reconciled by another process. */
export class AlreadyReconciling extends Error {
  readonly id: string;
  constructor(sync: string, { id, startedAt }: ReconcileRow) {
    super(`${sync} is being reconciled already (${id}, since ${startedAt})`);
    this.name = 'AlreadyReconciling';
    this.id = id;
  }
}

/**
 * Signs a reconcile in, or takes over one that was interrupted, which goes on where it stood. Throws AlreadyReconciling while
 * somebody else is at it.
 */
export async function startReconcile(engine: Engine, sync: Sync, repair: boolean): Promise<ReconcileRow> {
  return engine.db.transaction(async (tx) => {
    await lockReconciles(tx);
    const open = await openReconcile(tx, sync.name);
    const now = engine.now();
    if (open) {
      if (open.owner !== null && (open.owner === engine.owner || (await engine.isAlive(open.owner))))
        throw new AlreadyReconciling(sync.name, open);
      await takeReconcile(tx, open.id, open.owner, engine.owner);
      const mine = { ...open, owner: engine.owner };
      if (now.getTime() - Date.parse(open.startedAt) < STALE_MS && sameMembers(open, sync)) {
        const going = { ...mine, repair: open.repair || repair };
        await saveReconcile(tx, going);
        return going;
      }
      const reason = { code: 'stale', message: 'it was interrupted, and never gone on with' };
      await saveReconcile(tx, {
        ...mine,
        status: 'incomplete',
        reasons: [...open.reasons, reason],
        endedAt: now.toISOString(),
      });
    }
    const row: ReconcileRow = {
      id: engine.newId(),
      sync: sync.name,
      status: 'running',
      repair,
      state: { phase: 'sweep', streams: sync.members.map(begin), after: '', repaired: 0, run: null },
      reasons: sync.members.flatMap(unreadableStream),
      apiCalls: {},
      owner: engine.owner,
      startedAt: now.toISOString(),
      endedAt: null,
    };
    await saveReconcile(tx, row);
    return row;
  });
}

const begin = ({ mapping, reads }: Member): SweepState => ({
  mapping: mapping.name,
  phase: reads ? 'read' : 'done',
  cursor: null,
  after: '',
  read: 0,
});

const unreadableStream = ({ mapping, tool, reads, pushed }: Member): Reason[] =>
  reads
    ? []
    : [
        {
          code: 'not-read',
          connection: tool.name,
          message: pushed
            ? `${tool.name} ${mapping.object} cannot be read, its records come by webhooks: nothing there was compared`
            : `${tool.name} ${mapping.object} is only written to, so nothing there was compared`,
        },
      ];

const sameMembers = ({ state }: ReconcileRow, { members }: Sync) =>
  state.streams.length === members.length &&
  state.streams.every(({ mapping }, index) => members[index]!.mapping.name === mapping);
