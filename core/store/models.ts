import type { Model } from '../match/model.ts';
import { unpacked } from '../match/packed.ts';
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
  await deactivateModels(db, row.entity);
  const [saved] = await db.query<{ version: number }>(
    `insert into match_model (entity, version, model, by, at, active)
     select $1, coalesce(max(version), 0) + 1, $2::jsonb, $3, $4::timestamptz, true from match_model where entity = $1
     returning version`,
    [row.entity, json(row.model), row.by, row.at],
  );
  return saved!.version;
}

/** The shipped weights are in use from now on. In a transaction that holds the entity. */
export async function deactivateModels(db: Db, entity: string): Promise<void> {
  await db.query(`update match_model set active = false where entity = $1 and active`, [entity]);
}

/** A version that was learnt before is in use again; no other may be. In a transaction that holds the entity. */
export async function reactivateModel(db: Db, entity: string, version: number): Promise<void> {
  await db.query(`update match_model set active = true where entity = $1 and version = $2`, [
    entity,
    version,
  ]);
}

/** What the entity extended when this version was learnt; undefined: there is no such version. */
export async function modelBase(db: Db, entity: string, version: number): Promise<string | undefined> {
  const [row] = await db.query<{ base: string }>(
    `select model ->> 'base' as base from match_model where entity = $1 and version = $2`,
    [entity, version],
  );
  return row?.base;
}

export interface ModelVersion {
  version: number;
  base: string;
  by: string;
  at: string;
  active: boolean;
  /** What it was learnt from. */
  records: number | null;
  pairs: number | null;
}

/** The learnt weights of an entity, newest first. `before`: a version; null: from the newest on. */
export async function modelVersions(
  db: Db,
  entity: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<ModelVersion[]> {
  return db.query<ModelVersion & Row>(
    `select version, model ->> 'base' as base, by, at, active, (model -> 'trained' ->> 'records')::int as records,
       (model -> 'trained' ->> 'pairs')::int as pairs
     from match_model where entity = $1 and ($2::int is null or version < $2) order by version desc limit $3`,
    [entity, before, limit],
  );
}

interface FormRow extends Row {
  record: string;
  form: string;
}

const preparedIn = ({ record, form }: FormRow): Prepared => unpacked(record, JSON.parse(form));

/** Records that people said something of, in their form for matching: all, or as many as asked for, drawn evenly. */
export async function preparedSample(db: Db, entity: string, limit: number): Promise<Prepared[]> {
  const rows = await db.query<FormRow>(
    `select m.record, m.form from source_record s join match_form m on m.record = s.key
     where s.entity = $1 and not s.deleted and s.opinions <> '{}' order by md5(s.key), s.key limit $2`,
    [entity, limit],
  );
  return rows.map(preparedIn);
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
  const rows = await db.query<FormRow>(
    `select m.record, m.form from source_record s join match_form m on m.record = s.key
     where s.key = any($1::text[]) and not s.deleted and s.opinions <> '{}' order by s.key`,
    [keys],
  );
  return rows.map(preparedIn);
}

/** Every record of an entity is matched anew: what makes them one has changed. Returns how many. */
export async function reopenEntity(db: Db, entity: string): Promise<number> {
  const rows = await db.query(
    `update source_record set dirty = true, rescore = true where entity = $1 returning 1 as one`,
    [entity],
  );
  return rows.length;
}
