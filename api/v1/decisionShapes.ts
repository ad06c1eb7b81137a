import { z } from '@hono/zod-openapi';
import { DecisionError } from '../../core/sync/decisionError.ts';
import type { Outcome } from '../../core/sync/outcome.ts';
import { decided } from '../cli/commands/decide/report.ts';
import { Refusal } from './frame/refusal.ts';
import { TIME, VALUE, VALUES } from './shapes.ts';

/** What a person did by hand. */
export const ACT = z
  .object({
    id: z.string(),
    entity: z.string(),
    kind: z.enum(['link', 'apart', 'split', 'pin', 'unpin']),
    asked: z
      .array(z.string())
      .openapi({ description: 'The golden ids and records (connection/object/id) that it named.' }),
    attribute: z.string().nullable(),
    value: VALUE,
    by: z.string(),
    reason: z.string().nullable(),
    at: TIME,
    undoneAt: TIME.nullable(),
    undoneBy: z.string().nullable(),
  })
  .openapi('Decision');

export const COPIED = z
  .array(z.string())
  .openapi({ description: 'Attributes whose value the hub wrote there: it is no evidence.' });

export const PART = z
  .object({
    id: z.string(),
    kind: z.enum(['link', 'apart', 'pin']),
    a: z.string(),
    b: z.string().nullable(),
    attribute: z.string().nullable(),
    value: VALUE,
    by: z.string(),
    at: TIME,
    act: z.string().nullish().openapi({ description: 'The decision that it is a part of.' }),
  })
  .openapi('DecisionPart');

/** What came of a decision: the same as the command line prints with --json. */
export const OUTCOME = z
  .object({
    decision: ACT.nullable().openapi({ description: 'null: it had been decided already.' }),
    already: z.array(PART).openapi({ description: 'Who had decided the same before.' }),
    overruled: z.array(PART).openapi({ description: 'Earlier decisions that this one ended.' }),
    revived: z.array(PART).openapi({
      description: 'Undone: what it had overruled, and is in force again.',
    }),
    still: z.array(PART).openapi({
      description: 'Undone, and yet the records are one golden record: the links in force in it.',
    }),
    golden: z
      .array(
        z.object({
          id: z.string(),
          entity: z.string(),
          name: z.string(),
          version: z.int(),
          values: VALUES,
          records: z.array(z.string()),
        }),
      )
      .openapi({ description: 'The golden records concerned, as they are now.' }),
    writes: z
      .array(
        z.object({
          golden: z.string(),
          connection: z.string(),
          object: z.string(),
          op: z.enum(['create', 'update', 'delete']),
          id: z.string().nullable(),
          changes: z.array(
            z.object({
              attribute: z.string(),
              field: z.string(),
              from: z.unknown(),
              to: z.unknown(),
              why: z.string(),
            }),
          ),
        }),
      )
      .openapi({ description: 'What the next sync tells the tools.' }),
    notReturned: z
      .array(z.object({ record: z.string(), attribute: z.string().nullable(), why: z.string() }))
      .openapi({ description: 'What a tool will go on showing, although it is not so any more.' }),
  })
  .openapi('Outcome');

export const showOutcome = (outcome: Outcome): z.input<typeof OUTCOME> => decided(outcome);

const STATUS = { unknown: 404, invalid: 422, conflict: 409, stale: 412 } as const;

/** A decision that was not taken, as a problem. */
export async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    const [title, ...more] = error.message.split('\n');
    const detail = [...more.map((line) => line.trim()), error.hint ?? ''].filter(Boolean).join('; ');
    throw new Refusal(STATUS[error.kind], title!.replace(/:$/, ''), detail === '' ? {} : { detail });
  }
}
