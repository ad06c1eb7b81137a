import { z } from 'zod';
import { ConnectorError, type Cursor } from '../contract.ts';

/** When the archived list is read next, and from when on what it shows is news (absent: all of it). */
const sweep = z.object({ due: z.number(), since: z.number().optional() });

/** The archived list is being read, after a pass of polling. A version of the hub that does not know of it just polls on. */
const archived = z.object({
  began: z.number(),
  since: z.number().optional(),
  after: z.string().optional(),
});

/** Times in milliseconds since 1970. */
const cursor = z.discriminatedUnion('mode', [
  /** A full read, page by page; `began` is when its first page was asked for. */
  z.object({ mode: z.literal('list'), began: z.number(), after: z.string().optional() }),
  /** What changed since `from`; `began` and `after` (the last id seen) while a pass is under way. */
  z.object({
    mode: z.literal('poll'),
    from: z.number(),
    began: z.number().optional(),
    after: z.string().optional(),
    sweep: sweep.optional(),
    archived: archived.optional(),
  }),
  /** Values still to be looked up. */
  z.object({
    mode: z.literal('lookup'),
    by: z.string(),
    in: z.array(z.string()),
    whose: z.literal(true).optional(),
  }),
]);
export type HubspotCursor = z.infer<typeof cursor>;
export type At<M extends HubspotCursor['mode']> = Extract<HubspotCursor, { mode: M }>;

export function parseCursor(value: Cursor): HubspotCursor {
  const result = cursor.safeParse(value);
  if (result.success) return result.data;
  throw new ConnectorError('rejected', 'the stored cursor is not one of the HubSpot connector', {
    hint: 'Read this stream in full once (sync --full).',
  });
}

/**
 * Search shows changes late, and HubSpot's clock is not ours: every pass starts this much before the one before
 * it began. Reading a record twice changes nothing.
 */
export const OVERLAP_MS = 5 * 60_000;

/**
 * The archived list is in order of id, not of time, so it takes a reading of all of it to learn what was deleted. HubSpot
 * keeps it for 90 days.
 */
export const SWEEP_MS = 60 * 60_000;
