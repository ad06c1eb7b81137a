import { decideReviewRow, lockReview, type StoredReview } from '../store/reviews.ts';
import { carryOut, type DecideOptions, type Decider, entitySync, type SyncsOf } from './decide.ts';
import { DecisionError } from './decisionError.ts';
import { named } from './named.ts';
import type { Outcome } from './outcome.ts';
import type { Engine } from './ports.ts';
import { lockEntity } from './resolve.ts';
import { wishFor } from './wish.ts';

/**
 * A person's answer to a doubtful pair: one, two, or not now. Of two people at once the second gets a DecisionError `conflict`
 * that says what the first decided (with `force` it overrules that); `unknown`: there is no such doubt (any more). `later` decides nothing.
 */
export async function decideReview(
  engine: Engine,
  syncsOf: SyncsOf,
  pair: { a: string; b: string },
  answer: 'link' | 'apart' | 'later',
  who: Decider,
  options: Pick<DecideOptions, 'force'> = {},
): Promise<Outcome | undefined> {
  const { golden } = await named(engine.db, pair.a);
  const sync = answer === 'later' ? undefined : await entitySync(syncsOf, golden.entity);
  const outcome = await engine.db.transaction(async (tx) => {
    await lockEntity(tx, golden.entity);
    const review = await lockReview(tx, pair.a, pair.b);
    if (!review)
      throw new DecisionError('unknown', `there is no doubt about ${pair.a} and ${pair.b}`, {
        hint: `There was none, or what is known of them has changed.${ELSE[answer]}`,
      });
    const decided = review.state === 'link' || review.state === 'apart';
    if (decided && (answer === 'later' || !options.force)) throw decidedBefore(review);
    const at = engine.now().toISOString();
    const mark = (state: StoredReview['state'], act: string | null) =>
      decideReviewRow(tx, { ...review, state, by: who.by, decidedAt: at, act });
    if (!sync || answer === 'later') {
      await mark('later', null);
      return undefined;
    }
    // Marked before records are resolved: doubts that are open are worked out anew there.
    await mark(answer, null);
    const wish = await wishFor(tx, sync.entity, { kind: answer, a: review.a, b: review.b });
    const outcome = await carryOut(tx, engine, sync, wish, who, options.force === true);
    await mark(answer, outcome.act?.id ?? outcome.already[0]?.act ?? null);
    return outcome;
  });
  if (outcome) {
    engine.told?.();
    engine.due?.();
  }
  return outcome;
}

const ELSE = {
  link: ' To link them all the same, use link.',
  apart: ' To keep them apart all the same, use apart.',
  later: '',
};

const decidedBefore = ({ a, b, state, by, decidedAt, act }: StoredReview) =>
  new DecisionError(
    'conflict',
    `${by} decided at ${decidedAt} that ${a} and ${b} are ${state === 'link' ? 'one' : 'two'}`,
    { hint: `To decide again, undo that${act ? ` (decision ${act})` : ''}, or overrule it by force.` },
  );
