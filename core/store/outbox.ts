import type { Fields } from '../../connectors/contract.ts';
import type { Values } from '../model/value.ts';
import type { Db } from './db.ts';
import { json } from './json.ts';
import { permitted } from './permits.ts';

/**
 * pending  due at `dueAt`
 * waiting  for the records it references to exist in the tool (`awaits`)
 * sending  handed to the tool by `owner`; nobody else may touch it
 * unknown  sent, no answer: looked up before anything is sent again
 * held     refused whole: waits for a person, or for its value, mapping or schema to change
 */
export type OutboxState = 'pending' | 'waiting' | 'sending' | 'unknown' | 'held';

/** What was sent, kept until the answer: an echo that arrives first is known by it. */
export interface Payload {
  fields: Fields;
  /** Golden values that the fields carry (references as source keys). */
  sent: Values;
  /** Canonical values that the tool is expected to show afterwards. */
  echo: Values;
  /** For a create: a record of the golden record, which the new one is bound to. */
  anchor: string | null;
  /** The golden record's version that was sent. */
  version: number;
  /** Of a create: it, or an earlier try, was looked for in vain, and may be carried out all the same. */
  late?: true;
}

export interface OutboxRow {
  goldenId: string;
  mapping: string;
  /** Source key to update; '' for a create. */
  target: string;
  entity: string;
  op: 'create' | 'update' | 'delete';
  /** Handed to the tool with the op; the same for every try. */
  key: string;
  lane: number;
  state: OutboxState;
  awaits: string[];
  payload: Payload | null;
  attempts: number;
  dueAt: string;
  owner: string | null;
  error: { kind: string; message: string; fields?: string[] } | null;
  /** When the earliest webhook arrived that this write carries; null: none did. */
  since: string | null;
}

/** For whoever else asks of these rows: outbox-flight.ts. */
export const COLUMNS = `golden_id as "goldenId", mapping, target, entity, op, key, lane, state, awaits, payload, attempts,
  due_at as "dueAt", owner, error, since`;
export const IDENTITY = `"goldenId" text, mapping text, target text`;
export const SAME = `o.golden_id = x."goldenId" and o.mapping = x.mapping and o.target = x.target`;

export type Key = Pick<OutboxRow, 'goldenId' | 'mapping' | 'target'>;

/** Wanted writes. A row that is being sent keeps its state; one that was held or waiting is due again. */
export async function putOutbox(
  db: Db,
  rows: readonly (Key &
    Pick<OutboxRow, 'entity' | 'op' | 'key' | 'lane' | 'awaits' | 'since'> & { ready: boolean })[],
  now: string,
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into outbox as o (golden_id, mapping, target, entity, op, key, lane, state, awaits, due_at, created_at, updated_at, since)
     select "goldenId", mapping, target, entity, op, key, lane, case when ready then 'pending' else 'waiting' end,
       coalesce(array(select jsonb_array_elements_text(awaits)), '{}'), $2::timestamptz, $2::timestamptz, $2::timestamptz, since
     from jsonb_to_recordset($1::jsonb) as x(${IDENTITY}, entity text, op text, key text, lane int, awaits jsonb, ready boolean,
       since timestamptz)
     on conflict (golden_id, mapping, target) do update set
       lane = least(o.lane, excluded.lane), since = least(o.since, excluded.since), awaits = excluded.awaits, updated_at = excluded.updated_at,
       op = case when o.state in ('sending', 'unknown') then o.op else excluded.op end,
       state = case when o.state in ('sending', 'unknown') then o.state else excluded.state end,
       created_at = case when o.state = 'held' then excluded.created_at else o.created_at end,
       due_at = case when o.state in ('held', 'waiting') then excluded.due_at else o.due_at end,
       attempts = case when o.state in ('held', 'waiting') then 0 else o.attempts end`,
    [json(rows), now],
  );
}

/** Writes nobody wants any more (the tool shows the value already). Rows in flight stay until their answer. */
export async function dropOutbox(db: Db, rows: readonly Key[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `delete from outbox o using jsonb_to_recordset($1::jsonb) as x(${IDENTITY})
     where ${SAME} and o.state not in ('sending', 'unknown')`,
    [json(rows)],
  );
}

/** Everything still wanted for these golden records. */
export async function outboxOf(db: Db, goldenIds: readonly string[]): Promise<OutboxRow[]> {
  if (goldenIds.length === 0) return [];
  return (await db.query(`select ${COLUMNS} from outbox where golden_id = any($1::text[])`, [
    goldenIds,
  ])) as unknown as OutboxRow[];
}

/** Moves what is wanted of a golden record that became an alias; what its survivor has already is dropped. */
export async function forgetOutbox(db: Db, goldenIds: readonly string[]): Promise<void> {
  if (goldenIds.length === 0) return;
  await db.query(
    `delete from outbox where golden_id = any($1::text[]) and state not in ('sending', 'unknown')`,
    [goldenIds],
  );
}

/** How many rows are due, at most `most`. */
export async function countDue(
  db: Db,
  mapping: string,
  op: OutboxRow['op'],
  most: number,
  now: string,
  lane: number,
  within: string | null = null,
): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `select count(*)::int as n from (
       select from outbox where mapping = $1 and op = $2 and state = 'pending' and due_at <= $4::timestamptz and lane <= $5
         and ${permitted(6)} limit $3
     ) as due`,
    [mapping, op, most, now, lane, within],
  );
  return row!.n;
}

/**
 * A row that is due. `twin`: a create of this golden record in another object of the tool is in flight, or one of somebody who was
 * merged into it.
 */
export type DueRow = OutboxRow & { twin: boolean };

/**
 * Rows that are due, locked for this transaction: webhook-born ones first, then the oldest. `within`: of those, the ones that this run
 * of a plan may write. `siblings`: the mappings of the tool's other objects.
 */
export async function dueOutbox(
  db: Db,
  mapping: string,
  op: OutboxRow['op'],
  limit: number,
  now: string,
  lane: number,
  within: string | null = null,
  siblings: readonly string[] = [],
): Promise<DueRow[]> {
  return (await db.query(
    `with recursive flying(id) as (
       select f.golden_id from outbox f where f.mapping = any($7::text[]) and f.op = 'create' and f.state in ('sending', 'unknown')
       union select g.alias_of from outbox f join golden g on g.id = f.golden_id
         where (f.mapping = $1 or f.mapping = any($7::text[])) and f.op = 'create' and f.state in ('sending', 'unknown') and g.alias_of is not null
       union select g.alias_of from flying join golden g on g.id = flying.id where g.alias_of is not null)
     select ${COLUMNS}, op = 'create' and golden_id in (select id from flying) as twin
     from outbox o where mapping = $1 and op = $2 and state = 'pending' and due_at <= $4::timestamptz and lane <= $5
       and ${permitted(6, 'o')}
     order by lane, golden_id, target limit $3 for update of o skip locked`,
    [mapping, op, limit, now, lane, within, siblings],
  )) as unknown as DueRow[];
}

/** The records that the next batch of updates would write to. */
export async function dueTargets(
  db: Db,
  mapping: string,
  limit: number,
  now: string,
  lane: number,
  within: string | null = null,
): Promise<Pick<OutboxRow, 'target' | 'attempts' | 'lane'>[]> {
  return db.query(
    `select target, attempts, lane from outbox where mapping = $1 and op = 'update' and state = 'pending' and due_at <= $3::timestamptz
       and lane <= $4 and ${permitted(5)}
     order by lane, golden_id, target limit $2`,
    [mapping, limit, now, lane, within],
  );
}

/** Writes to these records wait until then: the tool could not be asked what they show. */
export async function postpone(
  db: Db,
  mapping: string,
  targets: readonly string[],
  until: string,
): Promise<void> {
  await db.query(
    `update outbox set due_at = $3::timestamptz where mapping = $1 and target = any($2::text[]) and state = 'pending'`,
    [mapping, targets, until],
  );
}

/** What waited for these golden records to exist in the tool is due. */
export async function wake(db: Db, goldenIds: readonly string[], now: string): Promise<void> {
  if (goldenIds.length === 0) return;
  await db.query(
    `update outbox set state = 'pending', due_at = $2::timestamptz, updated_at = $2::timestamptz
     where awaits && $1::text[] and state = 'waiting'`,
    [goldenIds, now],
  );
}

/** What is due now: mapping and op, the most urgent first. */
export async function dueNow(
  db: Db,
  mappings: readonly string[],
  now: string,
  lane: number,
): Promise<Pick<OutboxRow, 'mapping' | 'op'>[]> {
  return (await db.query(
    `select mapping, op from outbox where mapping = any($1::text[]) and state = 'pending' and due_at <= $2::timestamptz
       and lane <= $3
     group by mapping, op order by min(lane), op, mapping`,
    [mappings, now, lane],
  )) as unknown as Pick<OutboxRow, 'mapping' | 'op'>[];
}

export interface OutboxCount {
  mapping: string;
  op: OutboxRow['op'];
  state: OutboxState;
  n: number;
  /** When the first of them is due. */
  dueAt: string;
}

export async function countOutbox(db: Db, mappings: readonly string[]): Promise<OutboxCount[]> {
  return (await db.query(
    `select mapping, op, state, count(*) as n, min(due_at) as "dueAt" from outbox where mapping = any($1::text[])
     group by mapping, op, state order by mapping, op, state`,
    [mappings],
  )) as unknown as OutboxCount[];
}

/** Held rows become due again: called when a person, a mapping or a schema may have mended the cause. */
export async function releaseHeld(db: Db, mappings: readonly string[], now: string): Promise<number> {
  const rows = await db.query(
    `update outbox set state = 'pending', due_at = $2::timestamptz, attempts = 0, updated_at = $2::timestamptz
     where mapping = any($1::text[]) and state = 'held' returning golden_id`,
    [mappings, now],
  );
  return rows.length;
}

/** Transient and quota waits end now: a person asked for a new try. */
export async function hastenPending(db: Db, mappings: readonly string[], now: string): Promise<void> {
  await db.query(
    `update outbox set due_at = $2::timestamptz where mapping = any($1::text[]) and state = 'pending' and due_at > $2::timestamptz`,
    [mappings, now],
  );
}

/** These rows are due now: what kept them waiting is mended. */
export async function hasten(db: Db, rows: readonly Key[], now: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update outbox o set due_at = $2::timestamptz from jsonb_to_recordset($1::jsonb) as x(${IDENTITY})
     where ${SAME} and o.state = 'pending'`,
    [json(rows), now],
  );
}

/** Nothing that is tried again by itself would end otherwise: a person is needed. Rows that are another try by now are left alone. */
export async function holdPending(
  db: Db,
  rows: readonly Pick<OutboxRow, 'goldenId' | 'mapping' | 'target' | 'attempts' | 'error'>[],
  now: string,
): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update outbox o set state = 'held', error = x.error, updated_at = $2::timestamptz
     from jsonb_to_recordset($1::jsonb) as x(${IDENTITY}, attempts int, error jsonb)
     where ${SAME} and o.state = 'pending' and o.attempts = x.attempts`,
    [
      json(
        rows.map(({ goldenId, mapping, target, attempts, error }) => ({
          ...{ goldenId, mapping, target, attempts, error },
        })),
      ),
      now,
    ],
  );
}

/** When the next pending row is due that has not used up its tries; undefined: none. */
export async function nextDue(
  db: Db,
  mappings: readonly string[],
  maxAttempts: number,
  within: string | null = null,
): Promise<string | undefined> {
  const rows = await db.query<{ at: string | null }>(
    `select min(due_at) as at from outbox where mapping = any($1::text[]) and state = 'pending' and attempts < $2
       and ${permitted(3)}`,
    [mappings, maxAttempts, within],
  );
  return rows[0]?.at ?? undefined;
}
