import { z } from 'zod';

const columns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** A connection of type csv: a folder whose .csv files are streams, or one such file. */
export const csvConfig = z
  .strictObject({
    type: z.literal('csv').optional(),
    path: z.string().min(1),
    encoding: z.enum(['utf-8', 'shift_jis']).default('utf-8'),
    /** Found in each file's first line when left out. */
    delimiter: z.enum([',', '\t', ';', ':', ' ', '|']).optional(),
    /** The column (or columns together) that identify a row: for all files, or by file name without .csv. */
    id: z
      .union([columns, z.record(z.string(), columns)], {
        error: 'the name of a column, a list of them, or a map such as { people: customer_no }',
      })
      .optional(),
    /** The column that says when a row was last changed; the file's own time when left out. */
    modified: z.string().min(1).optional(),
    /** The zone of times in `modified` that name none. */
    utcOffset: z
      .string()
      .regex(/^([+-]\d{2}:\d{2}|Z)$/, 'an offset such as +09:00')
      .default('Z'),
  })
  .superRefine((config, issues) => {
    if (config.encoding === 'shift_jis' && config.delimiter === '|')
      issues.addIssue({
        code: 'custom',
        path: ['delimiter'],
        message: 'in Shift_JIS the byte of | is part of many characters: use a comma, a tab or a semicolon',
      });
  });

export type CsvConfig = z.infer<typeof csvConfig>;
