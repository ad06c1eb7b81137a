import { z } from '@hono/zod-openapi';
import { operation } from './frame/operation.ts';
import { notHere, Refusal, unprocessable } from './frame/refusal.ts';

const LARGEST_LIST = 10 * 1024 * 1024;

const CLUSTERS = z
  .object({
    clusters: z.array(
      z.object({
        recordId: z.string(),
        clusterId: z.string(),
        score: z
          .number()
          .nullable()
          .openapi({ description: 'How surely the record belongs to its cluster; null: it is alone.' }),
      }),
    ),
    report: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'As `nayose cleanse --json` prints it.' }),
  })
  .openapi('Clusters');

const cleanse = operation({
  method: 'post',
  path: '/v1/cleanse',
  id: 'cleanseList',
  summary: 'Deduplicates a list with no connection at all',
  description: 'A CSV file of at most 10 MiB. Nothing of it is kept. The same as `nayose cleanse`.',
  tag: 'Lists',
  role: 'operator',
  changes: false,
  bodyType: 'text/csv',
  largestBody: LARGEST_LIST,
  body: z.instanceof(Uint8Array),
  query: {
    mapping: z
      .string()
      .max(8000)
      .optional()
      .openapi({ description: 'A mapping file’s YAML; absent: guessed from the columns’ names.' }),
    entity: z.enum(['person', 'company']).optional(),
    encoding: z.enum(['utf-8', 'shift_jis']).default('utf-8'),
    region: z
      .string()
      .regex(/^[A-Za-z]{2}$/)
      .optional()
      .openapi({ description: 'The country of phone numbers that name none, as US.' }),
    train: z.enum(['true', 'false']).default('false'),
  },
  problems: [422, 501],
  answer: { description: 'Which records are one.', schema: CLUSTERS },
  async handle({ query, body }, { deps, signal }) {
    if (!deps.cleanse)
      throw notHere(
        'this runtime cannot deduplicate lists',
        'Run `nayose cleanse` on any machine with Node.',
      );
    const done = await deps.cleanse({ ...query, train: query.train === 'true', csv: body }, signal);
    if ('busy' in done)
      throw new Refusal(
        429,
        'other lists are being deduplicated',
        { detail: 'Try again in a while.' },
        { 'Retry-After': '30' },
      );
    if ('refused' in done) throw unprocessable('the list cannot be used', done.refused);
    return { body: { clusters: done.clusters, report: done.report as Record<string, unknown> } };
  },
});

export const cleanseOperations = [cleanse];
