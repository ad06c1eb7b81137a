import { z } from '@hono/zod-openapi';
import { recordsByKey } from '../../core/store/records.ts';
import { explainPair, PAIR_REASONS } from '../../core/sync/explainPair.ts';
import { createMatchers } from '../runtime/matchers.ts';
import { COPIED, PART } from './decisionShapes.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { badRequest, notFound, notHere } from './frame/refusal.ts';
import { TIME, VALUES } from './shapes.ts';

const RECORD = z
  .string()
  .min(1)
  .max(2000)
  .openapi({ description: 'A record: connection/object/id, each part percent-encoded.' });

const SIDE = z.object({
  record: z.string(),
  golden: z.string().nullable(),
  name: z.string(),
  deleted: z.boolean(),
  values: VALUES.openapi({ description: 'What its tool shows.' }),
  copied: COPIED,
});

const PAIR = z
  .object({
    entity: z.string(),
    a: SIDE,
    b: SIDE,
    verdict: z.enum(['one', 'in doubt', 'two']),
    why: z.enum(PAIR_REASONS).openapi({ description: 'What the verdict follows from.' }),
    steps: z
      .array(z.object({ comparison: z.string(), level: z.string(), bits: z.number(), sum: z.number() }))
      .openapi({
        description:
          'The sum in bits, step by step. First `prior`, before any evidence; last `crowd`, what a doubt loses among so many records, where it does.',
      }),
    link: z
      .number()
      .openapi({ description: 'Bits from which on two are linked, with evidence of two kinds.' }),
    review: z.number().openapi({ description: 'Bits from which on two are in doubt.' }),
    among: z.int().openapi({ description: 'Records of the entity that are matched.' }),
    rule: z.string().nullable(),
    contradiction: z.string().nullable(),
    keys: z.array(z.object({ kind: z.string(), records: z.int(), limit: z.int() })).openapi({
      description:
        'Blocking keys in common. One that more records have than its limit proposes nobody; `records` is then limit + 1.',
    }),
    decisions: z.array(PART.extend({ reason: z.string().nullable() })),
    way: z
      .array(
        z.object({
          a: z.string(),
          b: z.string(),
          why: z.enum(['a person', 'rule', 'score', 'tools']),
          rule: z.string().nullable(),
          decision: PART.nullable(),
        }),
      )
      .openapi({ description: '`other records`: the shortest way over them from a to b.' }),
    bar: z
      .object({
        a: z.string(),
        b: z.string(),
        contradiction: z.string().nullable(),
        decision: PART.nullable(),
      })
      .nullable()
      .openapi({
        description: 'Alike and not one: records of the two golden records that may not be one, and why.',
      }),
    doubt: z
      .object({
        state: z.enum(['open', 'later', 'link', 'apart']),
        reason: z.string(),
        by: z.string().nullable(),
        decidedAt: TIME.nullable(),
      })
      .nullable(),
  })
  .openapi('Pair');

const explain = operation({
  method: 'get',
  path: '/v1/pairs',
  id: 'explainPair',
  summary: 'Says why two records are one, two, or in doubt, with the sum step by step',
  description:
    'As `nayose explain A B --json`, which also finds the records of golden ids and e-mail addresses. No tool is asked, and nothing is written.',
  tag: 'Reviews',
  role: 'viewer',
  query: { a: RECORD, b: RECORD },
  problems: [404, 422, 501],
  answer: { description: 'The two, and what speaks for and against their being one.', schema: PAIR },
  async handle({ query: { a, b } }, { deps }) {
    const db = deps.db();
    const records = await recordsByKey(db, [a, b]);
    const [left, right] = [records.get(a), records.get(b)];
    if (!left || !right)
      throw notFound(
        'record',
        `The hub has not read ${left ? b : a}. A record is connection/object/id; GET /v1/golden/{id} names those of a golden record.`,
      );
    if (a === b) throw badRequest([{ where: 'query.b', message: 'is the same record as a' }]);
    if (left.entity !== right.entity)
      throw badRequest([
        {
          where: 'query.b',
          message: `is a ${right.entity}, and a is a ${left.entity}: they are never compared`,
        },
      ]);
    const entity = hubOf(deps).config.entities[left.entity];
    if (!entity)
      throw notHere(
        `the configuration knows no entity ${left.entity} any more`,
        'Put the entity back into hub.yaml.',
      );
    const matcher = (await createMatchers(db)([entity])).get(entity.name)!;
    const pair = await explainPair(db, entity, matcher, a, b);
    if (!pair) throw notFound('record', 'One of the two has gone meanwhile.');
    return { body: pair };
  },
});

export const pairOperations = [explain];
