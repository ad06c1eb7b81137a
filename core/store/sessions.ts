import type { Db } from './db.ts';
import type { Role } from './tokens.ts';

/** A browser that is signed in. Its id is in a cookie; here is only the hash. */
export interface SessionRow {
  hash: string;
  /** The token it was opened with, and whose end it shares; null: it came by OpenID Connect. */
  tokenId: string | null;
  name: string;
  role: Role;
  seenAt: string;
  expiresAt: string;
}

export async function openSession(db: Db, row: SessionRow, now: Date): Promise<void> {
  await db.query(`delete from session where expires_at <= $1::timestamptz`, [now.toISOString()]);
  await db.query(
    `insert into session (hash, token_id, name, role, created_at, seen_at, expires_at)
     values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz, $6::timestamptz)`,
    [row.hash, row.tokenId, row.name, row.role, now.toISOString(), row.expiresAt],
  );
}

/** The session with this hash, unless it or its token has ended. Name and role are the token's as they are now. */
export async function sessionByHash(db: Db, hash: string, now: Date): Promise<SessionRow | undefined> {
  const rows = await db.query(
    `select s.hash, s.token_id as "tokenId", coalesce(t.name, s.name) as name, coalesce(t.role, s.role) as role,
       s.seen_at as "seenAt", s.expires_at as "expiresAt"
     from session s left join token t on t.id = s.token_id
     where s.hash = $1 and s.expires_at > $2::timestamptz
       and (s.token_id is null or t.expires_at is null or t.expires_at > $2::timestamptz)`,
    [hash, now.toISOString()],
  );
  return rows[0] as unknown as SessionRow | undefined;
}

/** It was used: it lives on until `expiresAt`. */
export async function prolongSession(db: Db, hash: string, now: Date, expiresAt: Date): Promise<void> {
  await db.query(
    `update session set seen_at = $2::timestamptz, expires_at = $3::timestamptz where hash = $1`,
    [hash, now.toISOString(), expiresAt.toISOString()],
  );
}

export async function endSession(db: Db, hash: string): Promise<void> {
  await db.query(`delete from session where hash = $1`, [hash]);
}

/** A sign-in at another provider that has begun: what its answer must fit. */
export interface LoginRow {
  state: string;
  verifier: string;
  nonce: string;
  expiresAt: string;
}

export async function beginLogin(db: Db, row: LoginRow, now: Date): Promise<void> {
  await db.query(`delete from login where expires_at <= $1::timestamptz`, [now.toISOString()]);
  await db.query(
    `insert into login (state, verifier, nonce, expires_at) values ($1, $2, $3, $4::timestamptz)`,
    [row.state, row.verifier, row.nonce, row.expiresAt],
  );
}

/** Takes a begun sign-in out: it counts once. */
export async function takeLogin(db: Db, state: string, now: Date): Promise<LoginRow | undefined> {
  const rows = await db.query(
    `delete from login where state = $1 returning state, verifier, nonce, expires_at as "expiresAt"`,
    [state],
  );
  const row = rows[0] as unknown as LoginRow | undefined;
  return row && Date.parse(row.expiresAt) > now.getTime() ? row : undefined;
}
