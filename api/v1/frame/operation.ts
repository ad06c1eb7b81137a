import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Role } from '../../../core/store/tokens.ts';
import type { Principal } from '../../auth/principal.ts';
import type { V1Deps } from '../deps.ts';

/** What an operation is handed beside its checked input. */
export interface Call {
  deps: V1Deps;
  who: Principal;
  requestId: string;
  /** Aborted when the caller hangs up. */
  signal: AbortSignal;
  /** Throws 412 unless the caller's If-Match names this version (or is absent where it is optional). */
  match(version: string | number): void;
  /** Names in the audit log what was made or changed, where the path does not say. */
  target(id: string): void;
  c: Context;
}

export interface Reply<B> {
  /** The declared status where absent. */
  status?: number;
  body: B;
  headers?: Record<string, string>;
}

export type Tag =
  | 'Tools'
  | 'Syncs'
  | 'Golden records'
  | 'Reviews'
  | 'Deliveries'
  | 'Configuration'
  | 'Access'
  | 'Lists'
  | 'Hub';

/** Problem statuses that an operation may answer beside those that the frame gives by itself. */
export type ProblemStatus = 404 | 409 | 410 | 422 | 501 | 502 | 503;

interface Base<P, Q, B, R> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI: `/v1/golden/{id}`. */
  path: `/v1/${string}`;
  /** The operationId: a verb and what it is about, in camelCase. Also the action in the audit log. */
  id: string;
  summary: string;
  description?: string;
  tag: Tag;
  /** The least that may call it: viewer reads, operator runs and decides, admin configures. */
  role: Role;
  params: P;
  query: Q;
  body: B;
  /** What it answers when all went well. */
  answer: {
    /** 200 where absent; 204 has no body. */
    status?: 200 | 201 | 202 | 204;
    description: string;
    schema: R;
    /** Its media type: application/json where absent. */
    type?: 'application/json' | 'text/event-stream' | 'application/gzip';
    headers?: Record<string, string>;
  };
  problems?: ProblemStatus[];
  /** Changes the hub: written to the audit log, and POST takes an Idempotency-Key. Absent: every method but GET does. */
  changes?: boolean;
  /** Works on a version: If-Match is `required` (428 without it) or `optional`. */
  ifMatch?: 'required' | 'optional';
  /** Its answer holds a secret that is shown once: a repeated Idempotency-Key does not show it again. */
  secretAnswer?: boolean;
  /** No body at all is taken as `{}`. */
  emptyBody?: boolean;
  /** Of the body, in bytes: 1 MiB where absent. */
  largestBody?: number;
  /** The body's media type: JSON where absent; another one is handed over as bytes. */
  bodyType?: 'application/json' | 'text/csv';
}

type Shape = Record<string, z.ZodType>;
type Values<S extends Shape> = z.output<z.ZodObject<S>>;

export interface Input<P extends Shape, Q extends Shape, B extends z.ZodType> {
  params: Values<P>;
  query: Values<Q>;
  body: z.output<B>;
}

/** An operation as the frame keeps it: declared once, and from it the route, its checks and its documentation. */
export interface Operation extends Base<z.ZodObject, z.ZodObject, z.ZodType | undefined, z.ZodType> {
  handle(input: { params: never; query: never; body: never }, call: Call): Promise<Reply<unknown> | Response>;
}

/**
 * Declares an operation. The handler gets what the schemas made of the request and returns `{ body }` (as the answer's schema
 * takes it), or a Response of its own (streams). It throws a Refusal for what it will not do.
 */
export function operation<
  R extends z.ZodType,
  P extends Shape = Record<never, never>,
  Q extends Shape = Record<never, never>,
  B extends z.ZodType = z.ZodUndefined,
>(
  declared: Omit<Base<P, Q, B, R>, 'params' | 'query' | 'body'> & {
    params?: P;
    query?: Q;
    body?: B;
    handle(input: Input<P, Q, B>, call: Call): Promise<Reply<z.input<R>> | Response>;
  },
): Operation {
  return {
    ...declared,
    params: z.strictObject(declared.params ?? {}),
    query: z.strictObject(declared.query ?? {}),
    body: declared.body,
    handle: declared.handle as Operation['handle'],
  };
}

export const changesSomething = ({ method, changes }: Pick<Operation, 'method' | 'changes'>) =>
  changes ?? method !== 'get';

export const NOTHING = z.undefined();
