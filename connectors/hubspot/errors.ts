import { ConnectorError } from '../contract.ts';

/** What the parts of an error body that we use look like; every one of them may be missing. */
interface ErrorBody {
  message?: unknown;
  category?: unknown;
  policyName?: unknown;
  errors?: unknown;
  context?: unknown;
}

/**
 * A failed call as the contract has it. `wrote`: the call was a write, which may have been applied when no
 * readable answer came. Nothing of the answer's own text gets into messages: it may name people.
 */
export function asFailure(error: unknown, wrote: boolean, now: Date): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { code, body, headers } = apiException(error);
  if (code !== undefined && (code < 200 || code > 299)) return ofStatus(code, body, headers, wrote, now);
  return broken(error, wrote);
}

/** The client has one ApiException class per API module: known by its shape. */
export function apiException(error: unknown): {
  code: number | undefined;
  body: unknown;
  headers: Record<string, string>;
} {
  const given = error as { code?: unknown; body?: unknown; headers?: unknown } | null;
  if (!(error instanceof Error) || typeof given?.code !== 'number')
    return { code: undefined, body: undefined, headers: {} };
  return { code: given.code, body: given.body, headers: (given.headers ?? {}) as Record<string, string> };
}

function ofStatus(
  status: number,
  body: unknown,
  headers: Record<string, string>,
  wrote: boolean,
  now: Date,
): ConnectorError {
  const about = (body !== null && typeof body === 'object' ? body : {}) as ErrorBody;
  const after = Number(headers['retry-after']);
  const wait = Number.isFinite(after) && after > 0 ? { retryAfter: after } : {};
  switch (status) {
    case 401:
      return new ConnectorError('auth', 'HubSpot refused the access token (401)', {
        status,
        hint: 'Make a new token (HubSpot: Settings, Integrations, Private Apps) and put it into accessToken, or authorise the app again.',
      });
    case 403: {
      const scopes = missingScopes(about);
      const named = scopes.length > 0 ? `: it lacks ${scopes.join(', ')}` : '';
      return new ConnectorError('auth', `HubSpot refused the call for want of permission (403)${named}`, {
        status,
        hint:
          scopes.length > 0
            ? `Give the app the scope ${scopes.join(', ')} and use the token it then shows.`
            : 'Give the app the scopes for this object (crm.objects.…, crm.schemas.…) and use the token it then shows.',
      });
    }
    case 429:
      return new ConnectorError('quota', `HubSpot's ${budgetName(about)} is used up (429)`, {
        status,
        retryAfter: wait.retryAfter ?? untilRenewal(about, now),
        hint: 'The hub goes on by itself when the budget renews.',
      });
    case 423:
      return new ConnectorError('transient', 'HubSpot has locked this for now (423)', {
        status,
        retryAfter: wait.retryAfter ?? 2,
      });
    case 414:
      return new ConnectorError('rejected', 'HubSpot found the address of the call too long (414)', {
        status,
        hint: 'Map fewer fields of this object.',
      });
  }
  if (status >= 500 || status === 408 || status === 477)
    return new ConnectorError('transient', `HubSpot failed (${status})`, {
      status,
      ...wait,
      maybeApplied: wrote && status !== 477,
    });
  const detail = rowFailure(body);
  return new ConnectorError(detail.kind, `HubSpot refused the call (${status}): ${detail.message}`, {
    status,
  });
}

/** No answer, or none that can be read: a reset, a time-out, JSON cut short, a missing content type. */
function broken(error: unknown, wrote: boolean): ConnectorError {
  if (!(error instanceof Error)) throw error;
  const cause = error.cause as { code?: unknown } | undefined;
  const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(cause?.code));
  if (neverSent)
    return new ConnectorError('transient', 'HubSpot cannot be reached', {
      cause: error,
      hint: 'Check the network, and baseUrl in the connection.',
    });
  const ended = error.name === 'AbortError' || error.name === 'TimeoutError' || error instanceof TypeError;
  const message = ended
    ? 'the connection to HubSpot ended without an answer'
    : "HubSpot's answer could not be read: it was cut short or is not JSON";
  // A SyntaxError quotes the text it could not read: it is no cause to hand on.
  return new ConnectorError('transient', message, { maybeApplied: wrote, ...(ended && { cause: error }) });
}

function missingScopes(body: ErrorBody): string[] {
  const found = [body, ...list(body.errors)].flatMap((part) => {
    const context = (part as ErrorBody | null)?.context;
    if (context === null || typeof context !== 'object') return [];
    return Object.entries(context).flatMap(([name, value]) => (/scopes$/i.test(name) ? list(value) : []));
  });
  return [...new Set(found.filter((scope) => typeof scope === 'string'))];
}

function budgetName(body: ErrorBody): string {
  if (body.policyName === 'DAILY') return 'daily budget of calls';
  if (body.policyName === 'SECONDLY') return 'budget of calls a second';
  return 'budget of calls in ten seconds';
}

/**
 * Seconds to wait. The daily budget renews at midnight in the account's own time zone, which the answer does not
 * tell: midnights fall on full and half hours, so looking again at each costs at most 48 calls a day and loses
 * at most half an hour.
 */
function untilRenewal(body: ErrorBody, now: Date): number {
  if (body.policyName === 'SECONDLY') return 1;
  if (body.policyName !== 'DAILY') return 10;
  return 1800 - (Math.floor(now.getTime() / 1000) % 1800);
}

/** Why one record was refused. */
export interface RowFailure {
  kind: 'rejected' | 'conflict' | 'gone';
  message: string;
  fields?: string[];
  /** The record that stands in the way. */
  id?: string;
  /** Every record with one of `fields` would be refused alike, whatever its value. */
  hopeless: boolean;
}

const EXPLAINED: Record<string, string> = {
  PROPERTY_DOESNT_EXIST: 'there is no such property (any more)',
  READ_ONLY_VALUE: 'it is read-only',
  INVALID_OPTION: 'the value is not one of its options',
  INVALID_EMAIL: 'not a valid e-mail address',
  INVALID_NUMBER: 'not a number',
  INVALID_INTEGER: 'not a whole number',
  INVALID_LONG: 'not a date and time',
  INVALID_DATE: 'not a date (at midnight UTC)',
  PROPERTY_VALUE_TOO_LONG: 'the text is too long',
  CONFLICTING_UNIQUE_VALUE: 'another record has this value, and it must be unique',
  REQUIRED_PROPERTIES_MISSING: 'it is required',
};

/** Reads an error body, of a whole call or of one row of a 207. Values stay out of the message. */
export function rowFailure(body: unknown): RowFailure {
  const about = (body !== null && typeof body === 'object' ? body : {}) as ErrorBody;
  const text = typeof about.message === 'string' ? about.message : '';
  const refusals = refusedProperties(about, text);
  const fields = [...new Set(refusals.map(({ name }) => name))];
  const named = fields.length > 0 ? { fields } : {};
  const existing = /Existing ID: (\d+)/.exec(text)?.[1];
  if (about.category === 'CONFLICT' || existing !== undefined)
    return {
      kind: 'conflict',
      message: 'the record exists already in HubSpot',
      fields: fields.length > 0 ? fields : ['email'],
      ...(existing !== undefined && { id: existing }),
      hopeless: false,
    };
  if (refusals.some(({ code }) => code === 'CONFLICTING_UNIQUE_VALUE')) {
    const holder = /(\d+) already has that value/.exec(text)?.[1];
    const message = `${fields.join(', ')}: ${EXPLAINED.CONFLICTING_UNIQUE_VALUE}`;
    return {
      kind: 'conflict',
      message,
      ...named,
      ...(holder !== undefined && { id: holder }),
      hopeless: false,
    };
  }
  if (about.category === 'OBJECT_NOT_FOUND')
    return { kind: 'gone', message: 'the record is no longer in HubSpot', hopeless: false };
  const reasons = refusals.map(({ name, code }) => `${name}: ${EXPLAINED[code] ?? 'refused'} (${code})`);
  return {
    kind: 'rejected',
    message: reasons.length > 0 ? reasons.join('; ') : `refused as ${String(about.category ?? 'invalid')}`,
    ...named,
    hopeless: refusals.some(({ code }) => code === 'PROPERTY_DOESNT_EXIST' || code === 'READ_ONLY_VALUE'),
  };
}

/** `errors[]` names property and code; older answers carry a JSON list inside the message instead. */
function refusedProperties(body: ErrorBody, text: string): { name: string; code: string }[] {
  const listed = list(body.errors).flatMap((item) => {
    const { code, context } = (item ?? {}) as { code?: unknown; context?: { propertyName?: unknown } };
    return list(context?.propertyName).map((name) => ({
      name: String(name),
      code: String(code ?? 'INVALID'),
    }));
  });
  if (listed.length > 0) return listed;
  const json = /^Property values were not valid: (\[.*\])$/s.exec(text)?.[1];
  if (json === undefined) return [];
  try {
    return list(JSON.parse(json)).map((item) => {
      const { name, error } = (item ?? {}) as { name?: unknown; error?: unknown };
      return { name: String(name), code: String(error ?? 'INVALID') };
    });
  } catch (error) {
    // HubSpot cuts long messages: the names are then unknown, the refusal is not.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
