import { z } from '@hono/zod-openapi';
import { TIME, VALUE, VALUES } from './shapes.ts';

export const PROVENANCE = z.record(
  z.string(),
  z.object({
    source: z.string().openapi({ description: 'The record it comes from: connection/object/id.' }),
    at: z.string(),
    rule: z.string().openapi({ description: 'Why it won.' }),
    losers: z
      .array(z.object({ source: z.string(), at: z.string(), value: VALUE }))
      .openapi({ description: 'What it won against.' }),
  }),
);

const DECISION = z.object({
  id: z.string(),
  kind: z.string(),
  a: z.string(),
  b: z.string().nullable(),
  by: z.string(),
  at: z.string(),
});

/** What `nayose explain ID --json` prints. */
export const EXPLANATION = z
  .object({
    id: z.string(),
    entity: z.string(),
    found: z.object({ by: z.string(), alias: z.string().optional() }),
    live: z.boolean(),
    aliases: z.array(z.string()).openapi({ description: 'Golden ids that were folded into it.' }),
    version: z.int(),
    createdAt: TIME,
    updatedAt: TIME,
    values: VALUES,
    provenance: PROVENANCE,
    records: z.array(
      z.object({
        key: z.string(),
        connection: z.string(),
        object: z.string(),
        id: z.string(),
        deleted: z.boolean(),
        mergedInto: z.string().nullable(),
        at: z.string().nullable(),
        madeByHub: z.boolean(),
        values: VALUES,
      }),
    ),
    links: z
      .array(
        z.object({
          a: z.string(),
          b: z.string(),
          because: z.enum([
            'score',
            'made by the hub',
            'merged in the tool',
            'exists already in the tool',
            'a person',
          ]),
          comparison: z.object({ weight: z.number(), prior: z.number() }).optional(),
          by: z.string().optional(),
          at: z.string().optional(),
        }),
      )
      .openapi({ description: 'Why its records are one, pair by pair.' }),
    decisions: z.array(DECISION),
    doubts: z.array(z.object({ a: z.string(), b: z.string(), weight: z.number(), reason: z.string() })),
    waiting: z.array(
      z.object({
        mapping: z.string(),
        op: z.string(),
        target: z.string(),
        state: z.string(),
        dueAt: z.string(),
        error: z.string().nullable(),
      }),
    ),
    refused: z.array(z.object({ mapping: z.string(), attribute: z.string(), message: z.string() })),
    unreadable: z.array(
      z.object({
        record: z.string(),
        attribute: z.string(),
        field: z.string().nullish(),
        found: VALUE,
        message: z.string(),
      }),
    ),
    history: z.array(
      z.object({
        goldenId: z.string(),
        version: z.int(),
        kind: z.string(),
        detail: z.unknown(),
        at: z.string(),
      }),
    ),
    names: z.record(z.string(), z.string()).openapi({ description: 'What the ids in values are called.' }),
  })
  .openapi('Explanation');
