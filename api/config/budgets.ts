import { z } from 'zod';

const share = z
  .string({ error: 'a share below 100%, such as 10%' })
  .regex(/^\d{1,2}(\.\d+)?\s*%$/, { error: 'a share below 100%, such as 10%', abort: true })
  .transform((text) => Number(text.replace(/\s*%$/, '')) / 100);

/** A connection's own keys about its API budgets, whatever its tool. */
export const budgetKeys = z
  .strictObject({
    reserve: share.default(0.1).meta({ description: 'What is left of the daily budget to your other apps' }),
    lanes: z
      .strictObject({
        realtime: share.default(0.05).meta({ description: 'Kept for webhooks: scheduled runs leave it' }),
        incremental: share
          .default(0.1)
          .meta({ description: 'Kept for scheduled runs: first and full runs leave it' }),
      })
      .prefault({})
      .meta({ description: 'Shares of the daily budget that less urgent calls leave to more urgent ones' }),
    pace: z
      .strictObject({ calls: z.int().positive(), per: z.number().positive().max(60) })
      .optional()
      .meta({
        description: 'At most so many calls in so many seconds, instead of what the tool is known to allow',
      }),
  })
  .refine(({ reserve, lanes }) => reserve + lanes.realtime + lanes.incremental < 1, {
    path: ['lanes'],
    error: 'leaves nothing to first runs: `reserve` and the shares of `lanes` together must stay below 100%',
  });

export type BudgetConfig = z.output<typeof budgetKeys>;
