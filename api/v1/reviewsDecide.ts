import { z } from '@hono/zod-openapi';
import { displayName } from '../../core/store/explain.ts';
import { recordsByKey } from '../../core/store/records.ts';
import { reviewOf, type StoredReview } from '../../core/store/reviews.ts';
import { copiedIn } from '../../core/sync/copied.ts';
import { decideReview } from '../../core/sync/reviewing.ts';
import { syncsOf } from '../cli/commands/decide/syncs.ts';
import { COPIED, OUTCOME, refusing, showOutcome } from './decisionShapes.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { readCursor, writeCursor } from './frame/paging.ts';
import { notFound } from './frame/refusal.ts';
import { TIME, VALUES } from './shapes.ts';

/** Two records as one word for a path. */
export const reviewId = (a: string, b: string) => writeCursor([a, b]);

const REVIEW_ID = {
  id: z.string().min(1).max(4000).openapi({ description: 'The `id` of a review.' }),
};

async function reviewOr404(deps: V1Deps, id: string): Promise<StoredReview> {
  const [a, b] = readCursor(id, z.tuple([z.string(), z.string()]), 'path.id')!;
  const review = await reviewOf(deps.db(), a, b);
  if (!review)
    throw notFound('review', 'What was known of the two has changed: GET /v1/reviews lists the rest.');
  return review;
}

const SIDE = z.object({
  record: z.string().openapi({ description: 'connection/object/id' }),
  golden: z.string().nullable(),
  name: z.string(),
  values: VALUES.openapi({ description: 'What its tool shows.' }),
  copied: COPIED,
});

const REVIEW = z
  .object({
    id: z.string(),
    entity: z.string(),
    a: SIDE,
    b: SIDE,
    weight: z.number(),
    reason: z.string(),
    state: z.enum(['open', 'later', 'link', 'apart']),
    at: TIME,
    by: z.string().nullable().openapi({ description: 'Who decided, or put it off.' }),
    decidedAt: TIME.nullable(),
    decision: z.string().nullable().openapi({ description: 'Undo it to decide again.' }),
  })
  .openapi('ReviewPair');

const one = operation({
  method: 'get',
  path: '/v1/reviews/{id}',
  id: 'getReview',
  summary: 'Shows the two records of a doubt side by side',
  tag: 'Reviews',
  role: 'viewer',
  params: REVIEW_ID,
  problems: [404],
  answer: { description: 'The pair, decided or not.', schema: REVIEW },
  async handle({ params }, { deps }) {
    const review = await reviewOr404(deps, params.id);
    const records = await recordsByKey(deps.db(), [review.a, review.b]);
    const side = (record: string) => {
      const found = records.get(record);
      const { goldenId = null, seen = {} } = found ?? {};
      const copied = found ? copiedIn(found) : [];
      return { record, golden: goldenId, name: displayName(seen), values: seen, copied };
    };
    const { a, b, act, ...rest } = review;
    return { body: { id: reviewId(a, b), ...rest, a: side(a), b: side(b), decision: act } };
  },
});

const decision = operation({
  method: 'post',
  path: '/v1/reviews/{id}/decide',
  id: 'decideReview',
  summary: 'Answers a doubt: one, two, or later',
  description:
    'Of two people at once the second gets 409, with what the first decided. `later` takes it off the list, and decides nothing.',
  tag: 'Reviews',
  role: 'operator',
  params: REVIEW_ID,
  body: z.strictObject({
    answer: z.enum(['link', 'apart', 'later']),
    reason: z.string().max(2000).optional(),
    force: z.boolean().default(false),
  }),
  problems: [404, 409, 422, 501, 502, 503],
  answer: {
    description: 'What came of it; null for `later`.',
    schema: z.object({ outcome: OUTCOME.nullable() }).openapi('ReviewDecided'),
  },
  async handle({ params, body }, call) {
    const { a, b } = await reviewOr404(call.deps, params.id);
    const hub = hubOf(call.deps);
    const who = { by: call.who.name, reason: body.reason };
    const outcome = await refusing(() =>
      decideReview(hub.engine, syncsOf(hub), { a, b }, body.answer, who, { force: body.force }),
    );
    return { body: { outcome: outcome ? showOutcome(outcome) : null } };
  },
});

export const reviewDecisionOperations = [one, decision];
