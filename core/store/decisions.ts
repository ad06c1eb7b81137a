import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';

/** What a person decided. link, apart: `a` and `b` are source keys. pin: `a` is the source key that anchors it. */
export interface Decision {
  id: string;
  entity: string;
  kind: 'link' | 'apart' | 'pin';
  a: string;
  b: string | null;
  attribute: string | null;
  value: Value;
  by: string;
  at: string;
}

const COLUMNS = `id, entity, kind, a, b, attribute, value, by, at`;

/** Decisions in force that name any of these records. */
export async function decisionsAbout(db: Db, records: readonly string[]): Promise<Decision[]> {
  if (records.length === 0) return [];
  return (await db.query(
    `select ${COLUMNS} from decision where undone_at is null and (a = any($1::text[]) or b = any($1::text[])) order by at, id`,
    [records],
  )) as unknown as Decision[];
}

export async function saveDecision(db: Db, decision: Decision): Promise<void> {
  await db.query(
    `insert into decision (id, entity, kind, a, b, attribute, value, by, at) values ($1,$2,$3,$4,$5,$6,$7::jsonb,$8,$9)`,
    [
      decision.id,
      decision.entity,
      decision.kind,
      decision.a,
      decision.b,
      decision.attribute,
      json(decision.value),
      decision.by,
      decision.at,
    ],
  );
}
