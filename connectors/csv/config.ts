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
    /** true: the hub may change, add and remove rows. Otherwise it only reads. */
    writable: z.boolean().default(false),
    /** By file name without .csv: the columns of a file that the hub makes where there is none. */
    columns: z
      .record(
        z.string().regex(/^[^/\\.][^/\\]*$/, 'a file name without .csv'),
        z.array(z.string().trim().min(1)).min(1),
      )
      .default({}),
    /** The zone of times in `modified` that name none. */
    utcOffset: z
      .string()
      .regex(/^([+-]\d{2}:\d{2}|Z)$/, 'an offset such as +09:00')
      .default('Z'),
  })
  .superRefine((config, issues) => {
    const wrong = (path: string[], message: string, fix: string) =>
      issues.addIssue({ code: 'custom', path, message, params: { fix } });
    if (config.encoding === 'shift_jis' && config.delimiter === '|')
      wrong(
        ['delimiter'],
        'cannot be | in Shift_JIS, where its byte is part of many characters',
        'use a comma, a tab or a semicolon',
      );
    if (Object.keys(config.columns).length > 0 && !config.writable)
      wrong(
        ['columns'],
        'is for files that the hub makes, and it may not write here',
        'add writable: true, or leave columns out',
      );
    for (const [file, names] of Object.entries(config.columns)) {
      const twice = names.find((name, i) => names.indexOf(name) < i);
      if (twice !== undefined) wrong(['columns', file], `has "${twice}" twice`, 'name each column once');
    }
  });

export type CsvConfig = z.infer<typeof csvConfig>;
