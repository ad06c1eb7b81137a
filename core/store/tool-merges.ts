import type { Db, Row } from './db.ts';
import { json } from './json.ts';

/**
 * approved  a person wants the two merged in their tool: done by the next run
 * refused   they stay two there, and nobody is asked again
 * done      the tool has merged them
 * failed    the tool would not; `reason` says why
 */
export type ToolMergeState = 'approved' | 'refused' | 'done' | 'failed';

/** Two records of one stream and one golden record. Both are source keys. */
export interface ToolMerge {
  winner: string;
  loser: string;
  entity: string;
  state: ToolMergeState;
  reason: string | null;
  by: string;
  at: string;
}

const COLUMNS = `winner, loser, entity, state, reason, by, at`;

export interface Duplicates {
  goldenId: string;
  entity: string;
  connection: string;
  object: string;
  /** Source keys: those that the hub did not make first, then in order. */
  records: string[];
}

/** Golden records with several live records in one of these streams, of which no pair with the first was refused or is being merged. */
export async function duplicatesIn(
  db: Db,
  streams: readonly { connection: string; object: string }[],
  after: string,
  limit: number,
): Promise<Duplicates[]> {
  return db.query<Duplicates & Row>(
    `select s.golden_id as "goldenId", s.entity, s.connection, s.object,
       array_agg(s.key order by (s.opinions = '{}'), length(s.ext_id), s.ext_id) as records
     from source_record s join jsonb_to_recordset($1::jsonb) as x(connection text, object text)
       on x.connection = s.connection and x.object = s.object
     where not s.deleted and s.golden_id > $2
       and not exists (select 1 from tool_merge m where m.loser = s.key and m.state <> 'done')
     group by s.golden_id, s.entity, s.connection, s.object having count(*) > 1
     order by s.golden_id, s.connection, s.object limit $3`,
    [json(streams), after, limit],
  );
}

export async function saveToolMerge(tx: Db, row: Omit<ToolMerge, 'reason'>): Promise<void> {
  await tx.query(
    `insert into tool_merge (winner, loser, entity, state, by, at, due_at) values ($1, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz)
     on conflict (loser) do update set winner = excluded.winner, state = excluded.state, reason = null, by = excluded.by, at = excluded.at,
       due_at = excluded.due_at, attempts = 0`,
    [row.winner, row.loser, row.entity, row.state, row.by, row.at],
  );
}

/** What was decided of a record that was to be folded into another. */
export async function toolMergeOf(db: Db, loser: string): Promise<ToolMerge | undefined> {
  const [row] = await db.query<ToolMerge & Row>(`select ${COLUMNS} from tool_merge where loser = $1`, [
    loser,
  ]);
  return row;
}

/** A decision that was not carried out is taken back. false: it was carried out, or there is none. */
export async function dropToolMerge(tx: Db, loser: string): Promise<boolean> {
  const rows = await tx.query(
    `delete from tool_merge where loser = $1 and state in ('approved', 'refused', 'failed') and attempts = 0 returning loser`,
    [loser],
  );
  return rows.length > 0;
}

/**
 * Takes merges to carry out of one stream (`only`: of these records); should their process end, they are due again at `until`, and
 * looked up first.
 */
export async function takeToolMerges(
  db: Db,
  prefix: string,
  limit: number,
  now: string,
  until: string,
  only: readonly string[] | null = null,
): Promise<(ToolMerge & { attempts: number })[]> {
  return db.query<ToolMerge & { attempts: number } & Row>(
    `update tool_merge set attempts = attempts + 1, due_at = $4::timestamptz where loser in (
       select loser from tool_merge where state = 'approved' and due_at <= $3::timestamptz and starts_with(loser, $1)
         and ($5::text[] is null or loser = any($5::text[]))
       order by due_at, loser limit $2 for update skip locked)
     returning ${COLUMNS}, attempts`,
    [prefix, limit, now, until, only],
  );
}

export async function settleToolMerge(
  db: Db,
  row: { loser: string; state: ToolMergeState; reason: string | null; dueAt: string },
): Promise<void> {
  await db.query(
    `update tool_merge set state = $2, reason = $3, due_at = $4::timestamptz where loser = $1 and state = 'approved'`,
    [row.loser, row.state, row.reason, row.dueAt],
  );
}
