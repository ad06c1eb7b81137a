import { z } from '@hono/zod-openapi';
import { revokeToken, saveToken, tokenById, tokensPage } from '../../core/store/tokens.ts';
import { hashToken, makeToken } from '../auth/tokens.ts';
import { operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound, Refusal, unprocessable } from './frame/refusal.ts';
import { TIME } from './shapes.ts';

const ROLE = z.enum(['viewer', 'operator', 'admin']);

const TOKEN = z
  .object({
    id: z.string(),
    name: z.string(),
    role: ROLE,
    createdAt: TIME,
    createdBy: z.string().nullable(),
    expiresAt: TIME.nullable(),
    lastUsedAt: TIME.nullable().openapi({ description: 'To the minute.' }),
  })
  .openapi('Token');

const list = operation({
  method: 'get',
  path: '/v1/tokens',
  id: 'listTokens',
  summary: 'Lists tokens, without what they are',
  tag: 'Access',
  role: 'admin',
  query: PAGE,
  answer: { description: 'A page, in order of id.', schema: pageOf(TOKEN, 'TokenPage') },
  async handle({ query: { cursor, limit } }, { deps }) {
    const rows = await tokensPage(deps.db(), readCursor(cursor, z.string()) ?? '', limit + 1);
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

const create = operation({
  method: 'post',
  path: '/v1/tokens',
  id: 'createToken',
  summary: 'Makes a token and shows it, this once',
  description: 'Only its hash is kept. A lost token cannot be shown again: revoke it and make another.',
  tag: 'Access',
  role: 'admin',
  secretAnswer: true,
  body: z.strictObject({
    name: z.string().trim().min(1).max(100).openapi({ description: 'What or whom it is for.' }),
    role: ROLE,
    expiresAt: z.iso
      .datetime({ offset: true })
      .optional()
      .openapi({ description: 'Absent: it lasts until it is revoked.' }),
  }),
  answer: {
    status: 201,
    description: 'The token.',
    schema: TOKEN.extend({ token: z.string() }).openapi('NewToken'),
    headers: { Location: 'Where it can be revoked.' },
  },
  async handle({ body }, { deps, who, target }) {
    const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt).toISOString();
    if (expiresAt !== null && Date.parse(expiresAt) <= deps.now().getTime())
      throw unprocessable('expiresAt is past', 'Give a time to come, or leave it out.');
    const token = makeToken();
    const row = { hash: await hashToken(token), name: body.name, role: body.role, expiresAt };
    const id = await saveToken(deps.db(), row, deps.now(), who.name);
    target(`tokens/${id}`);
    const saved = (await tokenById(deps.db(), id))!;
    return { body: { ...saved, token }, headers: { Location: `/v1/tokens/${id}` } };
  },
});

const revoke = operation({
  method: 'delete',
  path: '/v1/tokens/{id}',
  id: 'revokeToken',
  summary: 'Ends a token, and the sessions that were opened with it',
  tag: 'Access',
  role: 'admin',
  params: { id: z.string().min(1).max(200) },
  problems: [404, 409],
  answer: { status: 204, description: 'It is no more.', schema: z.undefined() },
  async handle({ params }, { deps }) {
    const done = await revokeToken(deps.db(), params.id, deps.now());
    if (done === 'unknown') throw notFound('token', 'GET /v1/tokens lists them.');
    if (done === 'last-admin')
      throw new Refusal(409, 'this is the last admin token', {
        detail: 'Make another one first: nobody could administrate the hub without it.',
      });
    return { body: undefined };
  },
});

export const tokenOperations = [list, create, revoke];
