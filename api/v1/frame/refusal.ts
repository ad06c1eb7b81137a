import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Fault, More } from '../../routes/problem.ts';

/** Thrown by an operation to answer with a problem. `detail` says what to do next; no value of a record is in it. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly more: More;
  readonly headers: Record<string, string>;
  constructor(
    status: ContentfulStatusCode,
    title: string,
    more: More = {},
    headers: Record<string, string> = {},
  ) {
    super(title);
    this.name = 'Refusal';
    this.status = status;
    this.more = more;
    this.headers = headers;
  }
}

export const notFound = (what: string, detail: string) => new Refusal(404, `no such ${what}`, { detail });

export const badRequest = (errors: Fault[]) =>
  new Refusal(400, 'the request is not as it should be', {
    detail: 'Mend what `errors` names. /docs shows what is expected.',
    errors,
  });

/** Well formed, and yet not possible as things are. */
export const unprocessable = (message: string, detail?: string, errors?: Fault[]) =>
  new Refusal(422, message, { ...(detail ? { detail } : {}), ...(errors ? { errors } : {}) });

/** This runtime cannot do it. */
export const notHere = (why: string, instead: string) => new Refusal(501, why, { detail: instead });
