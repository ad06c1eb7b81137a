import { type Schema, type Schemas, sample } from '../../../api/v1/docs/sample.ts';
import { openApiDocument } from '../../../api/v1/frame/document.ts';
import { OPERATIONS } from '../../../api/v1/index.ts';
import type { Role } from '../../../core/store/tokens.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

/** An operation of the document, as a test calls it. */
export interface Documented {
  id: string;
  method: string;
  path: string;
  /** undefined: it needs no token. */
  role: Role | undefined;
  parameters: Parameter[];
  body: { type: string; schema: Schema; required: boolean } | undefined;
  statuses: string[];
}

export const document = openApiDocument(OPERATIONS);
export const SCHEMAS = (document.components?.schemas ?? {}) as Schemas;

/** Every operation of the document, those outside /v1 too. */
export const DOCUMENTED: Documented[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Record<string, unknown>>).map(([method, operation]): Documented => {
    const { content, required } = (operation.requestBody ?? {}) as {
      content?: Record<string, { schema?: Schema }>;
      required?: boolean;
    };
    const [type, media] = Object.entries(content ?? {})[0] ?? [];
    return {
      id: operation.operationId as string,
      method: method.toUpperCase(),
      path,
      role:
        (operation.security as unknown[] | undefined)?.length === 0
          ? undefined
          : (operation['x-role'] as Role),
      parameters: (operation.parameters ?? []) as Parameter[],
      body:
        type === undefined ? undefined : { type, schema: media?.schema ?? {}, required: required ?? false },
      statuses: Object.keys(operation.responses as object),
    };
  }),
);

/** A well-formed request; what it names mostly does not exist. */
export function wellFormed({ method, path, parameters, body }: Documented) {
  const headers: Record<string, string> = {};
  for (const one of parameters) if (one.in === 'header' && one.required) headers[one.name] = '"1"';
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(sample(schema, SCHEMAS)))}`);
  if (body) headers['content-type'] = body.type === '*/*' ? 'application/json' : body.type;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const schema = parameters.find((one) => one.in === 'path' && one.name === name)?.schema;
    return schema?.type === 'integer' ? '999' : 'none';
  });
  return {
    path: query.length > 0 ? `${filled}?${query.join('&')}` : filled,
    method,
    headers,
    body: body
      ? body.type === 'text/csv'
        ? 'id,name\n1,Sato\n'
        : JSON.stringify(sample(body.schema, SCHEMAS))
      : null,
  };
}
