import { z } from '@hono/zod-openapi';
import { whatIf } from '../../core/sync/whatIf.ts';
import { formatProblem } from '../../mappings/problem.ts';
import { readActiveConfig, readStored } from '../config/revisions.ts';
import { entitiesOfBoth } from '../config/whatIf.ts';
import { configuring, FILES } from './config.ts';
import { operation } from './frame/operation.ts';
import { notFound, Refusal, unprocessable } from './frame/refusal.ts';
import { name, VALUE } from './shapes.ts';

/** A server has other work: as many golden records as it merges in about a second. */
const MOST = 5_000;

const VERDICT = z
  .object({ rule: z.string(), source: z.string() })
  .nullable()
  .openapi({ description: 'Which rule decided, and for whose value; null: nobody says anything.' });

const RULES = z.string().nullable().openapi({ description: 'Null: there is no such attribute.' });

const replay = operation({
  method: 'post',
  path: '/v1/entities/{entity}/what-if',
  id: 'whatIf',
  summary: 'Says which golden values the survivorship rules of files would change, and changes nothing',
  description: `Merges what is stored twice, by the rules of the active revision and by those of the files. A call looks at ${MOST.toLocaleString('en')} golden records: give \`next\` as \`after\`, and add up, until it is null.`,
  tag: 'Golden records',
  role: 'admin',
  changes: false,
  params: { entity: name('The name of an entity in hub.yaml.') },
  problems: [404, 409, 422, 501],
  body: z.strictObject({
    files: FILES,
    after: z.string().max(200).default('').openapi({ description: '`next` of the call before.' }),
    samples: z.int().min(0).max(50).default(5).openapi({ description: 'Of each attribute.' }),
  }),
  answer: {
    description: 'What would differ.',
    schema: z
      .object({
        revision: z.int(),
        entity: z.string(),
        golden: z.int().openapi({ description: 'Golden records looked at in this call.' }),
        differ: z.int().openapi({ description: 'Those of them that would hold another value somewhere.' }),
        attributes: z
          .array(
            z.object({
              attribute: z.string(),
              before: RULES,
              after: RULES,
              differ: z.int(),
              samples: z.array(
                z.object({
                  golden: z.string(),
                  name: z.string(),
                  from: VALUE,
                  to: VALUE,
                  was: VERDICT,
                  wouldBe: VERDICT,
                }),
              ),
            }),
          )
          .openapi({ description: 'Whose rules are others, or whose values would be.' }),
        next: z.string().nullable(),
      })
      .openapi('WhatIf'),
  },
  async handle({ params: { entity }, body: { files, after, samples } }, { deps }) {
    const { env, connectors } = configuring(deps);
    const db = deps.db();
    const active = await readActiveConfig(db, env, connectors);
    if (!active)
      throw new Refusal(409, 'nothing was applied yet, so there are no rules to compare with', {
        detail: 'Bring the rules of now to the hub: PUT /v1/config, or `nayose apply`.',
      });
    const [now, other] = [active.result, await readStored(db, files, env, connectors)];
    if ('problems' in now)
      throw unprocessable(
        'the active revision does not check here',
        'GET /v1/config says why. Mend it and apply it anew.',
      );
    if ('problems' in other)
      throw unprocessable(
        'the files do not check',
        'Mend what `errors` names.',
        other.problems.map((problem) => ({
          where: `${problem.place.file}:${problem.place.line}:${problem.place.column}`,
          message: formatProblem(problem),
        })),
      );
    const both = entitiesOfBoth(now.config, other.config);
    const pair = both.get(entity);
    if (!pair)
      throw notFound('entity', `The files and the active revision both have ${[...both.keys()].join(', ')}.`);
    const found = await whatIf(db, pair, { after, most: MOST, samples });
    return { body: { revision: active.revision.number, ...found } };
  },
});

export const whatIfOperations = [replay];
