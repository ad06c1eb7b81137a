import type { Migration } from './migration.ts';

/** Pairs whose records were resolved in different pages had an edge and no review: what a person was to see is shown now. */
export const DOUBTS: Migration = {
  name: 'doubts that fell between two pages',
  sql: `
insert into review (a, b, entity, weight, reason, at)
select e.a, e.b, e.entity, e.weight, 'doubtful score', now()
from edge e join source_record a on a.key = e.a join source_record b on b.key = e.b
where e.decision = 'review' and e.origin = 'score' and a.golden_id <> b.golden_id
  and not exists (select 1 from decision d where d.kind = 'apart' and d.undone_at is null
    and ((d.a = e.a and d.b = e.b) or (d.a = e.b and d.b = e.a)))
on conflict (a, b) do nothing
`,
};
