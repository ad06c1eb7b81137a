import type { Db } from './db.ts';
import { json } from './json.ts';

/** A secret as it lies in the database: without the key that `keyId` names, nothing but noise. */
export interface SealedSecret {
  name: string;
  keyId: string;
  /** Base64, both. */
  nonce: string;
  sealed: string;
}

const COLUMNS = `name, key_id as "keyId", nonce, sealed`;

export async function secretByName(db: Db, name: string): Promise<SealedSecret | undefined> {
  const rows = await db.query(`select ${COLUMNS} from secret where name = $1`, [name]);
  return rows[0] as unknown as SealedSecret | undefined;
}

/** Those that exist of the names given, in any order. */
export async function secretsByName(db: Db, names: readonly string[]): Promise<SealedSecret[]> {
  const rows = await db.query(`select ${COLUMNS} from secret where name = any($1::text[])`, [names]);
  return rows as unknown as SealedSecret[];
}

/** All of them, in order of name; nobody else writes any until the transaction ends. */
export async function holdSecrets(tx: Db): Promise<SealedSecret[]> {
  await tx.query(`lock table secret in share row exclusive mode`);
  const rows = await tx.query(`select ${COLUMNS} from secret order by name`);
  return rows as unknown as SealedSecret[];
}

export async function saveSecrets(db: Db, secrets: readonly SealedSecret[], now: Date): Promise<void> {
  await db.query(
    `insert into secret (name, key_id, nonce, sealed, updated_at)
     select s.name, s."keyId", s.nonce, s.sealed, $2::timestamptz
     from jsonb_to_recordset($1::jsonb) s (name text, "keyId" text, nonce text, sealed text)
     on conflict (name) do update set key_id = excluded.key_id, nonce = excluded.nonce,
       sealed = excluded.sealed, updated_at = excluded.updated_at`,
    [json(secrets), now.toISOString()],
  );
}

/** How many secrets each key has sealed. */
export async function keysInUse(db: Db): Promise<{ keyId: string; secrets: number }[]> {
  const rows = await db.query(
    `select key_id as "keyId", count(*)::int as secrets from secret group by key_id order by key_id`,
  );
  return rows as unknown as { keyId: string; secrets: number }[];
}

/** Names that contain this text. */
export async function secretNames(db: Db, part: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(`select name from secret where strpos(name, $1) > 0`, [part]);
  return rows.map(({ name }) => name);
}
