import { z } from '@hono/zod-openapi';
import { duplicatesIn } from '../../core/store/tool-merges.ts';
import { decideToolMerge } from '../../core/sync/toolMerges.ts';
import { mergeRules, mergeStreams } from '../runtime/merging.ts';
import { refusing } from './decisionShapes.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';

const RECORD = z.string().openapi({ description: 'connection/object/id' });

/** More than a person goes through in one sitting; answered ones make room for the rest. */
const MOST = 200;

const list = operation({
  method: 'get',
  path: '/v1/tool-merges',
  id: 'listToolMerges',
  summary: 'Lists duplicates within one tool that may be merged there',
  description: 'Of members that say `mergeInTool: review`. At most 200; what is answered makes room.',
  tag: 'Reviews',
  role: 'viewer',
  problems: [501],
  answer: {
    description: 'By golden record.',
    schema: z
      .object({
        duplicates: z.array(
          z.object({
            goldenId: z.string(),
            entity: z.string(),
            connection: z.string(),
            object: z.string(),
            records: z.array(RECORD).openapi({ description: 'The likeliest winner first.' }),
          }),
        ),
        loses: z.string().openapi({ description: 'What a merge there cannot give back.' }),
      })
      .openapi('ToolMerges'),
  },
  async handle(_, { deps }) {
    const { config } = hubOf(deps);
    const duplicates = await duplicatesIn(deps.db(), mergeStreams(config), '', MOST);
    return { body: { duplicates, loses: mergeRules(config).loses() } };
  },
});

const decision = operation({
  method: 'post',
  path: '/v1/tool-merges/decide',
  id: 'decideToolMerge',
  summary: 'Says whether two records are merged in their own tool',
  description:
    'approve: the next run folds `loser` into `winner` there, which no tool can undo. refuse: they stay two. undo: takes an answer back that was not carried out; 409 says what the tool cannot give back. The same as `nayose merges`.',
  tag: 'Reviews',
  role: 'operator',
  body: z.strictObject({
    winner: z.string().min(1).max(2000),
    loser: z.string().min(1).max(2000),
    answer: z.enum(['approve', 'refuse', 'undo']),
  }),
  problems: [404, 409, 422, 501],
  answer: {
    description: 'What was decided.',
    schema: z
      .object({ winner: RECORD, loser: RECORD, answer: z.enum(['approve', 'refuse', 'undo']) })
      .openapi('DecidedToolMerge'),
  },
  async handle({ body }, call) {
    const { engine, config } = hubOf(call.deps);
    const { answer, ...pair } = body;
    await refusing(() => decideToolMerge(engine, pair, answer, { by: call.who.name }, mergeRules(config)));
    return { body };
  },
});

export const toolMergeOperations = [list, decision];
