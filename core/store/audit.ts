import type { Db, Row } from './db.ts';
import type { Role } from './tokens.ts';

/** Who did what to what, and how it ended. Never a body, never a value. */
export interface AuditRow {
  id: number;
  at: string;
  actorId: string;
  actor: string;
  role: Role;
  /** The operation's id in /openapi.json. */
  action: string;
  target: string;
  /** The HTTP status; null: it was begun, and the process ended before it was done. */
  outcome: number | null;
  requestId: string;
}

const COLUMNS = `id, at, actor_id as "actorId", actor, role, action, target, outcome, request_id as "requestId"`;

/** Written before a change is begun, so that none happens without a trace. Returns its id. */
export async function beginAudit(db: Db, row: Omit<AuditRow, 'id' | 'outcome'>): Promise<number> {
  const [saved] = await db.query<{ id: number }>(
    `insert into audit (at, actor_id, actor, role, action, target, request_id)
     values ($1::timestamptz, $2, $3, $4, $5, $6, $7) returning id`,
    [row.at, row.actorId, row.actor, row.role, row.action, row.target, row.requestId],
  );
  return saved!.id;
}

/** `target`: what was made, where only the answer says. */
export async function endAudit(db: Db, id: number, outcome: number, target?: string): Promise<void> {
  await db.query(`update audit set outcome = $2, target = coalesce($3, target) where id = $1`, [
    id,
    outcome,
    target ?? null,
  ]);
}

/** Newest first, before the row `before`: one page. */
export async function auditPage(
  db: Db,
  filter: { before: number | null; actor: string | null; action: string | null },
  limit: number,
): Promise<AuditRow[]> {
  return db.query<AuditRow & Row>(
    `select ${COLUMNS} from audit
     where ($1::bigint is null or id < $1) and ($2::text is null or actor_id = $2 or actor = $2)
       and ($3::text is null or action = $3)
     order by id desc limit $4`,
    [filter.before, filter.actor, filter.action, limit],
  );
}
