import type { Db } from './db.ts';

export type Role = 'viewer' | 'operator' | 'admin';

export interface TokenRow {
  /** SHA-256 of the token, in hex: the token itself is nowhere. */
  hash: string;
  name: string;
  role: Role;
  expiresAt: string | null;
}

/** A token as it may be shown: without its hash. */
export interface TokenInfo {
  id: string;
  name: string;
  role: Role;
  createdAt: string;
  createdBy: string | null;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

const INFO = `id, name, role, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt", used_at as "lastUsedAt"`;
const VALID = `(expires_at is null or expires_at > $2::timestamptz)`;

/** The token with this hash, unless it has expired. */
export async function tokenByHash(
  db: Db,
  hash: string,
  now: Date,
): Promise<(TokenRow & { id: string; lastUsedAt: string | null }) | undefined> {
  const rows = await db.query(
    `select id, hash, name, role, expires_at as "expiresAt", used_at as "lastUsedAt" from token
     where hash = $1 and ${VALID}`,
    [hash, now.toISOString()],
  );
  return rows[0] as unknown as (TokenRow & { id: string; lastUsedAt: string | null }) | undefined;
}

/** Remembers that a token was used; called at most once a minute for each. */
export async function touchToken(db: Db, id: string, now: Date): Promise<void> {
  await db.query(
    `update token set used_at = greatest(coalesce(used_at, $2::timestamptz), $2::timestamptz) where id = $1`,
    [id, now.toISOString()],
  );
}

/** Saves a token and returns its id; a hash that is known keeps its id and takes the new name, role and end. */
export async function saveToken(db: Db, row: TokenRow, now: Date, createdBy?: string): Promise<string> {
  const [saved] = await db.query<{ id: string }>(
    `insert into token (hash, name, role, created_at, expires_at, created_by)
     values ($1, $2, $3, $4::timestamptz, $5::timestamptz, $6)
     on conflict (hash) do update set name = excluded.name, role = excluded.role, expires_at = excluded.expires_at
     returning id`,
    [row.hash, row.name, row.role, now.toISOString(), row.expiresAt, createdBy ?? null],
  );
  return saved!.id;
}

/** Makes one token the only one of its name. */
export async function replaceNamed(db: Db, row: TokenRow, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(`delete from token where name = $1 and hash <> $2`, [row.name, row.hash]);
    await saveToken(tx, row, now);
  });
}

export async function hasAdmin(db: Db, now: Date): Promise<boolean> {
  const rows = await db.query(`select 1 as one from token where role = $1 and ${VALID} limit 1`, [
    'admin',
    now.toISOString(),
  ]);
  return rows.length > 0;
}

/** Tokens in order of id, expired ones too: one page. */
export async function tokensPage(db: Db, after: string, limit: number): Promise<TokenInfo[]> {
  return (await db.query(`select ${INFO} from token where id > $1 order by id limit $2`, [
    after,
    limit,
  ])) as unknown as TokenInfo[];
}

export async function tokenById(db: Db, id: string): Promise<TokenInfo | undefined> {
  return (await db.query(`select ${INFO} from token where id = $1`, [id]))[0] as unknown as
    | TokenInfo
    | undefined;
}

/**
 * Ends a token and its sessions. `last-admin`: nobody could administrate the hub without it, so it stays. Revocations
 * wait for each other: two admins cannot end one another at the same moment.
 */
export async function revokeToken(
  db: Db,
  id: string,
  now: Date,
): Promise<'revoked' | 'unknown' | 'last-admin'> {
  return db.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.token'))`);
    const [token] = await tx.query<{ role: Role; lasts: boolean }>(
      `select role, expires_at is null or expires_at > $2::timestamptz as lasts from token where id = $1`,
      [id, now.toISOString()],
    );
    if (!token) return 'unknown';
    if (token.role === 'admin' && token.lasts) {
      const others = await tx.query(
        `select 1 as one from token where role = 'admin' and id <> $1 and ${VALID} limit 1`,
        [id, now.toISOString()],
      );
      if (others.length === 0) return 'last-admin';
    }
    await tx.query(`delete from token where id = $1`, [id]);
    return 'revoked';
  });
}
