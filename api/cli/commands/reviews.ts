import { countReviews } from '../../../core/store/matching.ts';
import { doubtsPage } from '../../../core/store/review-pages.ts';
import { decideReview } from '../../../core/sync/reviewing.ts';
import { didYouMean } from '../../../mappings/nearest.ts';
import { shownDoubts, shownInDoubt } from '../../runtime/doubts.ts';
import type { Hub } from '../../runtime/hub.ts';
import { createMatchers } from '../../runtime/matchers.ts';
import { type Parsed, UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { type Session, withHub } from '../session.ts';
import { DECIDING, DECIDING_DETAILS, sayOutcome, userOf } from './decide/run.ts';
import { syncsOf } from './decide/syncs.ts';
import { findGolden } from './explain/find.ts';
import { doubtsText } from './reviews/text.ts';

const NOTHING = { values: {}, copied: [] };
const FEW = 10;
const MOST = 1000;
const ANSWERS = ['link', 'apart', 'later'] as const;

export const reviewsCommand: Command = {
  name: 'reviews',
  usage: 'reviews [ENTITY] [--limit N]   |   reviews A B --link | --apart | --later',
  summary:
    'doubtful pairs that wait for a person, side by side, those first of which a decision teaches most',
  details: `  A and B are the two records, as connection/object/id, or by their tools' own ids. --link: they are one; --apart: two;
  --later takes them off the list and decides nothing. --limit N lists so many (${FEW}, at most ${MOST}).
${DECIDING_DETAILS}`,
  options: {
    ...DECIDING,
    limit: { type: 'string' },
    ...Object.fromEntries(ANSWERS.map((name) => [name, { type: 'boolean' as const }])),
  },
  words: { min: 0, max: 2 },
  run: (session, args) =>
    withHub(session, async (hub) => {
      const { positionals, values } = args;
      const said = ANSWERS.filter((name) => values[name]);
      if (said.length > 1) throw new UsageError('say one of --link, --apart and --later');
      const [a, b] = positionals;
      const [answer] = said;
      if (answer === undefined) {
        if (b !== undefined) throw new UsageError('say --link, --apart or --later');
        if (a?.includes('/')) throw new UsageError('name both records, and say --link, --apart or --later');
        for (const name of ['reason', 'force', 'sync'])
          if (values[name] !== undefined)
            throw new UsageError(`--${name} goes with --link, --apart or --later`);
        return list(session, hub, a ?? null, limitOf(values.limit));
      }
      if (a === undefined || b === undefined) throw new UsageError('name the two records of the doubt');
      if (values.limit !== undefined) throw new UsageError('--limit goes with the list');
      return decide(session, hub, { a, b }, answer, args);
    }),
};

function limitOf(given: string | boolean | undefined): number {
  if (given === undefined) return FEW;
  const limit = Number(given);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new UsageError(`--limit is a number from 1 to ${MOST}, not '${given}'`);
  return limit;
}

async function list(
  session: Session,
  { store: { db }, config }: Hub,
  entity: string | null,
  limit: number,
): Promise<0> {
  if (entity !== null && !Object.hasOwn(config.entities, entity)) {
    const names = Object.keys(config.entities);
    throw new UsageError(
      `hub.yaml has no entity "${entity}"; ${didYouMean(entity, names) ?? `it has ${names.join(', ')}`}`,
    );
  }
  const [open, rows] = await Promise.all([
    countReviews(db, entity),
    doubtsPage(db, entity, undefined, limit),
  ]);
  const shown = await shownInDoubt(db, rows);
  const reviews = (await shownDoubts(db, rows)).map(({ a, b, ...rest }) => ({
    ...rest,
    a: { ...a, ...(shown.get(a.record) ?? NOTHING) },
    b: { ...b, ...(shown.get(b.record) ?? NOTHING) },
  }));
  const matchers = await createMatchers(db)(Object.values(config.entities));
  session.out.result(
    { reviews, open },
    doubtsText(reviews, open, (name) => ({
      attributes: config.entities[name]?.attributes ?? {},
      link: matchers.get(name)?.link ?? Number.POSITIVE_INFINITY,
    })),
  );
  return 0;
}

async function decide(
  session: Session,
  hub: Hub,
  pair: { a: string; b: string },
  answer: (typeof ANSWERS)[number],
  { values }: Parsed,
): Promise<0 | 2> {
  const who = { by: userOf(session), reason: values.reason as string | undefined };
  const records = { a: await recordOf(hub, pair.a), b: await recordOf(hub, pair.b) };
  const outcome = await decideReview(hub.engine, syncsOf(hub), records, answer, who, {
    force: values.force === true,
  });
  if (outcome) return sayOutcome(session, hub, outcome, values.sync === true);
  session.out.result(
    { decision: null, ...records },
    `${records.a} and ${records.b} are off the list for now.`,
  );
  return 0;
}

/** The record that a word names, as connection/object/id or by its tool's own id. */
async function recordOf(hub: Hub, word: string): Promise<string> {
  const { golden, records = [] } = await findGolden(hub.store.db, word);
  const [record, ...more] = records;
  if (record !== undefined && more.length === 0) return record;
  throw new UsageError(
    records.length === 0
      ? `${word} is a golden record, and a doubt is about two records: 'nayose explain ${golden.id}' lists its own`
      : `${records.length} records have the id ${word}: ${records.join(', ')}; name one of them`,
  );
}
