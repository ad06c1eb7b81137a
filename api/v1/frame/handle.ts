import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ConnectorError } from '../../../connectors/contract.ts';
import { beginAudit, endAudit } from '../../../core/store/audit.ts';
import { tooMany, unauthorized } from '../../auth/guard.ts';
import type { Rate } from '../../auth/limits.ts';
import { type Principal, whoAsks } from '../../auth/principal.ts';
import { mayAs } from '../../auth/roles.ts';
import { fromOurPages } from '../../auth/session.ts';
import { problem } from '../../routes/problem.ts';
import type { V1Deps } from '../deps.ts';
import { once } from './idempotency.ts';
import { readInput } from './input.ts';
import { type Call, changesSomething, type Operation, type Reply } from './operation.ts';
import { Refusal } from './refusal.ts';

/** Of one token or session, in one process. */
const RATE: Rate = { burst: 300, perSecond: 50 };

/** Answers one request to an operation: who asks, may they, is it well formed, was it done before; then does it, and audits it. */
export async function answer(c: Context, operation: Operation, deps: V1Deps): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  try {
    const who = await whoAsks(c, deps);
    if (who === undefined) return unauthorized(c);
    if ('wait' in who) return tooMany(c, who.wait, 'too many wrong tokens came from your address');
    const late = deps.limits.take(`calls ${who.id}`, deps.rate ?? RATE, deps.now());
    if (late > 0) return tooMany(c, late, 'too many requests with this token');
    await mayDo(c, operation, who, deps);
    const input = await readInput(c, operation);
    const call = callOf(c, operation, who, deps);
    if (!changesSomething(operation)) return respond(c, operation, await operation.handle(input, call));
    return await once(c, operation, { who, bytes: input.bytes }, deps, () =>
      audited(c, operation, deps, call, () => operation.handle(input, call)),
    );
  } catch (error) {
    if (error instanceof Refusal) return refuse(c, error);
    if (error instanceof ConnectorError) return toolFailed(c, error);
    throw error;
  }
}

export function refuse(c: Context, { status, message, more, headers }: Refusal): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  return problem(c, status, message, more);
}

/** What a tool's refusal is to the caller: the hub is well, and what to do is the tool's matter. */
function toolFailed(c: Context, { kind, message, hint, retryAfter }: ConnectorError): Response {
  const more = hint ? { detail: hint } : {};
  if (kind === 'rejected' || kind === 'conflict' || kind === 'gone') return problem(c, 422, message, more);
  if (kind !== 'quota') return problem(c, 502, message, more);
  c.header('Retry-After', String(Math.ceil(retryAfter ?? 60)));
  return problem(c, 503, message, more);
}

async function mayDo(c: Context, operation: Operation, who: Principal, deps: V1Deps): Promise<void> {
  if (who.by === 'session' && c.req.method !== 'GET' && !fromOurPages(c))
    throw new Refusal(403, 'this request was made by another site', {
      detail: 'A session serves the pages of this hub only. Programs send Authorization: Bearer ….',
    });
  if (mayAs(who.role, operation.role)) return;
  if (changesSomething(operation)) {
    const id = await beginAudit(deps.db(), auditRow(c, operation, who, deps));
    await endAudit(deps.db(), id, 403);
  }
  throw new Refusal(403, `this needs the role ${operation.role}`, {
    detail: `Your ${who.by} has the role ${who.role}. An admin can make a token of another role: POST /v1/tokens.`,
  });
}

const auditRow = (c: Context, { id, path }: Operation, who: Principal, deps: V1Deps) => ({
  at: deps.now().toISOString(),
  actorId: who.id,
  actor: who.name,
  role: who.role,
  action: id,
  // What the path names; a NUL or more than this is nobody's name.
  target: Object.keys(c.req.param()).length > 0 ? nameOf(c, path) : '',
  requestId: c.get('requestId') as string,
});

const nameOf = (c: Context, path: string) =>
  path
    .replace(/^\/v1\//, '')
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => c.req.param(name) ?? '')
    .replaceAll('\u0000', '')
    .slice(0, 300);

async function audited(
  c: Context,
  operation: Operation,
  deps: V1Deps,
  call: Call & { made?: string },
  work: () => Promise<Reply<unknown> | Response>,
): Promise<Response> {
  const id = await beginAudit(deps.db(), auditRow(c, operation, call.who, deps));
  try {
    const response = respond(c, operation, await work());
    await endAudit(deps.db(), id, response.status, call.made);
    return response;
  } catch (error) {
    await endAudit(
      deps.db(),
      id,
      error instanceof Refusal ? error.status : error instanceof ConnectorError ? 502 : 500,
      call.made,
    );
    throw error;
  }
}

function callOf(c: Context, { ifMatch }: Operation, who: Principal, deps: V1Deps): Call & { made?: string } {
  const given = c.req.header('if-match');
  if (ifMatch === 'required' && given === undefined)
    throw new Refusal(428, 'If-Match is needed', {
      detail: 'Read it first and send its ETag as If-Match: then nobody’s change is overwritten unseen.',
    });
  const call: Call & { made?: string } = {
    deps,
    who,
    c,
    requestId: c.get('requestId') as string,
    signal: c.req.raw.signal,
    target(id) {
      call.made = id;
    },
    match(version) {
      if (given === undefined || given.trim() === '*') return;
      const tags = given.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
      if (!tags.includes(etag(version)))
        throw new Refusal(412, 'it has changed since you read it', {
          detail: 'Read it again, decide anew, and send the new ETag as If-Match.',
        });
    },
  };
  return call;
}

/** A version as an entity tag. */
export const etag = (version: string | number) => `"${version}"`;

function respond(c: Context, operation: Operation, reply: Reply<unknown> | Response): Response {
  if (reply instanceof Response) return reply;
  for (const [name, value] of Object.entries(reply.headers ?? {})) c.header(name, value);
  const status = reply.status ?? operation.answer.status ?? 200;
  if (status === 204) return c.body(null, 204);
  return c.json(reply.body as never, status as ContentfulStatusCode);
}
