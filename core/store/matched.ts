import type { Db } from './db.ts';
import { BOND_WEIGHT } from './matching.ts';

/** `crowd`: the bits that the entity's doubts have lost for the number of its records, as core/match/crowd.ts counts them. */
export interface Matched {
  records: number;
  crowd: number;
}

/** Counts so many records more, which are matched for the first time. In a transaction that holds the entity. */
export async function countMatched(tx: Db, entity: string, more: number): Promise<Matched> {
  const [row] = await tx.query<{ records: number; crowd: number }>(
    `insert into matched as m (entity, records) values ($1, $2::bigint)
     on conflict (entity) do update set records = m.records + excluded.records returning records, crowd`,
    [entity, more],
  );
  return row!;
}

/**
 * Counts anew: what has gone is taken off; what the hub made, and nobody has edited, never counts. `more`: those that are matched just now. Reads all records of the entity; due once in as many records as
 * there are. In a transaction that holds the entity.
 */
export async function recountMatched(tx: Db, entity: string, more: number): Promise<number> {
  const [row] = await tx.query<{ records: number }>(
    `update matched set records = $2::bigint + (
       select count(*) from source_record s join match_form m on m.record = s.key
       where s.entity = $1 and s.golden_id is not null and not s.deleted)
     where entity = $1 returning records`,
    [entity, more],
  );
  return row!.records;
}

/** Records of an entity that are matched, as counted last. */
export async function matchedOf(db: Db, entity: string): Promise<number> {
  const [row] = await db.query<{ records: number }>(`select records from matched where entity = $1`, [
    entity,
  ]);
  return row?.records ?? 0;
}

/**
 * From now on an entity's doubts lose so many bits (`to`), instead of as many as before. Those that are below `review` then are no doubts any more; the others weigh that much less than their
 * scores; and where the bits are fewer than before, doubts are back. In a transaction that holds the entity.
 */
export async function crowdDoubts(
  tx: Db,
  entity: string,
  { from, to: crowd }: { from: number; to: number },
  review: number,
  at: string,
): Promise<void> {
  await tx.query(`update matched set crowd = $2::int where entity = $1`, [entity, crowd]);
  await tx.query(
    `delete from review r using edge e
     where e.a = r.a and e.b = r.b and r.entity = $1 and r.state = 'open' and r.reason = 'doubtful score'
       and e.decision = 'review' and e.weight - $2::int < $3::float8`,
    [entity, crowd, review],
  );
  await tx.query(
    `update review r set weight = e.weight - $2::int from edge e
     where e.a = r.a and e.b = r.b and r.entity = $1 and r.state in ('open', 'later') and e.weight < $3::float8`,
    [entity, crowd, BOND_WEIGHT],
  );
  if (crowd < from)
    await tx.query(
      `insert into review (a, b, entity, weight, reason, at)
       select e.a, e.b, e.entity, e.weight - $2::int, 'doubtful score', $4::timestamptz from edge e
       join source_record a on a.key = e.a join source_record b on b.key = e.b
       where e.entity = $1 and e.origin = 'score' and e.decision = 'review' and e.weight - $2::int >= $3::float8
         and a.golden_id <> b.golden_id
         and not exists (select 1 from decision d where d.kind = 'apart' and d.undone_at is null
           and ((d.a = e.a and d.b = e.b) or (d.a = e.b and d.b = e.a)))
       on conflict (a, b) do nothing`,
      [entity, crowd, review, at],
    );
}
