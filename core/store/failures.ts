import type { Value } from '../model/value.ts';
import type { Db } from './db.ts';
import { thawAll } from './flips.ts';
import type { OutboxRow, OutboxState } from './outbox.ts';
import { hastenPending, releaseHeld } from './outbox.ts';
import type { UnreadableRow } from './records.ts';
import { clearRefusals, countRefusals } from './refusals.ts';

/** A write that has not arrived. `record`: the one to change, or for a create one that asks for it. */
export interface StuckWrite {
  golden: string;
  mapping: string;
  op: OutboxRow['op'];
  record: string;
  state: OutboxState;
  attempts: number;
  dueAt: string;
  error: OutboxRow['error'];
}

/** A value that a tool refused, or that a mapping could not put into it; the rest of its record was delivered. */
export interface RefusedValue {
  golden: string;
  mapping: string;
  record: string;
  attribute: string;
  field: string | null;
  value: Value;
  message: string;
}

const RECORD = `coalesce(nullif(w.target, ''),
  (select min(key) from source_record s where s.golden_id = w.golden_id and not s.deleted), '')`;

/** Writes that are held, without an answer, waiting, or being tried again after an error. */
export async function stuckWrites(db: Db): Promise<StuckWrite[]> {
  return (await db.query(
    `select w.golden_id as golden, w.mapping, w.op, ${RECORD} as record, w.state, w.attempts, w.due_at as "dueAt", w.error
     from outbox w where w.state <> 'pending' or w.error is not null
     order by w.mapping, w.golden_id, w.target`,
  )) as unknown as StuckWrite[];
}

export async function refusedValues(db: Db): Promise<RefusedValue[]> {
  return (await db.query(
    `select w.golden_id as golden, w.mapping, ${RECORD} as record, w.attribute, w.field, w.value, w.message
     from refusal w order by w.mapping, w.attribute, w.golden_id, w.target`,
  )) as unknown as RefusedValue[];
}

/** Values of live records that a mapping could not read. */
export async function unreadableValues(db: Db): Promise<(UnreadableRow & { golden: string | null })[]> {
  return (await db.query(
    `select u.record, u.attribute, u.field, u.found, u.message, s.golden_id as golden
     from unreadable u join source_record s on s.key = u.record where not s.deleted
     order by u.record, u.attribute`,
  )) as unknown as (UnreadableRow & { golden: string | null })[];
}

/**
 * Everything refused or held becomes due again: the next sync works these golden records out anew and sends what still
 * differs. Asks no tool. Returns how many values and records that concerns.
 */
export async function retryFailures(
  db: Db,
  mappings: readonly string[],
  now: string,
): Promise<{ values: number; records: number }> {
  return db.transaction(async (tx) => {
    const values = await countRefusals(tx, mappings);
    const frozen = await thawAll(tx);
    const goldens = [...frozen, ...(await clearRefusals(tx, mappings))];
    if (goldens.length > 0)
      await tx.query(`update source_record set dirty = true where golden_id = any($1::text[])`, [goldens]);
    const records = await releaseHeld(tx, mappings, now);
    await hastenPending(tx, mappings, now);
    return { values: values + frozen.length, records };
  });
}
