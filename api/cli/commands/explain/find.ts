import { parseKey } from '../../../../core/model/record.ts';
import type { Db } from '../../../../core/store/db.ts';
import {
  displayName,
  goldensByPrefix,
  recordsByEmail,
  recordsByToolId,
} from '../../../../core/store/explain.ts';
import { currentGolden, type GoldenRow, goldensById } from '../../../../core/store/goldens.ts';
import { recordsByKey } from '../../../../core/store/records.ts';
import { UsageError } from '../../args.ts';

export interface Found {
  golden: GoldenRow;
  /** How the words named it, for people: `source key crm/Contact/003…`. */
  by: string;
  /** The golden id that was asked for, where it has become an alias. */
  alias?: string;
  /** The records of it that were named, where it was not named itself. */
  records?: string[];
}

/**
 * The golden record that a user means by a golden id (old ones too), a source key, a tool's own id, or an e-mail address. Throws
 * UsageError, with what to try, when there is none or more than one.
 */
export async function findGolden(db: Db, words: string): Promise<Found> {
  const id = words.trim();
  const direct = await currentGolden(db, id);
  if (direct) return found(direct, 'golden id', id);
  if (id.includes('/')) return bySourceKey(db, id);
  if (id.includes('@')) return byRecords(db, await recordsByEmail(db, id), `the e-mail address ${id}`);
  const records = await recordsByToolId(db, id);
  if (records.length > 0) return byRecords(db, records, `the id ${id}`);
  const ids = id.length >= 6 ? await goldensByPrefix(db, id) : [];
  if (ids.length === 1)
    return found((await currentGolden(db, ids[0]!))!, 'beginning of its golden id', ids[0]!);
  if (ids.length > 1) throw new UsageError(`${ids.length} golden ids begin with ${id}; write more of it`);
  throw new UsageError(`nothing is known of "${id}"; ${await tryThis(db)}`);
}

function found(golden: GoldenRow, by: string, asked: string): Found {
  return golden.id === asked ? { golden, by } : { golden, by, alias: asked };
}

async function bySourceKey(db: Db, text: string): Promise<Found> {
  let key: ReturnType<typeof parseKey>;
  try {
    key = parseKey(text);
  } catch {
    throw new UsageError(`"${text}" is not a source key; write connection/object/id, as crm/Contact/003…`);
  }
  const record = (await recordsByKey(db, [text])).get(text);
  if (record) return byRecords(db, [record], `the record ${text}`);
  const others = await recordsByToolId(db, key.id);
  throw new UsageError(
    others.length > 0
      ? `there is no record ${text}; did you mean ${others.map((other) => other.key).join(' or ')}?`
      : `the hub has not read a record ${text}; ${await tryThis(db)}`,
  );
}

async function byRecords(
  db: Db,
  records: readonly { key: string; goldenId: string | null }[],
  by: string,
): Promise<Found> {
  const ids = [...new Set(records.flatMap(({ goldenId }) => goldenId ?? []))];
  if (records.length === 0) throw new UsageError(`no record has ${by}; ${await tryThis(db)}`);
  if (ids.length === 0)
    throw new UsageError(`${records[0]!.key} has been read, but not matched yet: run 'nayose sync' first`);
  const goldens = await goldensById(db, ids);
  if (ids.length > 1)
    throw new UsageError(
      `${ids.length} golden records have ${by}; name one of them:\n${ids.map((id) => `  ${id}  ${displayName(goldens.get(id)!.values)}`).join('\n')}`,
    );
  return { golden: (await currentGolden(db, ids[0]!))!, by, records: records.map(({ key }) => key) };
}

async function tryThis(db: Db): Promise<string> {
  const [row] = await db.query<{ key: string; golden_id: string }>(
    `select key, golden_id from source_record where golden_id is not null order by key limit 1`,
  );
  if (!row) return "this hub holds no records yet: run 'nayose sync' first";
  return `try a golden id (${row.golden_id}), a record (${row.key}), a tool's own id, or an e-mail address`;
}
