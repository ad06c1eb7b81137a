import { z } from '@hono/zod-openapi';
import { auditPage } from '../../core/store/audit.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { TIME } from './shapes.ts';

const ENTRY = z
  .object({
    id: z.int(),
    at: TIME,
    actorId: z.string().openapi({ description: 'The token’s id.' }),
    actor: z.string(),
    role: z.enum(['viewer', 'operator', 'admin']),
    action: z.string().openapi({ description: 'The operationId.' }),
    target: z.string(),
    outcome: z
      .int()
      .nullable()
      .openapi({ description: 'The HTTP status; null: begun, and the process ended before it was done.' }),
    requestId: z.string(),
  })
  .openapi('AuditEntry');

const list = operation({
  method: 'get',
  path: '/v1/audit',
  id: 'listAudit',
  summary: 'Lists who changed what, and when',
  description: 'Every change, done or refused. Never what was sent, and no value of a record.',
  tag: 'Access',
  role: 'admin',
  query: {
    ...PAGE,
    actor: z.string().min(1).max(200).optional().openapi({ description: 'A token’s id or name.' }),
    action: z.string().min(1).max(100).optional().openapi({ description: 'An operationId.' }),
  },
  answer: { description: 'A page, newest first.', schema: pageOf(ENTRY, 'AuditPage') },
  async handle({ query: { cursor, limit, actor, action } }, { deps }) {
    const before = readCursor(cursor, z.int()) ?? null;
    const filter = { before, actor: actor ?? null, action: action ?? null };
    const rows = await auditPage(deps.db(), filter, limit + 1);
    return {
      body: page(
        rows,
        limit,
        ({ id }) => id,
        (row) => row,
      ),
    };
  },
});

export const auditOperations = [list];
