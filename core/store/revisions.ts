import type { Db } from './db.ts';
import { json } from './json.ts';

/** One state of the config folder. Numbers only grow; the highest is the active one. */
export interface RevisionHead {
  number: number;
  /** Of the files: equal digests, equal files. */
  digest: string;
  note: string;
  by: string;
  at: string;
  /** The revision that was active before; null for the first. */
  replaced: number | null;
  /** The older revision that this one brought back. */
  copyOf: number | null;
}

export interface Revision extends RevisionHead {
  /** Text by path, as it was written: references are not filled in. */
  files: Record<string, string>;
}

const HEAD = `number, digest, note, by, at, replaced, copy_of as "copyOf"`;

/** Held to the end of the transaction: between reading the active revision and adding one, nobody else adds one. */
export async function holdRevisions(tx: Db): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtext('nayose.config'))`);
}

export async function addRevision(tx: Db, revision: Revision): Promise<void> {
  await tx.query(
    `insert into config_revision (number, files, digest, note, by, at, replaced, copy_of)
     values ($1, $2::jsonb, $3, $4, $5, $6::timestamptz, $7, $8)`,
    [
      revision.number,
      json(revision.files),
      revision.digest,
      revision.note,
      revision.by,
      revision.at,
      revision.replaced,
      revision.copyOf,
    ],
  );
}

export async function activeRevision(db: Db): Promise<Revision | undefined> {
  const rows = await db.query(`select ${HEAD}, files from config_revision order by number desc limit 1`);
  return rows[0] as unknown as Revision | undefined;
}

/** What servers ask again and again; undefined: nothing was ever applied. */
export async function activeNumber(db: Db): Promise<number | undefined> {
  const [row] = await db.query<{ number: number | null }>(
    `select max(number) as number from config_revision`,
  );
  return row?.number ?? undefined;
}

export async function revisionByNumber(db: Db, number: number): Promise<Revision | undefined> {
  const rows = await db.query(`select ${HEAD}, files from config_revision where number = $1`, [number]);
  return rows[0] as unknown as Revision | undefined;
}

/** Newest first, those below `before`. */
export async function revisionHeads(
  db: Db,
  { before, limit }: { before: number | null; limit: number },
): Promise<RevisionHead[]> {
  const rows = await db.query(
    `select ${HEAD} from config_revision where $1::int is null or number < $1 order by number desc limit $2`,
    [before, limit],
  );
  return rows as unknown as RevisionHead[];
}

/** Which of these files stand in some revision exactly so: their paths. */
export async function recordedFiles(db: Db, files: Record<string, string>): Promise<Set<string>> {
  const rows = await db.query<{ key: string }>(
    `select f.key from jsonb_each_text($1::jsonb) f
     where exists (select 1 from config_revision r where r.files ->> f.key = f.value)`,
    [json(files)],
  );
  return new Set(rows.map(({ key }) => key));
}
