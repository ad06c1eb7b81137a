import { z } from '@hono/zod-openapi';
import type { Entity } from '../../core/model/entity.ts';
import { learn } from '../../core/sync/learn.ts';
import { refusing } from './decisionShapes.ts';
import { hubOf, type V1Deps } from './deps.ts';
import { operation } from './frame/operation.ts';
import { notFound } from './frame/refusal.ts';
import { name } from './shapes.ts';

/** A server has other work: as many records as it learns from in about a second. */
const SAMPLE = 5_000;

const VERDICTS = z.object({ link: z.int(), review: z.int(), apart: z.int() });

const train = operation({
  method: 'post',
  path: '/v1/entities/{entity}/train',
  id: 'trainEntity',
  summary: 'Learns match weights from the stored records; shows before and after',
  description: `Learns from a sample of at most ${SAMPLE.toLocaleString('en')} records; \`nayose train\` takes more. With \`apply\` the weights are put to use, and every record of the entity is matched anew by the next sync.`,
  tag: 'Golden records',
  role: 'operator',
  params: { entity: name('The name of an entity in hub.yaml.') },
  emptyBody: true,
  body: z.strictObject({ apply: z.boolean().default(false) }),
  problems: [404, 422, 501],
  answer: {
    description: 'What the weights would change, or have changed.',
    schema: z
      .object({
        entity: z.string(),
        records: z.int(),
        decisions: z
          .int()
          .openapi({ description: 'Pairs that people have decided, and that were learnt from.' }),
        pairs: z.int(),
        versionBefore: z.int().nullable(),
        version: z.int().nullable(),
        reopened: z.int(),
        changed: z.int(),
        before: VERDICTS,
        after: VERDICTS,
        prior: z.object({ before: z.number(), after: z.number() }),
        weights: z.array(
          z.object({ comparison: z.string(), level: z.string(), before: z.number(), after: z.number() }),
        ),
      })
      .openapi('Learnt'),
  },
  async handle({ params, body }, { deps, who }) {
    const entity = entityOf(deps, params.entity);
    const options = { apply: body.apply, by: who.name, now: deps.now(), sample: SAMPLE };
    return { body: await refusing(() => learn(deps.db(), entity, options)) };
  },
});

/** The entity of that name as the hub is configured now, or 404. */
export function entityOf(deps: V1Deps, name: string): Entity {
  const { entities } = hubOf(deps).config;
  const entity = Object.hasOwn(entities, name) ? entities[name] : undefined;
  if (!entity) throw notFound('entity', `hub.yaml has ${Object.keys(entities).join(', ') || 'none'}.`);
  return entity;
}

export const trainOperations = [train];
