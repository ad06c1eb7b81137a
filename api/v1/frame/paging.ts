import { z } from '@hono/zod-openapi';
import { badRequest } from './refusal.ts';

const LARGEST_PAGE = 200;

/** The query of every list. */
export const PAGE = {
  cursor: z
    .string()
    .max(2000)
    .optional()
    .openapi({ description: 'The `next` of the page before; absent: the first page.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_PAGE)
    .default(50)
    .openapi({ description: `Items a page, at most ${LARGEST_PAGE}.` }),
};

/** A page of a list. `next`: the cursor of the page after; null: this was the last. */
export const pageOf = <T extends z.ZodType>(item: T, name: string) =>
  z
    .object({
      items: z.array(item),
      next: z
        .string()
        .nullable()
        .openapi({ description: 'Give it as `cursor` for the next page; null: there is none.' }),
    })
    .openapi(name);

/** The place a cursor names; undefined without one. A cursor that is none of ours is a bad request. */
export function readCursor<T>(
  cursor: string | undefined,
  place: z.ZodType<T>,
  where = 'query.cursor',
): T | undefined {
  if (cursor === undefined) return undefined;
  const wrong = () =>
    badRequest([
      {
        where,
        message: 'is not a cursor of this list: give the `next` of a page as it is, or leave it out',
      },
    ]);
  let data: unknown;
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    // atob, TextDecoder and JSON.parse say in three ways that this is no cursor.
    if (error instanceof DOMException || error instanceof TypeError || error instanceof SyntaxError)
      throw wrong();
    throw error;
  }
  const parsed = place.safeParse(data);
  if (!parsed.success || JSON.stringify(data)?.includes('\\u0000')) throw wrong();
  return parsed.data;
}

export function writeCursor(place: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(place));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/**
 * Makes a page of rows that were asked for with `limit + 1`: the one too many says that there is a next page, which starts
 * after the place of the last row shown.
 */
export function page<R, I>(
  rows: readonly R[],
  limit: number,
  placeOf: (row: R) => unknown,
  show: (row: R) => I,
): { items: I[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(show),
    next: rows.length > limit ? writeCursor(placeOf(shown.at(-1)!)) : null,
  };
}
