import type { Db } from './db.ts';

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

/** Records of an entity that were matched until now. */
export async function matchedOf(db: Db, entity: string): Promise<number> {
  const [row] = await db.query<{ records: number }>(`select records from matched where entity = $1`, [
    entity,
  ]);
  return row?.records ?? 0;
}

/**
 * From now on an entity's doubts lose so many bits: those that are below `review` then are no doubts any more, the others weigh that much less than their
 * scores. Reads all of them; due once in as many records as there are. In a transaction that holds the entity.
 */
export async function crowdDoubts(tx: Db, entity: string, crowd: number, review: number): Promise<void> {
  await tx.query(`update matched set crowd = $2::int where entity = $1`, [entity, crowd]);
  await tx.query(
    `with gone as (
       delete from edge where entity = $1 and origin = 'score' and decision = 'review' and weight - $2::int < $3::float8
       returning a, b)
     delete from review r using gone where r.a = gone.a and r.b = gone.b and r.state = 'open'`,
    [entity, crowd, review],
  );
  await tx.query(
    `update review r set weight = e.weight - $2::int from edge e
     where e.a = r.a and e.b = r.b and r.entity = $1 and r.state in ('open', 'later')`,
    [entity, crowd],
  );
}
