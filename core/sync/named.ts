import type { Db } from '../store/db.ts';
import { currentGolden, type GoldenRow } from '../store/goldens.ts';
import { recordsByKey, recordsOfGolden } from '../store/records.ts';
import { DecisionError } from './decisionError.ts';
import type { StoredRecord } from './observe.ts';

/** What a user's word means: a golden record with all its records, or one record of a tool. */
export interface Named {
  word: string;
  golden: GoldenRow;
  /** Source keys that the word means. Records that their tool merged into another go where that one goes, and are left out. */
  keys: string[];
  /** All records of the golden record. */
  records: StoredRecord[];
  whole: boolean;
}

/** A golden id (old ones too) or a source key. Throws DecisionError `unknown` where nothing has that name. */
export async function named(db: Db, word: string): Promise<Named> {
  const golden = await currentGolden(db, word);
  if (golden) {
    const records = await recordsOfGolden(db, [golden.id]);
    return { word, golden, records, keys: ownKeys(records), whole: true };
  }
  const record = (await recordsByKey(db, [word])).get(word);
  if (!record)
    throw new DecisionError('unknown', `nothing is known of "${word}"`, {
      hint: 'Name a golden id, or a record as connection/object/id.',
    });
  const of = record.goldenId === null ? undefined : await currentGolden(db, record.goldenId);
  if (!of)
    throw new DecisionError('invalid', `${word} has been read, but not matched yet`, {
      hint: 'Run a sync first.',
    });
  if (record.mergedInto)
    throw new DecisionError('invalid', `${word} was merged into ${record.mergedInto} in its own tool`, {
      hint: `Name ${record.mergedInto} instead: no tool can undo its merge.`,
    });
  return { word, golden: of, records: await recordsOfGolden(db, [of.id]), keys: [word], whole: false };
}

export const ownKeys = (records: readonly StoredRecord[]) =>
  records.filter(({ mergedInto }) => !mergedInto).map(({ key }) => key);

/** Both words must mean the same kind of thing. Returns the entity. */
export function sameEntity(a: Named, b: Named): string {
  if (a.golden.entity !== b.golden.entity)
    throw new DecisionError(
      'invalid',
      `${a.word} is a ${a.golden.entity}, ${b.word} is a ${b.golden.entity}: they are never one`,
    );
  return a.golden.entity;
}
