import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What is wrong with one record: a row's error in a collection, or the body of a single call's refusal. */
export interface RowError {
  statusCode: string;
  message: string;
  fields: string[];
}

export const rowError = (statusCode: string, message: string, fields: string[] = []): RowError => ({
  statusCode,
  message,
  fields,
});

/** A call refused as a whole. Thrown anywhere below the routes, which answer it as Salesforce does. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly errors: RowError[];

  constructor(status: ContentfulStatusCode, ...errors: RowError[]) {
    super(errors[0]?.message);
    this.status = status;
    this.errors = errors;
  }

  /** `[{ message, errorCode, fields? }]`: single calls say errorCode where collections say statusCode. */
  body() {
    return this.errors.map((error) => ({
      message: error.message,
      errorCode: error.statusCode,
      ...(error.fields.length > 0 ? { fields: error.fields } : {}),
    }));
  }
}

export const refuse = (status: ContentfulStatusCode, code: string, message: string, fields: string[] = []) =>
  new Refusal(status, rowError(code, message, fields));

export const noSuchColumn = (name: string, object: string) =>
  refuse(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`);
