import { type OpenAPIHono, z } from '@hono/zod-openapi';

type Path = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];

const NONE: never[] = [];
const params = { connection: z.string().max(200).openapi({ description: 'Its name in hub.yaml.' }) };
const key = { key: z.string().max(500).openapi({ description: 'The secret last part of the address.' }) };
const plain = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: z.looseObject({ title: z.string(), status: z.int() }) } },
});

const hook = (path: string, id: string, shape: Record<string, z.ZodType>): Path => ({
  method: 'post' as const,
  path,
  operationId: id,
  summary: 'Takes a webhook of a tool',
  description:
    'Verified by the tool’s own scheme, and committed before it is acknowledged. Duplicates and replays are harmless.',
  tags: ['Hub'],
  security: NONE,
  request: {
    params: z.object(shape),
    body: {
      required: true,
      content: { '*/*': { schema: z.any().openapi({ description: 'As the tool sends it.' }) } },
    },
  },
  responses: {
    202: {
      description: 'Committed.',
      content: { 'application/json': { schema: z.object({ changes: z.int() }) } },
    },
    400: plain('It cannot be read.'),
    401: plain('Its signature is not valid.'),
    404: plain('No such connection takes webhooks.'),
    413: plain('It is larger than 1 MiB.'),
    503: plain('The database does not answer: send it again.'),
  },
});

/** What is served beside /v1, as the document tells it. */
export const PUBLIC_PATHS: Path[] = [
  {
    method: 'get' as const,
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'Says that the process is up',
    tags: ['Hub'],
    security: NONE,
    responses: {
      200: {
        description: 'It is up.',
        content: { 'application/json': { schema: z.object({ status: z.literal('up') }) } },
      },
      400: plain('Never: it takes no input.'),
    },
  },
  {
    method: 'get' as const,
    path: '/readyz',
    operationId: 'getReadiness',
    summary: 'Says whether work can be done now, and if not, why',
    tags: ['Hub'],
    security: NONE,
    responses: {
      200: {
        description: 'It is ready.',
        content: { 'application/json': { schema: z.looseObject({ status: z.string() }) } },
      },
      400: plain('Never: it takes no input.'),
      503: plain('It is not; `reasons` says why.'),
    },
  },
  {
    method: 'get' as const,
    path: '/openapi.json',
    operationId: 'getDocument',
    summary: 'Gives this document',
    tags: ['Hub'],
    security: NONE,
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        content: { 'application/json': { schema: z.looseObject({ openapi: z.string() }) } },
      },
      400: plain('Never: it takes no input.'),
    },
  },
  {
    method: 'get' as const,
    path: '/docs',
    operationId: 'getDocs',
    summary: 'Shows this document to people',
    tags: ['Hub'],
    security: NONE,
    responses: {
      200: { description: 'A page.', content: { 'text/html': { schema: z.string() } } },
      400: plain('Never: it takes no input.'),
    },
  },
  hook('/hooks/{connection}', 'postHook', params),
  hook('/hooks/{connection}/{key}', 'postHookWithKey', { ...params, ...key }),
];
