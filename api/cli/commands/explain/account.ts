import { createMatcher } from '../../../../core/match/matcher.ts';
import type { Comparison } from '../../../../core/match/types.ts';
import type { Entity } from '../../../../core/model/entity.ts';
import type { GoldenRecord } from '../../../../core/model/record.ts';
import { parseKey } from '../../../../core/model/record.ts';
import type { Values } from '../../../../core/model/value.ts';
import type { Db } from '../../../../core/store/db.ts';
import { type Decision, decisionsAbout } from '../../../../core/store/decisions.ts';
import { aliasesOf, namesOf, reviewsAbout, unreadableOf } from '../../../../core/store/explain.ts';
import { type HistoryRow, historyOf } from '../../../../core/store/goldens.ts';
import { edgesAmong, preparedOf, type ReviewRow } from '../../../../core/store/matching.ts';
import { activeModel } from '../../../../core/store/models.ts';
import { outboxOf } from '../../../../core/store/outbox.ts';
import { recordsOfGolden, type UnreadableRow } from '../../../../core/store/records.ts';
import { type Refusal, refusalsOf } from '../../../../core/store/refusals.ts';
import type { StoredRecord } from '../../../../core/sync/observe.ts';
import type { Found } from './find.ts';

/** Why two records are one. `because` names who said so. */
export interface Link {
  a: string;
  b: string;
  because: 'score' | 'made by the hub' | 'merged in the tool' | 'exists already in the tool' | 'a person';
  /** Of `score`: the parts and their sum, in bits, as the records are now. */
  comparison?: Omit<Comparison, 'decision'> & { prior: number };
  by?: string;
  at?: string;
}

export interface HeldRecord {
  key: string;
  connection: string;
  object: string;
  id: string;
  deleted: boolean;
  mergedInto: string | null;
  /** The tool's time of what it shows; null after our own write. */
  at: string | null;
  /** The hub created it. */
  madeByHub: boolean;
  values: Values;
}

/** A golden record with everything that made it what it is (law 7). */
export interface Explanation extends Omit<GoldenRecord, 'records'> {
  found: { by: string; alias?: string };
  live: boolean;
  aliases: string[];
  createdAt: string;
  records: HeldRecord[];
  links: Link[];
  decisions: Decision[];
  doubts: ReviewRow[];
  waiting: {
    mapping: string;
    op: string;
    target: string;
    state: string;
    dueAt: string;
    error: string | null;
  }[];
  refused: Omit<Refusal, 'goldenId'>[];
  unreadable: UnreadableRow[];
  history: Omit<HistoryRow, 'entity'>[];
  /** Golden ids that values point to → what they are called. */
  names: Record<string, string>;
}

/** Gathers what the store knows of one golden record. Asks no tool. */
export async function explainGolden(
  db: Db,
  entity: Entity,
  { golden, records: _, ...found }: Found,
): Promise<Explanation> {
  const aliases = await aliasesOf(db, golden.id);
  const records = await recordsOfGolden(db, [golden.id]);
  const keys = records.map((record) => record.key);
  const decisions = await decisionsAbout(db, keys);
  const outbox = await outboxOf(db, [golden.id]);
  const refused = await refusalsOf(db, [golden.id]);
  const references = Object.entries(entity.attributes)
    .filter(([name, { type }]) => type === 'reference' && typeof golden.values[name] === 'string')
    .map(([name]) => String(golden.values[name]));
  return {
    id: golden.id,
    entity: golden.entity,
    found,
    live: golden.live,
    aliases,
    version: golden.version,
    createdAt: golden.createdAt,
    updatedAt: golden.updatedAt,
    values: golden.values,
    provenance: golden.provenance,
    records: records.map(asHeld),
    links: await linksAmong(db, entity, records, decisions),
    decisions,
    doubts: await reviewsAbout(db, keys),
    waiting: outbox.map(({ mapping, op, target, state, dueAt, error }) => ({
      mapping,
      op,
      target,
      state,
      dueAt,
      error: error?.message ?? null,
    })),
    refused: refused.map(({ goldenId: _, ...rest }) => rest),
    unreadable: await unreadableOf(db, keys),
    history: (await historyOf(db, [golden.id])).map(({ goldenId, version, kind, detail, at }) => ({
      goldenId,
      version,
      kind,
      detail,
      at,
    })),
    names: Object.fromEntries(await namesOf(db, references)),
  };
}

/** A record the hub made says nothing of its own until somebody edits it. */
const madeByHub = (record: StoredRecord) =>
  Object.keys(record.written).length > 0 && Object.values(record.opinions).every((opinion) => opinion.edit);

function asHeld(record: StoredRecord): HeldRecord {
  const { key, connection, object, extId, deleted, mergedInto, at, seen } = record;
  return {
    key,
    connection,
    object,
    id: extId,
    deleted,
    mergedInto,
    at,
    madeByHub: madeByHub(record) && !mergedInto,
    values: seen,
  };
}

async function linksAmong(
  db: Db,
  entity: Entity,
  records: readonly StoredRecord[],
  decisions: readonly Decision[],
): Promise<Link[]> {
  const byKey = new Map(records.map((record) => [record.key, record]));
  const prepared = await preparedOf(db, [...byKey.keys()]);
  const learnt = await activeModel(db, entity.name);
  const matcher = createMatcher(entity, learnt?.model.base === entity.base ? learnt.model : undefined);
  const compare = (a: string, b: string) => {
    const [left, right] = [prepared.get(a), prepared.get(b)];
    if (left === undefined || right === undefined) return {};
    const { decision: _, ...comparison } = matcher.compare(left as never, right as never);
    const parts = comparison.levels.reduce((sum, { weight }) => sum + weight, 0);
    return { comparison: { ...comparison, prior: comparison.weight - parts } };
  };
  const links: Link[] = decisions
    .filter(({ kind, a, b }) => kind === 'link' && byKey.has(a) && byKey.has(b ?? ''))
    .map(({ a, b, by, at }) => ({ a, b: b!, because: 'a person', by, at }));
  for (const { a, b, origin, decision } of await edgesAmong(db, [...byKey.keys()])) {
    if (decision !== 'link') continue;
    if (origin === 'score') links.push({ a, b, because: 'score', ...compare(a, b) });
    else links.push({ a, b, because: bondOf(byKey.get(a)!, byKey.get(b)!) });
  }
  return links;
}

function bondOf(a: StoredRecord, b: StoredRecord): Link['because'] {
  if (a.mergedInto === b.key || b.mergedInto === a.key) return 'merged in the tool';
  return madeByHub(a) || madeByHub(b) ? 'made by the hub' : 'exists already in the tool';
}

export const placeOf = (key: string) => {
  const { connection, object, id } = parseKey(key);
  return `${connection} ${object} ${id}`;
};
