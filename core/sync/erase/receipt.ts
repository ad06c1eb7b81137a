import type { Db } from '../../store/db.ts';
import { countBlocks, type ErasureRow, type ErasureState, erasureTools } from '../../store/erasures.ts';
import { inFlightOf } from '../../store/outbox-flight.ts';

/** What came of an erasure, tool by tool. Nothing in it is personal. */
export interface Receipt {
  /** The golden id that it had. */
  id: string;
  entity: string;
  by: string;
  at: string;
  /** When the last tool had confirmed; null: something is still queued. */
  doneAt: string | null;
  tools: {
    connection: string;
    object: string;
    /** null: the id was personal itself, and is forgotten; or not known yet. */
    id: string | null;
    status: ErasureState;
    at: string;
    reason: string | null;
  }[];
  block: {
    state: 'set' | 'lifted';
    /** Keyed hashes that it is made of. */
    hashes: number;
    /** How often a record came again and was not imported. */
    blocked: number;
    blockedAt: string | null;
    liftedBy: string | null;
    liftedAt: string | null;
  };
}

/** The streams of mappings, by their names. */
export type Places = Readonly<Record<string, { connection: string; object: string } | undefined>>;

/** The receipts of erasures, in their order. */
export async function receiptsOf(db: Db, places: Places, rows: readonly ErasureRow[]): Promise<Receipt[]> {
  const ids = rows.map(({ id }) => id);
  const [tools, hashes, flying] = await Promise.all([
    erasureTools(db, ids),
    countBlocks(db, ids),
    inFlightOf(
      db,
      rows.flatMap(({ id, aliases }) => [id, ...aliases]),
    ),
  ]);
  return rows.map((row) => ({
    id: row.id,
    entity: row.entity,
    by: row.by,
    at: row.at,
    doneAt: row.doneAt,
    tools: [
      ...tools
        .filter(({ erasure }) => erasure === row.id)
        .map(({ connection, object, extId, state, at, reason }) => ({
          connection,
          object,
          id: extId,
          status: state,
          at,
          reason,
        })),
      ...flying
        .filter(({ goldenId, op }) => op === 'create' && [row.id, ...row.aliases].includes(goldenId))
        .map(({ mapping }) => ({
          connection: places[mapping]?.connection ?? '',
          object: places[mapping]?.object ?? '',
          id: null,
          status: 'queued' as const,
          at: row.at,
          reason: `a record was being made by the mapping ${mapping} when the erasure began: it is looked up, and deleted`,
        })),
    ],
    block: {
      state: row.liftedAt === null ? 'set' : 'lifted',
      hashes: hashes.get(row.id) ?? 0,
      blocked: row.blocked,
      blockedAt: row.blockedAt,
      liftedBy: row.liftedBy,
      liftedAt: row.liftedAt,
    },
  }));
}
