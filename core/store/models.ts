import type { Model } from '../match/model.ts';
import type { Prepared } from '../match/prepared.ts';
import type { Db, Row } from './db.ts';
import { json } from './json.ts';

export interface ModelFacts {
  entity: string;
  version: number;
  by: string;
  at: string;
}

/** Which learnt weights are in use, entity by entity; absent: the shipped ones. */
export async function activeModels(db: Db): Promise<ModelFacts[]> {
  return db.query<ModelFacts & Row>(
    `select entity, version, by, at from match_model where active order by entity`,
  );
}

export async function activeModel(
  db: Db,
  entity: string,
): Promise<{ version: number; model: Model } | undefined> {
  const [row] = await db.query<{ version: number; model: Model }>(
    `select version, model from match_model where entity = $1 and active`,
    [entity],
  );
  return row;
}

/** A new version, in use from now on; earlier ones are kept. Returns its number. In a transaction that holds the entity. */
export async function activateModel(
  db: Db,
  row: { entity: string; model: Model; by: string; at: string },
): Promise<number> {
  await db.query(`update match_model set active = false where entity = $1 and active`, [row.entity]);
  const [saved] = await db.query<{ version: number }>(
    `insert into match_model (entity, version, model, by, at, active)
     select $1, coalesce(max(version), 0) + 1, $2::jsonb, $3, $4::timestamptz, true from match_model where entity = $1
     returning version`,
    [row.entity, json(row.model), row.by, row.at],
  );
  return saved!.version;
}

/** Records that people said something of, in their form for matching: all, or as many as asked for, drawn evenly. */
export async function preparedSample(db: Db, entity: string, limit: number): Promise<Prepared[]> {
  const rows = await db.query<{ prepared: Prepared }>(
    `select prepared from source_record where entity = $1 and prepared is not null and not deleted and opinions <> '{}'
     order by md5(key), key limit $2`,
    [entity, limit],
  );
  return rows.map(({ prepared }) => prepared);
}

/** What people have said of two records of an entity, the newest first: as many as asked for. */
export async function decidedPairs(
  db: Db,
  entity: string,
  limit: number,
): Promise<{ a: string; b: string; one: boolean }[]> {
  return db.query<{ a: string; b: string; one: boolean }>(
    `select a, b, kind = 'link' as one from decision
     where entity = $1 and kind in ('link', 'apart') and b is not null and undone_at is null order by at desc, id limit $2`,
    [entity, limit],
  );
}

/** These records in their form for matching; those that are deleted, or of which nobody said anything, are left out. */
export async function preparedRecords(db: Db, keys: readonly string[]): Promise<Prepared[]> {
  if (keys.length === 0) return [];
  const rows = await db.query<{ prepared: Prepared }>(
    `select prepared from source_record where key = any($1::text[]) and prepared is not null and not deleted and opinions <> '{}' order by key`,
    [keys],
  );
  return rows.map(({ prepared }) => prepared);
}

/** Every record of an entity is matched anew: what makes them one has changed. Returns how many. */
export async function reopenEntity(db: Db, entity: string): Promise<number> {
  const rows = await db.query(
    `update source_record set dirty = true, rescore = true where entity = $1 returning 1 as one`,
    [entity],
  );
  return rows.length;
}
