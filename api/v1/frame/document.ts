import { OpenAPIHono, z } from '@hono/zod-openapi';
import { changesSomething, type Operation, type ProblemStatus } from './operation.ts';
import { PUBLIC_PATHS } from './public.ts';

export const PROBLEM = z
  .object({
    type: z.string(),
    title: z.string().openapi({ description: 'What went wrong.' }),
    status: z.int(),
    detail: z.string().optional().openapi({ description: 'What to do next.' }),
    errors: z
      .array(z.object({ where: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'Every fault of the request, by its place: `query.limit`, `body.name`.' }),
    reasons: z.array(z.string()).optional(),
  })
  .openapi('Problem', { description: 'An error, as RFC 9457 says.' });

const WHEN: Record<number, string> = {
  400: 'The request is not as it should be; `errors` names each fault.',
  401: 'No token, or one that is unknown, expired or revoked.',
  403: 'The role of the token does not suffice, or a session was used from another site.',
  404: 'There is no such thing.',
  409: 'It cannot be done while things are as they are.',
  410: 'It is no more.',
  412: 'It has changed since it was read: If-Match names another version.',
  413: 'The body is too large.',
  415: 'The body is of another media type.',
  422: 'Well formed, but not possible; or an Idempotency-Key was used for another request.',
  428: 'If-Match is needed.',
  429: 'Too many requests, or too many wrong tokens.',
  501: 'This runtime cannot do it; `detail` says what can be done instead.',
  502: 'The tool did not do as it was asked.',
  503: 'The database does not answer, or something needed is missing for now.',
};

const HEADERS: Record<number, Record<string, { description: string; schema: { type: 'string' } }>> = {
  401: { 'WWW-Authenticate': { description: 'Bearer', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string' } } },
};

export const problemAnswer = (status: number) => ({
  description: WHEN[status] ?? 'An error.',
  content: { 'application/problem+json': { schema: PROBLEM } },
  ...(HEADERS[status] ? { headers: HEADERS[status] } : {}),
});

/** Every problem that an operation may answer. */
export function problemsOf(operation: Operation): number[] {
  const own: (ProblemStatus | number)[] = [...(operation.problems ?? []), 400, 401, 403, 429, 503];
  if (operation.body) own.push(413, 415);
  if (operation.ifMatch) own.push(412);
  if (operation.ifMatch === 'required') own.push(428);
  if (operation.method === 'post' && changesSomething(operation)) own.push(409, 422);
  return [...new Set(own)].sort((a, b) => a - b);
}

const TAGS: Record<Operation['tag'], string> = {
  Tools: 'Connections to tools, their live schemas, and mappings.',
  Syncs: 'Plans and runs.',
  'Golden records': 'The merged records, where their values come from, and decisions about them.',
  Reviews: 'Doubtful pairs that wait for a person.',
  Deliveries: 'What was not delivered, what was sent, and what changed.',
  Configuration: 'The configuration that the hub works by.',
  Access: 'Tokens, and who did what.',
  Lists: 'Deduplicating a list without any connection.',
  Hub: 'The hub itself: health, webhooks, and this documentation.',
};

const NOTES = `Everything that the command line does, over HTTP.

- **Tokens**: \`Authorization: Bearer …\`. A viewer reads, an operator runs and decides, an admin configures.
- **Errors** are problem documents (RFC 9457): \`title\` says what went wrong, \`detail\` what to do, \`errors\` where.
- **Lists** are \`{ items, next }\`: give \`next\` as \`cursor\` for the next page, until it is null.
- **Repeating**: a POST with an \`Idempotency-Key\` is done once, however often it is sent within a day.
- **Versions**: what can be changed has an ETag; send it as \`If-Match\`, and nobody's change is overwritten unseen.
- **Request ids**: \`X-Request-Id\` is taken over or made, and is in the answer, the log and the audit.`;

/** The OpenAPI 3.1 document of these operations and of the routes outside /v1. */
export function openApiDocument(operations: readonly Operation[]) {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the hub.',
  });
  for (const path of PUBLIC_PATHS) registry.registerPath(path);
  for (const operation of operations) registry.registerPath(describe(operation));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Nayose',
      version: '1',
      description: NOTES,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/', description: 'This hub.' }],
    security: [{ token: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
}

function describe(operation: Operation): Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0] {
  const { method, path, id, summary, description, tag, role, params, query, body, answer } = operation;
  const headers = headersOf(operation);
  const success = {
    description: answer.description,
    ...(answer.headers
      ? {
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, text]) => [
              name,
              { description: text, schema: { type: 'string' as const } },
            ]),
          ),
        }
      : {}),
    ...(answer.status === 204
      ? {}
      : { content: { [answer.type ?? 'application/json']: { schema: answer.schema } } }),
  };
  return {
    method,
    path,
    operationId: id,
    summary,
    description: [description, `Needs the role ${role}.`].filter(Boolean).join('\n\n'),
    tags: [tag],
    'x-role': role,
    request: {
      ...(Object.keys(params.shape).length > 0 ? { params } : {}),
      ...(Object.keys(query.shape).length > 0 ? { query } : {}),
      ...(headers ? { headers } : {}),
      ...(body
        ? {
            body: {
              required: !operation.emptyBody,
              content: {
                [operation.bodyType ?? 'application/json']: {
                  schema: operation.bodyType === 'text/csv' ? { type: 'string' as const } : body,
                },
              },
            },
          }
        : {}),
    },
    responses: {
      [answer.status ?? 200]: success,
      ...Object.fromEntries(problemsOf(operation).map((status) => [status, problemAnswer(status)])),
    },
  };
}

function headersOf(operation: Operation): z.ZodObject | undefined {
  const shape: Record<string, z.ZodType> = {};
  if (operation.method === 'post' && changesSomething(operation))
    shape['Idempotency-Key'] = z
      .string()
      .min(1)
      .max(255)
      .optional()
      .openapi({ description: 'Any text of your own: repeats within a day get the first answer again.' });
  if (operation.ifMatch)
    shape['If-Match'] = (operation.ifMatch === 'required' ? z.string() : z.string().optional()).openapi({
      description: 'The ETag that was read; `*` for any version.',
    });
  return Object.keys(shape).length > 0 ? z.object(shape) : undefined;
}
