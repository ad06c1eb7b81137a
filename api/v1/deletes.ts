import { z } from '@hono/zod-openapi';
import { askedDeletions } from '../../core/store/deletions.ts';
import { decideDeletion } from '../../core/sync/decideDeletion.ts';
import { syncsOf } from '../cli/commands/decide/syncs.ts';
import { deletePolicies, shownDeletion } from '../runtime/deleting.ts';
import { refusing } from './decisionShapes.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { TIME } from './shapes.ts';

const RECORD = z.string().openapi({ description: 'connection/object/id' });

const DELETION = z
  .object({
    record: RECORD,
    golden: z.string(),
    entity: z.string(),
    at: TIME.openapi({ description: 'When it was deleted, by its tool’s clock.' }),
    presumed: z.boolean().openapi({
      description:
        'A look found nothing, and its tool has not said that anybody deleted it: it may only be out of sight.',
    }),
    targets: z.array(RECORD).openapi({ description: 'Its counterparts, which would be deleted too.' }),
  })
  .openapi('Deletion');

const PLACE = z.object({ at: z.string().datetime(), record: z.string() });

const list = operation({
  method: 'get',
  path: '/v1/deletions',
  id: 'listDeletions',
  summary: 'Lists deletions in one tool that wait for a person before they go to the others',
  tag: 'Reviews',
  role: 'viewer',
  query: PAGE,
  problems: [501],
  answer: { description: 'A page, the oldest first.', schema: pageOf(DELETION, 'DeletionPage') },
  async handle({ query: { cursor, limit } }, { deps }) {
    const policies = deletePolicies(hubOf(deps).config);
    const after = readCursor(cursor, PLACE) ?? null;
    const rows = await askedDeletions(deps.db(), policies, after, limit + 1);
    return {
      body: page(rows, limit, ({ at, record }) => ({ at, record }), shownDeletion),
    };
  },
});

const decision = operation({
  method: 'post',
  path: '/v1/deletions/decide',
  id: 'decideDeletion',
  summary: 'Says whether a deletion goes to the other tools',
  description:
    'approve: its counterparts are deleted too, by the next run, or within a minute where the sync is realtime. refuse: they stay, and nobody is asked again. The same as `nayose deletes`.',
  tag: 'Reviews',
  role: 'operator',
  body: z.strictObject({ record: z.string().min(1).max(2000), answer: z.enum(['approve', 'refuse']) }),
  problems: [404, 409, 422, 501, 502, 503],
  answer: {
    description: 'What was decided.',
    schema: z
      .object({ record: RECORD, golden: z.string(), state: z.enum(['approved', 'refused']), by: z.string() })
      .openapi('DecidedDeletion'),
  },
  async handle({ body: { record, answer } }, call) {
    const hub = hubOf(call.deps);
    const by = call.who.name;
    const { goldenId, state } = await refusing(() =>
      decideDeletion(hub.engine, syncsOf(hub), record, answer, { by }),
    );
    call.target(`golden/${goldenId}`);
    return { body: { record, golden: goldenId, state: state as 'approved' | 'refused', by } };
  },
});

export const deletionOperations = [list, decision];
