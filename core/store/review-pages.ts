import type { Db, Row } from './db.ts';
import type { DoubtRow } from './overview.ts';

/** Where a list of doubts stands: the likeliest first. */
export interface DoubtPlace {
  weight: number;
  a: string;
  b: string;
}

/** Open doubtful pairs after a place, the likeliest first: one page. */
export async function doubtsPage(
  db: Db,
  entity: string | null,
  after: DoubtPlace | undefined,
  limit: number,
): Promise<(DoubtRow & { at: string })[]> {
  return db.query<DoubtRow & { at: string } & Row>(
    `select v.entity, v.a, v.b, v.weight, v.reason, v.at, a.golden_id as "goldenA", b.golden_id as "goldenB"
     from review v left join source_record a on a.key = v.a left join source_record b on b.key = v.b
     where v.state = 'open' and ($1::text is null or v.entity = $1)
       and ($2::float8 is null or v.weight < $2 or (v.weight = $2 and (v.a, v.b) > ($3, $4)))
     order by v.weight desc, v.a, v.b limit $5`,
    [entity, after?.weight ?? null, after?.a ?? '', after?.b ?? '', limit],
  );
}
