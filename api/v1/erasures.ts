import { z } from '@hono/zod-openapi';
import { erasurePage } from '../../core/store/erasures.ts';
import { lift } from '../../core/sync/erase/erase.ts';
import { receiptsOf } from '../../core/sync/erase/receipt.ts';
import { eraseNow, receiptNow } from '../runtime/erase.ts';
import { refusing } from './decisionShapes.ts';
import { hubOf } from './deps.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound } from './frame/refusal.ts';
import { name, TIME } from './shapes.ts';

const RECEIPT = z
  .object({
    id: z.string().openapi({ description: 'The golden id that it had.' }),
    entity: z.string(),
    by: z.string(),
    at: TIME,
    doneAt: TIME.nullable().openapi({ description: 'null: some tool has not confirmed it yet.' }),
    tools: z.array(
      z.object({
        connection: z.string(),
        object: z.string(),
        id: z.string().nullable().openapi({
          description: 'null: the id was personal itself, and is forgotten; or it is not known yet.',
        }),
        status: z.enum(['queued', 'erased', 'refused', 'kept']).openapi({
          description: 'refused: the tool will not; kept: the configuration does not allow it.',
        }),
        at: TIME,
        reason: z.string().nullable(),
      }),
    ),
    block: z.object({
      state: z.enum(['set', 'lifted']),
      hashes: z.int().openapi({ description: 'Keyed hashes of its tool ids, addresses and numbers.' }),
      blocked: z.int().openapi({ description: 'How often a record came again and was not imported.' }),
      blockedAt: TIME.nullable(),
      liftedBy: z.string().nullable(),
      liftedAt: TIME.nullable(),
    }),
  })
  .openapi('Erasure');

const ERASED = RECEIPT.extend({
  alike: z
    .array(z.string())
    .openapi({ description: 'Golden records that may be the same person, and are still there.' }),
}).openapi('Erased');

const ID = { id: name('The golden id that it had.') };

const erase = operation({
  method: 'post',
  path: '/v1/golden/{id}/erase',
  id: 'eraseGolden',
  summary: 'Forgets a person everywhere it may, for good',
  description:
    'Every trace in the hub goes at once. Its records in the tools are deleted there as far as the syncs allow, now or as soon as each tool answers, and keyed hashes block it against re-import. Asked again of an erased one, tools that refused are tried once more. The same as `nayose erase`.',
  tag: 'Golden records',
  role: 'admin',
  params: { id: name('A golden id.') },
  problems: [404, 409, 422, 501, 503],
  answer: { description: 'The receipt, tool by tool. Nothing in it is personal.', schema: ERASED },
  async handle({ params }, call) {
    const hub = hubOf(call.deps);
    return { body: await refusing(() => eraseNow(hub, params.id, call.who.name, call.signal)) };
  },
});

const list = operation({
  method: 'get',
  path: '/v1/erasures',
  id: 'listErasures',
  summary: 'Lists what was erased',
  tag: 'Golden records',
  role: 'operator',
  query: {
    ...PAGE,
    open: z
      .enum(['true', 'false'])
      .default('false')
      .openapi({ description: 'true: only those that some tool has not confirmed.' }),
  },
  problems: [501],
  answer: { description: 'A page, newest first.', schema: pageOf(RECEIPT, 'ErasurePage') },
  async handle({ query: { cursor, limit, open } }, { deps }) {
    const { config } = hubOf(deps);
    const PLACE = z.object({ at: z.string().datetime(), id: z.string() });
    const filter = { open: open === 'true', before: readCursor(cursor, PLACE) ?? null };
    const rows = await erasurePage(deps.db(), filter, limit + 1);
    const receipts = await receiptsOf(deps.db(), config.mappings, rows);
    return {
      body: page(
        receipts,
        limit,
        ({ at, id }) => ({ at, id }),
        (row) => row,
      ),
    };
  },
});

const gone = () => notFound('erasure', 'GET /v1/erasures lists them.');

const one = operation({
  method: 'get',
  path: '/v1/erasures/{id}',
  id: 'getErasure',
  summary: 'Shows the receipt of an erasure',
  tag: 'Golden records',
  role: 'operator',
  params: ID,
  problems: [404, 501],
  answer: { description: 'The receipt as it is now.', schema: RECEIPT },
  async handle({ params }, { deps }) {
    const receipt = await receiptNow(hubOf(deps), params.id);
    if (!receipt) throw gone();
    return { body: receipt };
  },
});

const lifting = operation({
  method: 'post',
  path: '/v1/erasures/{id}/lift',
  id: 'liftErasure',
  summary: 'Lets an erased person be imported again',
  description: 'The hashes are deleted. What the tools have is read with the next change, or by a full sync.',
  tag: 'Golden records',
  role: 'admin',
  params: ID,
  problems: [404, 409, 501],
  answer: { description: 'The receipt as it is now.', schema: RECEIPT },
  async handle({ params }, call) {
    const { engine, config } = hubOf(call.deps);
    return { body: await refusing(() => lift(engine, config.mappings, params.id, { by: call.who.name })) };
  },
});

export const erasureOperations = [erase, list, one, lifting];
