import type { CallRecord } from '../../connectors/transport.ts';

export type Attributes = Record<string, string | number | boolean>;

/** What work may say of itself once it is done: a better name, and what came of it. */
export interface Named {
  name?: string;
  attributes?: Attributes;
}

/**
 * Spans of what the hub does. Attributes are names, counts and statuses, never values. What is done inside `work` belongs to
 * its span.
 */
export interface Trace {
  span<T>(
    name: string,
    attributes: Attributes,
    work: () => Promise<T>,
    told?: (result: T) => Named,
  ): Promise<T>;
  /** Work that outlives what set it off: it belongs to no span. */
  apart<T>(work: () => T): T;
  /** Something that has just ended, after so many milliseconds. */
  ended(name: string, ms: number, attributes: Attributes, failed: boolean): void;
  /** Sends what has not been sent yet. */
  stop(): Promise<void>;
}

/** Words of the tools' APIs. Everything else in a path may be an id or a value. */
const WORDS = new Set(
  `services data sobjects describe updated deleted query queryAll composite collections batch tree jobs ingest results batches
  successfulResults failedResults unprocessedrecords limits oauth oauth2 token userinfo revoke recent parameterizedSearch search
  crm objects properties schemas associations owners read create update upsert archive merge labels types default cometd hooks
  account-info integrations`.split(/\s+/),
);
const BEFORE_A_NAME = new Set(['sobjects', 'objects', 'properties', 'schemas', 'associations']);

/** The address of a call to a tool with everything replaced that names a record: safe to count by, and to show. */
export function routeTemplate(url: string): { host: string; route: string } {
  const { host, pathname } = new URL(url);
  const parts = pathname.split('/').slice(1);
  const route = parts.map((part, i) => {
    if (part === '' || WORDS.has(part) || /^v\d+(\.\d+)?$/.test(part)) return part;
    const named = BEFORE_A_NAME.has(parts[i - 1] ?? '') && /^[A-Za-z][A-Za-z0-9_]*$/.test(part);
    // `/associations/{from}/{to}`: the second name stands behind the first.
    return named || (parts[i - 2] === 'associations' && /^[a-z]+$/.test(part)) ? part : '{id}';
  });
  return { host, route: `/${route.join('/')}` };
}

/** A call to a tool as a span: method, host and route, without ids, query or values. */
export function traceCall(trace: Trace | undefined, connection: string, call: CallRecord): void {
  if (!trace) return;
  const { host, route } = routeTemplate(call.url);
  const attributes = {
    connection,
    'http.request.method': call.method,
    'server.address': host,
    'url.template': route,
    retry: call.retry,
    ...(call.status === undefined ? {} : { 'http.response.status_code': call.status }),
  };
  trace.ended(`${call.method} ${route}`, call.ms, attributes, (call.status ?? 599) >= 400);
}
