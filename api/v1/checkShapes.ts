import { z } from '@hono/zod-openapi';
import { CONNECTORS } from '../../connectors/registry.ts';
import { type CheckOptions, checkHub } from '../check/report.ts';
import { LARGEST_SAMPLE, USUAL_SAMPLE } from '../check/sample.ts';
import type { Hub } from '../runtime/hub.ts';
import type { V1Deps } from './deps.ts';
import { notHere } from './frame/refusal.ts';
import { TIME } from './shapes.ts';

export const SHARE = z.number().openapi({ description: 'Of the limit; 1 is all of it.' });

export const FORECAST = z
  .object({
    at: TIME.openapi({
      description: 'The end of the day: when the budget renews, or else the hub’s midnight.',
    }),
    used: z.int().openapi({ description: 'Calls by then, at the pace of the last hour.' }),
    share: SHARE,
    runsOutAt: TIME.nullable().openapi({
      description: 'When only the reserve is left; null: not before `at`.',
    }),
  })
  .openapi('BudgetForecast');

const CHECKED_CONNECTION = z
  .object({
    name: z.string(),
    type: z.string(),
    state: z.enum(['ok', 'unused', 'refused', 'unreachable', 'budget used up']),
    message: z.string().optional(),
    hint: z.string().optional(),
    calls: z.int().openapi({ description: 'API calls that the check cost.' }),
    budgets: z.array(
      z.object({
        name: z.string(),
        limit: z.number(),
        perSeconds: z.number(),
        used: z.number().optional(),
        share: SHARE.optional(),
        resetsAt: TIME.nullable().optional(),
        forecast: FORECAST.optional(),
      }),
    ),
  })
  .openapi('ConnectionCheck');

const CHECKED_MAPPING = z
  .object({
    name: z.string(),
    connection: z.string(),
    object: z.string(),
    fields: z.int(),
    errors: z.int(),
    warnings: z.int(),
    score: z.int().openapi({ description: '0 to 100: the share of its fields that fits.' }),
  })
  .openapi('MappingCheck');

const FINDING = z
  .object({
    kind: z.string().openapi({ description: 'In one word, which stays: `too-long`, `option-no-partner`.' }),
    severity: z.enum(['error', 'warning', 'info']),
    connection: z.string(),
    mapping: z.string().optional(),
    object: z.string().optional(),
    with: z.string().optional().openapi({ description: 'The other mapping, where it is between two.' }),
    attribute: z.string().optional(),
    field: z.string().optional(),
    message: z.string(),
    fix: z.string().optional(),
    count: z.int().optional().openapi({ description: 'Records of the sample that it concerns.' }),
    of: z.int().optional().openapi({ description: 'Records that were looked at.' }),
    example: z
      .string()
      .optional()
      .openapi({ description: 'One of them: its id in the tool, and what happens to it.' }),
    place: z
      .object({ file: z.string(), line: z.int(), column: z.int(), text: z.string() })
      .optional()
      .openapi({ description: 'Where in the config.' }),
  })
  .openapi('Finding');

export const REPORT = z
  .object({
    status: z
      .enum(['failing', 'warnings', 'ok'])
      .openapi({ description: 'failing: a sync would surely not get through.' }),
    score: z.int(),
    errors: z.int(),
    warnings: z.int(),
    connections: z.array(CHECKED_CONNECTION),
    mappings: z.array(CHECKED_MAPPING),
    findings: z.array(FINDING).openapi({ description: 'Errors first.' }),
  })
  .openapi('CompatibilityReport');

export const CHECK_ORDER = z.strictObject({
  sample: z.int().min(0).max(LARGEST_SAMPLE).default(USUAL_SAMPLE).openapi({
    description: 'Records that are read of each object; 0: the schemas alone.',
  }),
});

/** The report that `nayose check --json` prints, on one connection or mapping. 501 where tools cannot be asked anew. */
export async function checked(
  deps: V1Deps,
  { config, tools }: Hub,
  about: NonNullable<CheckOptions['about']>,
  sample: number,
  signal: AbortSignal,
): Promise<z.input<typeof REPORT>> {
  if (!deps.probing) throw notHere('this process cannot ask tools anew', 'Run `nayose check`.');
  const connectors = {
    ...Object.fromEntries([...tools.values()].map(({ config: { type }, connector }) => [type, connector])),
    ...CONNECTORS,
  };
  return checkHub(config, connectors, { ...(await deps.probing()), sample, about, signal });
}
