import { z } from 'zod';

/** A connection's own keys about its API budgets, whatever its tool. */
export const budgetKeys = z.strictObject({
  reserve: z
    .string()
    .regex(/^\d{1,2}(\.\d+)?\s*%$/, 'a share below 100%, such as 10%')
    .transform((share) => Number(share.replace(/\s*%$/, '')) / 100)
    .default(0.1)
    .meta({ description: 'What is left of the daily budget to your other apps' }),
  pace: z
    .strictObject({ calls: z.int().positive(), per: z.number().positive().max(60) })
    .optional()
    .meta({
      description: 'At most so many calls in so many seconds, instead of what the tool is known to allow',
    }),
});

export type BudgetConfig = z.output<typeof budgetKeys>;
