import type { Matcher } from '../../../../core/match/types.ts';
import type { Db } from '../../../../core/store/db.ts';
import { reviewsAbout } from '../../../../core/store/explain.ts';
import { preparedOf } from '../../../../core/store/matching.ts';
import { recordsOfGolden } from '../../../../core/store/records.ts';
import { UsageError } from '../../args.ts';
import type { Found } from './find.ts';

/** Of records beyond so many nobody asks for the pair that is most alike. */
const MOST = 200;

/**
 * The two records that somebody means who names two golden records, or more than one record of each: those in doubt, otherwise those most alike.
 * A record that the hub made stands for those that it was made of.
 * Throws UsageError where no two can be meant.
 */
export async function pairMeant(
  db: Db,
  matcher: Matcher,
  one: Found,
  other: Found,
): Promise<[string, string]> {
  if (one.golden.entity !== other.golden.entity)
    throw new UsageError(
      `one is a ${one.golden.entity}, the other a ${other.golden.entity}: they are never compared`,
    );
  const apart = one.golden.id !== other.golden.id;
  const [left, right] = [await recordsMeant(db, one, apart), await recordsMeant(db, other, apart)];
  if (left.length === 1 && right.length === 1 && left[0] !== right[0]) return [left[0]!, right[0]!];
  const doubts = await reviewsAbout(db, [...left, ...right]);
  const doubted = doubts.find(
    ({ a, b }) => (left.includes(a) && right.includes(b)) || (left.includes(b) && right.includes(a)),
  );
  if (doubted) return [doubted.a, doubted.b];
  const forms = await preparedOf(db, [...new Set([...left, ...right])]);
  let best: [string, string] | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const a of left)
    for (const b of right) {
      const [x, y] = [forms.get(a), forms.get(b)];
      if (a === b || x === undefined || y === undefined) continue;
      const { weight, contradiction } = matcher.compare(x, y);
      const alike = contradiction === undefined ? weight : weight - 1000;
      if (alike > most) [best, most] = [[a, b], alike];
    }
  if (best === undefined)
    throw new UsageError(
      one.golden.id === other.golden.id
        ? `both are one record of golden record ${one.golden.id}; name two, or explain that one alone`
        : `one of them has only what the hub made of it: name its records, as 'nayose explain ${one.golden.id}' lists them`,
    );
  return best;
}

async function recordsMeant(db: Db, { golden, records }: Found, apart: boolean): Promise<string[]> {
  const own = records === undefined ? undefined : [...(await preparedOf(db, records)).keys()];
  const named = own?.length === 0 && apart ? undefined : records;
  const keys = named ?? (await recordsOfGolden(db, [golden.id])).map(({ key }) => key);
  return keys.slice(0, MOST);
}
