/** HubSpot's error bodies, as the API sends them. */

export interface ErrorBody {
  status: 'error';
  message: string;
  correlationId: string;
  category: string;
  [more: string]: unknown;
}

/** Ends a call with this answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Record<string, string>;
  constructor(
    status: number,
    category: string,
    message: string,
    more: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.body = { status: 'error', message, correlationId: crypto.randomUUID(), category, ...more };
    this.headers = headers;
  }
}

/** Why one property's value is refused. */
export interface Refusal {
  code: string;
  message: string;
  name: string;
}

export function invalidProperties(refusals: Refusal[]): ApiError {
  const detail = refusals.map(({ code, message, name }) => ({
    isValid: false,
    message,
    error: code,
    name,
    localizedErrorMessage: message,
  }));
  return new ApiError(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(detail)}`, {
    errors: refusals.map(({ code, message, name }) => ({
      message,
      code,
      context: { propertyName: [name] },
    })),
  });
}

export const badRequest = (message: string, more: Record<string, unknown> = {}) =>
  new ApiError(400, 'VALIDATION_ERROR', message, more);

export const notFound = (ids: string[], singular: string) =>
  new ApiError(
    404,
    'OBJECT_NOT_FOUND',
    `Could not get some ${singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
    { context: { ids } },
  );

export const unauthorized = () =>
  new ApiError(
    401,
    'INVALID_AUTHENTICATION',
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
  );

export const missingScope = (scope: string) =>
  new ApiError(
    403,
    'MISSING_SCOPES',
    "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    {
      errors: [
        {
          message: 'One or more of the following scopes are required.',
          context: { requiredGranularScopes: [scope] },
        },
      ],
      links: { scopes: 'https://developers.hubspot.com/scopes' },
    },
  );

export const rateLimited = (
  policyName: 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY',
  headers: Record<string, string> = {},
) =>
  new ApiError(
    429,
    'RATE_LIMITS',
    policyName === 'DAILY'
      ? 'You have reached your daily limit.'
      : `You have reached your ${policyName.toLowerCase()} limit.`,
    { errorType: 'RATE_LIMIT', policyName },
    headers,
  );
