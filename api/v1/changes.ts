import { z } from '@hono/zod-openapi';
import type { Value } from '../../core/model/value.ts';
import {
  FEED_START,
  type FeedRow,
  feedEnd,
  feedPage,
  isPlaceKnown,
  type Place,
} from '../../core/store/changes.ts';
import { pause } from '../../core/sync/pause.ts';
import { operation } from './frame/operation.ts';
import { readCursor, writeCursor } from './frame/paging.ts';
import { Refusal } from './frame/refusal.ts';
import { TIME, VALUE } from './shapes.ts';

/** Between looks of a caller that waits. */
const LOOK_MS = 500;
const LONGEST_WAIT = 25;

const CHANGE = z
  .object({
    cursor: z
      .string()
      .openapi({ description: 'Its place in the feed: give it as `since` to go on after it.' }),
    id: z.string().openapi({ description: 'Of the golden record.' }),
    entity: z.string(),
    kind: z
      .enum(['created', 'updated', 'merged', 'split', 'emptied', 'erased'])
      .openapi({ description: 'emptied: its last record is gone from every tool.' }),
    version: z.int(),
    at: TIME,
    changes: z
      .record(z.string(), z.object({ from: VALUE, to: VALUE }))
      .openapi({ description: 'Created, updated, emptied: every attribute that is another now.' }),
    into: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .openapi({ description: 'Merged: its survivor. Split: the golden records that have its records now.' }),
    from: z
      .string()
      .optional()
      .openapi({ description: 'Merged: the golden record that was folded into it.' }),
  })
  .openapi('Change');

const PLACE = z.tuple([z.string().regex(/^\d{1,19}$/), z.int().min(0)]);

const changes = operation({
  method: 'get',
  path: '/v1/changes',
  id: 'listChanges',
  summary: 'Follows what happens to golden records',
  description: `The feed of creates, updates, merges and splits. Every change is in it exactly once, in an order that never goes back: keep \`next\` and give it as \`since\`, as often as you like. A change shows as soon as every transaction that began before it has ended.`,
  tag: 'Deliveries',
  role: 'viewer',
  query: {
    since: z.string().max(200).optional().openapi({
      description:
        'A `cursor` or `next` of this feed; `now`: only what happens from now on; absent: everything.',
    }),
    entity: z.string().max(200).optional().openapi({ description: 'Only of this entity.' }),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    wait: z.coerce
      .number()
      .int()
      .min(0)
      .max(LONGEST_WAIT)
      .default(0)
      .openapi({ description: 'Seconds to wait for a change when there is none yet.' }),
  },
  problems: [410],
  answer: {
    description: 'Changes, oldest first. `more`: ask again at once.',
    schema: z
      .object({
        items: z.array(CHANGE),
        next: z
          .string()
          .openapi({ description: 'Give it as `since`; it is never null, for a feed has no end.' }),
        more: z.boolean(),
      })
      .openapi('ChangePage'),
  },
  async handle({ query: { since, entity, limit, wait } }, { deps, signal }) {
    const db = deps.db();
    const start = since === 'now' ? await feedEnd(db) : placeOf(since);
    if (!(await isPlaceKnown(db, start)))
      throw new Refusal(410, 'this cursor is of another database', {
        detail: 'The hub’s database was restored or replaced. Read the feed again without `since`.',
      });
    const until = deps.now().getTime() + wait * 1000;
    let rows = await feedPage(db, start, limit + 1, entity);
    while (rows.length === 0 && !signal.aborted && deps.now().getTime() < until) {
      await pause(Math.min(LOOK_MS, wait * 1000), signal);
      rows = await feedPage(db, start, limit + 1, entity);
    }
    const shown = rows.slice(0, limit);
    const last: Place = shown.at(-1) ?? start;
    return { body: { items: shown.map(show), next: cursorOf(last), more: rows.length > limit } };
  },
});

export const changeOperations = [changes];

const cursorOf = ({ tx, id }: Place) => writeCursor([tx, id]);

function placeOf(since: string | undefined): Place {
  const place = readCursor(since, PLACE, 'query.since');
  return place ? { tx: place[0], id: place[1] } : FEED_START;
}

interface Detail {
  changes?: Record<string, { from: Value; to: Value }>;
  into?: string | string[];
  from?: string;
}

function show(row: FeedRow): z.input<typeof CHANGE> {
  const { changes: changed, into, from } = (row.detail ?? {}) as Detail;
  return {
    cursor: cursorOf(row),
    id: row.goldenId,
    entity: row.entity,
    kind: row.kind,
    version: row.version,
    at: row.at,
    changes: changed ?? {},
    ...(into === undefined ? {} : { into }),
    ...(from === undefined ? {} : { from }),
  };
}
