import type { Db } from './db.ts';

export type Role = 'viewer' | 'operator' | 'admin';

export interface TokenRow {
  /** SHA-256 of the token, in hex: the token itself is nowhere. */
  hash: string;
  name: string;
  role: Role;
  expiresAt: string | null;
}

/** The token with this hash, unless it has expired. */
export async function tokenByHash(db: Db, hash: string, now: Date): Promise<TokenRow | undefined> {
  const rows = await db.query(
    `select hash, name, role, expires_at as "expiresAt" from token
     where hash = $1 and (expires_at is null or expires_at > $2::timestamptz)`,
    [hash, now.toISOString()],
  );
  return rows[0] as unknown as TokenRow | undefined;
}

export async function saveToken(db: Db, row: TokenRow, now: Date): Promise<void> {
  await db.query(
    `insert into token (hash, name, role, created_at, expires_at) values ($1, $2, $3, $4::timestamptz, $5::timestamptz)
     on conflict (hash) do update set name = excluded.name, role = excluded.role, expires_at = excluded.expires_at`,
    [row.hash, row.name, row.role, now.toISOString(), row.expiresAt],
  );
}

/** Makes one token the only one of its name. */
export async function replaceNamed(db: Db, row: TokenRow, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`delete from token where name = $1 and hash <> $2`, [row.name, row.hash]);
    await saveToken(tx, row, now);
  });
}

export async function hasAdmin(db: Db, now: Date): Promise<boolean> {
  const rows = await db.query(
    `select 1 as one from token where role = 'admin' and (expires_at is null or expires_at > $1::timestamptz) limit 1`,
    [now.toISOString()],
  );
  return rows.length > 0;
}
