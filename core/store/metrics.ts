/** What metrics tell of the hub's tables: a handful of counts, names and states only. */
import type { Db } from './db.ts';

export interface Counted {
  labels: Record<string, string>;
  value: number;
}

const counted = async <L extends string>(db: Db, labels: readonly L[], sql: string): Promise<Counted[]> =>
  (await db.query<Record<L, string> & { value: number }>(sql)).map((row) => ({
    labels: Object.fromEntries(labels.map((label) => [label, String(row[label])])),
    value: row.value,
  }));

export const recordsByStream = (db: Db) =>
  counted(
    db,
    ['connection', 'object'],
    `select connection, object, count(*) as value from source_record where not deleted group by connection, object`,
  );

export const goldenByEntity = (db: Db) =>
  counted(
    db,
    ['entity'],
    `select entity, count(*) as value from golden where alias_of is null and live group by entity`,
  );

export const outboxByState = (db: Db) =>
  counted(
    db,
    ['mapping', 'state'],
    `select mapping, state, count(*) as value from outbox group by mapping, state`,
  );

/** Fields that are overwritten again and again in their tool. */
export const frozenByConnection = (db: Db) =>
  counted(
    db,
    ['connection'],
    `select s.connection, count(*) as value from flip f join source_record s on s.key = f.record
     where f.frozen_at is not null and not s.deleted group by s.connection`,
  );

/** Outgoing webhooks and alerts. */
export const messagesByState = (db: Db) =>
  counted(
    db,
    ['connection', 'state'],
    `select connection, state, count(*) as value from message group by connection, state`,
  );

export const openReviewsByEntity = (db: Db) =>
  counted(
    db,
    ['entity'],
    `select entity, count(*) as value from review where state = 'open' group by entity`,
  );

/** Of runs that ended, plans left out. */
export const runsByStatus = (db: Db) =>
  counted(
    db,
    ['sync', 'status'],
    `select sync, status, count(*) as value from run where mode <> 'plan' group by sync, status`,
  );

/** Seconds since the oldest webhook that still waits came in, by connection; those without one are left out. */
export const inboxAges = (db: Db, now: Date): Promise<Counted[]> =>
  db
    .query<{ connection: string; value: number }>(
      `select connection, extract(epoch from $1::timestamptz - min(received_at))::float8 as value
       from inbox where state = 'new' group by connection`,
      [now.toISOString()],
    )
    .then((rows) =>
      rows.map(({ connection, value }) => ({ labels: { connection }, value: Math.max(0, value) })),
    );

/** Seconds since each sync last ended 'complete'. */
export const secondsSinceComplete = (db: Db, now: Date): Promise<Counted[]> =>
  db
    .query<{ sync: string; value: number }>(
      `select sync, extract(epoch from $1::timestamptz - max(ended_at))::float8 as value
       from run where mode <> 'plan' and status = 'complete' group by sync`,
      [now.toISOString()],
    )
    .then((rows) => rows.map(({ sync, value }) => ({ labels: { sync }, value: Math.max(0, value) })));
