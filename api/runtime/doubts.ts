import type { Values } from '../../core/model/value.ts';
import type { Db } from '../../core/store/db.ts';
import { namesOf } from '../../core/store/explain.ts';
import { recordsByKey } from '../../core/store/records.ts';
import type { doubtsPage } from '../../core/store/review-pages.ts';
import { copiedIn } from '../../core/sync/copied.ts';

type Doubt = Awaited<ReturnType<typeof doubtsPage>>[number];

export interface DoubtSide {
  /** connection/object/id */
  record: string;
  golden: string | null;
  name: string;
}

/** Doubts as programs see them, with what their golden records are called: the same from the command line and over HTTP. */
export async function shownDoubts(db: Db, doubts: readonly Doubt[]) {
  const goldens = doubts.flatMap(({ goldenA, goldenB }) => [goldenA, goldenB]);
  const names = await namesOf(
    db,
    goldens.filter((id) => id !== null),
  );
  const side = (record: string, golden: string | null): DoubtSide => ({
    record,
    golden,
    name: (golden && names.get(golden)) || '',
  });
  return doubts.map(({ entity, a, b, goldenA, goldenB, weight, reason, at }) => ({
    entity,
    a: side(a, goldenA),
    b: side(b, goldenB),
    weight,
    reason,
    at,
  }));
}

/** What the tools show of a record, and in which attributes that is what the hub wrote there. */
export interface Shown {
  values: Values;
  copied: string[];
}

/** What the tools show of the records of these doubts, by record. */
export async function shownInDoubt(db: Db, doubts: readonly Doubt[]): Promise<Map<string, Shown>> {
  const records = await recordsByKey(
    db,
    doubts.flatMap(({ a, b }) => [a, b]),
  );
  return new Map(
    [...records].map(([key, record]) => [key, { values: record.seen, copied: copiedIn(record) }]),
  );
}
