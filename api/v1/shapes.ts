import { z } from '@hono/zod-openapi';

/** What a canonical attribute may hold. */
export const VALUE = z
  .union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()])
  .openapi('Value');

export const VALUES = z.record(z.string(), VALUE);

export const TIME = z.string().openapi({ format: 'date-time' });

/** A name in a path. */
export const name = (description: string) => z.string().min(1).max(200).openapi({ description });
