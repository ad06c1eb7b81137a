/** What the hub knew of each mapping when it last ran, so that a change of it is noticed. */
import type { Db } from './db.ts';
import { json } from './json.ts';
import { releaseHeld } from './outbox.ts';
import { clearRefusals } from './refusals.ts';

export interface KnownMapping {
  mapping: string;
  connection: string;
  object: string;
  entity: string;
  /** By attribute: the fields it is read from. */
  sources: Record<string, string>;
  /** All that the mapping says, as one text. */
  outward: string;
  /** What the tool says of the fields that the mapping names, and of those it requires, as one text. */
  schema: string;
}

export async function knownMappings(db: Db): Promise<KnownMapping[]> {
  return (await db.query(
    `select mapping, connection, object, entity, sources, outward, schema from known_mapping order by mapping`,
  )) as unknown as KnownMapping[];
}

export async function saveKnownMappings(db: Db, rows: readonly KnownMapping[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into known_mapping (mapping, connection, object, entity, sources, outward, schema, updated_at)
     select mapping, connection, object, entity, sources, outward, schema, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(mapping text, connection text, object text, entity text, sources jsonb,
       outward text, schema text)
     on conflict (mapping) do update set connection = excluded.connection, object = excluded.object, entity = excluded.entity,
       sources = excluded.sources, outward = excluded.outward, schema = excluded.schema, updated_at = excluded.updated_at`,
    [json(rows), now],
  );
}

/** A mapping has another name: what is wanted, refused and read under the old one goes on under the new. */
export async function renameMapping(db: Db, from: string, to: string): Promise<void> {
  // In flight under the old name outweighs wanted under the new; otherwise the new is the newer wish.
  await db.query(
    `delete from outbox n using outbox o where n.mapping = $2 and o.mapping = $1 and o.golden_id = n.golden_id
       and o.target = n.target and o.state in ('sending', 'unknown')`,
    [from, to],
  );
  await db.query(
    `delete from outbox o using outbox n where o.mapping = $1 and n.mapping = $2 and n.golden_id = o.golden_id
       and n.target = o.target`,
    [from, to],
  );
  await db.query(`update outbox set mapping = $2 where mapping = $1`, [from, to]);
  await db.query(
    `delete from refusal o using refusal n where o.mapping = $1 and n.mapping = $2 and n.golden_id = o.golden_id
       and n.target = o.target and n.attribute = o.attribute`,
    [from, to],
  );
  await db.query(`update refusal set mapping = $2 where mapping = $1`, [from, to]);
  await db.query(
    `delete from cursor where mapping = $2 and exists (select 1 from cursor where mapping = $1)`,
    [from, to],
  );
  await db.query(`update cursor set mapping = $2 where mapping = $1`, [from, to]);
  await db.query(`delete from known_mapping where mapping = $1`, [from]);
}

/** What was held or refused under these mappings is tried again: they, or their tools' schemas, have changed. */
export async function releaseMappings(db: Db, mappings: readonly string[], now: string): Promise<void> {
  const goldens = await clearRefusals(db, mappings);
  await db.query(`update source_record set dirty = true where golden_id = any($1::text[])`, [goldens]);
  await releaseHeld(db, mappings, now);
}

/** These attributes come from other fields now: what the old ones showed says nothing of the new. */
export async function forgetAttributes(
  db: Db,
  stream: { connection: string; object: string; entity: string },
  attributes: readonly string[],
): Promise<void> {
  await db.query(
    `update source_record set opinions = opinions - $4::text[], seen = seen - $4::text[], written = written - $4::text[],
       dirty = true, rescore = true
     where connection = $1 and object = $2 and entity = $3 and (opinions ?| $4::text[] or seen ?| $4::text[])`,
    [stream.connection, stream.object, stream.entity, attributes],
  );
}
