import type { Db, Row } from './db.ts';
import type { DoubtRow } from './overview.ts';

/**
 * Where a list of doubts stands: what a decision teaches most first. That is a pair which is alike and was refused (a contradiction,
 * a weak bridge), where evidence and rules say opposite things; then the others, the nearer to even the earlier (uncertainty sampling:
 * Lewis and Gale 1994).
 */
export interface DoubtPlace {
  /** Bits away from even, 0 for what was refused. */
  sure: number;
  a: string;
  b: string;
}

/** Open doubtful pairs after a place, what teaches most first: one page. */
export async function doubtsPage(
  db: Db,
  entity: string | null,
  after: DoubtPlace | undefined,
  limit: number,
): Promise<(DoubtRow & { at: string; sure: number })[]> {
  return db.query<DoubtRow & { at: string; sure: number } & Row>(
    `with doubt as (
       select *, case when reason = 'doubtful score' then abs(weight) else 0 end as sure from review
       where state = 'open' and ($1::text is null or entity = $1))
     select v.entity, v.a, v.b, v.weight, v.reason, v.at, v.sure, a.golden_id as "goldenA", b.golden_id as "goldenB"
     from doubt v left join source_record a on a.key = v.a left join source_record b on b.key = v.b
     where ($2::float8 is null or v.sure > $2 or (v.sure = $2 and (v.a, v.b) > ($3, $4)))
     order by v.sure, v.a, v.b limit $5`,
    [entity, after?.sure ?? null, after?.a ?? '', after?.b ?? '', limit],
  );
}
