/** What Salesforce's refusals mean for the hub: which kind of failure, which fields, which record. */
import { z } from 'zod';
import { ConnectorError, type FailureKind } from '../contract.ts';
import type { Sent } from './http.ts';
import { to18 } from './ids.ts';

export interface Refused {
  code: string;
  message: string;
  fields: string[];
}

const One = z
  .object({
    statusCode: z.string().optional(),
    errorCode: z.string().optional(),
    message: z.string().default(''),
    fields: z.array(z.string()).nullish(),
  })
  .transform(({ statusCode, errorCode, message, fields }) => ({
    code: statusCode ?? errorCode ?? 'UNKNOWN',
    message,
    fields: fields ?? [],
  }));

/** jsforce's HttpApiError: `data` is the error (or all of them) as Salesforce sent it. */
const Thrown = z.object({ errorCode: z.string(), message: z.string(), data: z.unknown() });

export function refusals(error: unknown): Refused[] {
  const thrown = Thrown.safeParse(error);
  if (!thrown.success) return [];
  const { data, errorCode, message } = thrown.data;
  const parsed = z.array(One).safeParse(Array.isArray(data) ? data : [data]);
  if (parsed.success && parsed.data.some((one) => one.code !== 'UNKNOWN')) return parsed.data;
  return [{ code: errorCode, message, fields: [] }];
}

/** Open query locators are few and do not live long: the reader then asks anew. */
export function locatorDied(error: unknown): boolean {
  if (!(error instanceof ConnectorError)) return false;
  return refusals(error.cause).some((one) => one.code === 'INVALID_QUERY_LOCATOR');
}

export const rowErrors = z.array(One);

const TRANSIENT = new Set([
  'UNABLE_TO_LOCK_ROW',
  'SERVER_UNAVAILABLE',
  'UNKNOWN_EXCEPTION',
  'QUERY_TIMEOUT',
  'REQUEST_RUNNING_TOO_LONG',
]);
const GONE = new Set([
  'ENTITY_IS_DELETED',
  'INVALID_CROSS_REFERENCE_KEY',
  'NOT_FOUND',
  'CANNOT_UPDATE_CONVERTED_LEAD',
]);
/** Not DUPLICATES_DETECTED: a duplicate rule does not say which record it means, so a person has to look. */
const CONFLICT = new Set(['DUPLICATE_VALUE', 'PRECONDITION_FAILED', 'ENTITY_MODIFIED']);
const QUOTA = new Set(['REQUEST_LIMIT_EXCEEDED', 'STORAGE_LIMIT_EXCEEDED']);

/**
 * What recovers a row's failure. Several errors of one row: the one that a person must fix outranks those that
 * pass by themselves. A missing target of a reference names its field: then it is the value that is wrong, not
 * the record that is gone.
 */
export function kindOf(errors: Refused[]): FailureKind {
  const kinds = errors.map(({ code, fields }): FailureKind => {
    if (TRANSIENT.has(code)) return 'transient';
    if (QUOTA.has(code)) return 'quota';
    if (CONFLICT.has(code)) return 'conflict';
    if (GONE.has(code) && fields.every((name) => name === 'Id')) return 'gone';
    return 'rejected';
  });
  const order: FailureKind[] = ['gone', 'conflict', 'rejected', 'quota', 'transient'];
  return order.find((kind) => kinds.includes(kind)) ?? 'rejected';
}

/** The fields at fault: as Salesforce lists them, or as its message names them. */
export function fieldsOf(errors: Refused[]): string[] {
  const named = errors.flatMap(({ message, fields }) => {
    if (fields.length > 0) return fields;
    const column = /No such column '(\w+)'|Field name not found : (\w+)|duplicate value found: (\w+)/.exec(
      message,
    );
    return (column?.slice(1) ?? []).filter((name) => name !== undefined);
  });
  return [...new Set(named)];
}

/** The record that holds the value already, where Salesforce says which. */
export function otherId(errors: Refused[]): string | undefined {
  for (const { message } of errors) {
    const id = /with id: ([A-Za-z0-9]{15,18})/.exec(message)?.[1];
    if (id !== undefined && id.length !== 16 && id.length !== 17) return to18(id);
  }
  return undefined;
}

/** Salesforce repeats refused values, and pieces of the query, in some messages; the hub's logs must not. */
export function plainMessage(errors: Refused[]): string {
  return errors
    .map(({ code, message }) => {
      const safe = message
        .replace(/^[\s\S]*ERROR at Row:\d+:Column:\d+\s*/, '')
        .replace(/(data value too large: ).*( \(max length=\d+\))/s, '$1…$2')
        .replace(/(invalid email address: |bad value for restricted picklist field: ).*/s, '$1…')
        .replace(/(from VALUE_STRING value ).*?( or request may be)/s, '$1…$2');
      return `${code}: ${safe}`;
    })
    .join('; ');
}

/** What a thrown error means for the whole call. `wrote`: the call was a write, and may have been applied. */
export function toConnectorError(error: unknown, last: Sent | undefined, wrote: boolean): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const errors = refusals(error);
  const status = last?.status;
  if (errors.length === 0 || status === undefined || status < 400)
    return new ConnectorError('transient', 'Salesforce answered with something that cannot be read', {
      ...(status === undefined ? {} : { status }),
      maybeApplied: wrote,
      cause: error,
    });
  const codes = errors.map((one) => one.code);
  const shown = status >= 500 ? `Salesforce answered ${status}` : plainMessage(errors);
  const retry = last?.retryAfter === undefined ? {} : { retryAfter: last.retryAfter };
  const detail = { status, ...retry, cause: error };
  if (codes.includes('REQUEST_LIMIT_EXCEEDED'))
    return new ConnectorError('quota', shown, {
      ...detail,
      retryAfter: last?.retryAfter ?? 900,
      hint: 'The org has used its API calls of the last 24 hours. The hub waits; raise the limit or sync less often.',
    });
  if (status === 401 || status === 403)
    return new ConnectorError('auth', shown, {
      ...detail,
      hint:
        status === 401
          ? 'The access token was refused. Check the connection’s auth, and that its user may still log in.'
          : 'The connection’s user lacks a permission (API Enabled, or access to this object). Ask an administrator.',
    });
  if (status === 429) return new ConnectorError('quota', shown, detail);
  if (status === 408 || status >= 500 || codes.some((code) => TRANSIENT.has(code)))
    return new ConnectorError('transient', shown, {
      ...detail,
      maybeApplied: wrote && (status === 408 || status >= 500),
    });
  const hint = codes.includes('INVALID_FIELD')
    ? 'The mapping names a field that the object lacks or that the connection’s user may not see. Run `nayose check`.'
    : undefined;
  const kind = status === 404 ? 'gone' : status === 412 ? 'conflict' : kindOf(errors);
  return new ConnectorError(kind, shown, { ...detail, ...(hint ? { hint } : {}) });
}
