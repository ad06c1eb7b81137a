import { z } from '@hono/zod-openapi';
import { doubtsPage } from '../../core/store/review-pages.ts';
import { shownDoubts } from '../runtime/doubts.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { reviewId } from './reviewsDecide.ts';
import { TIME } from './shapes.ts';

const SIDE = z.object({
  record: z.string().openapi({ description: 'connection/object/id' }),
  golden: z.string().nullable(),
  name: z.string(),
});

const REVIEW = z
  .object({
    id: z.string().openapi({ description: 'Of /v1/reviews/{id}.' }),
    entity: z.string(),
    a: SIDE,
    b: SIDE,
    weight: z.number().openapi({ description: 'How likely the two are one, in bits: 0 is even.' }),
    reason: z.string(),
    at: TIME,
  })
  .openapi('Review');

const PLACE = z.object({ sure: z.number(), a: z.string(), b: z.string() });

const list = operation({
  method: 'get',
  path: '/v1/reviews',
  id: 'listReviews',
  summary: 'Lists doubtful pairs that wait for a person',
  tag: 'Reviews',
  role: 'viewer',
  query: { ...PAGE, entity: z.string().max(200).optional() },
  answer: {
    description:
      'A page: what a decision teaches most first. That is what was refused though it is alike, then what is nearest to even.',
    schema: pageOf(REVIEW, 'ReviewPage'),
  },
  async handle({ query: { cursor, limit, entity } }, { deps }) {
    const rows = await doubtsPage(deps.db(), entity ?? null, readCursor(cursor, PLACE), limit + 1);
    const { items, next } = page(
      rows,
      limit,
      ({ sure, a, b }) => ({ sure, a, b }),
      (row) => row,
    );
    const shown = await shownDoubts(deps.db(), items);
    return {
      body: { items: shown.map((one) => ({ id: reviewId(one.a.record, one.b.record), ...one })), next },
    };
  },
});

export const reviewOperations = [list];
