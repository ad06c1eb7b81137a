import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Fault } from '../../routes/problem.ts';
import type { Operation } from './operation.ts';
import { badRequest, Refusal } from './refusal.ts';

export const LARGEST_BODY = 1024 * 1024;

/** Deeper than this nobody nests, and schemas that call themselves must end. */
const DEEPEST = 64;

/** Checks a request's path, query and body against the operation's schemas. Throws 400, 413 or 415, naming every fault. */
export async function readInput(c: Context, operation: Operation) {
  const faults: Fault[] = [];
  const take = (schema: z.ZodType, where: string, data: unknown) => {
    faults.push(...unstorable(data, where, 0));
    const parsed = schema.safeParse(data);
    if (!parsed.success) faults.push(...parsed.error.issues.flatMap((issue) => asFaults(issue, where)));
    return parsed.data as never;
  };
  const params = take(operation.params, 'path', c.req.param());
  const query = take(operation.query, 'query', queryOf(c, faults));
  // What is wrong already need not wait for a body.
  if (faults.length > 0) throw badRequest(faults);
  if (operation.body === undefined) return { params, query, body: undefined as never, bytes: EMPTY };
  if (operation.emptyBody && !c.req.header('content-type') && (await isEmpty(c, operation)))
    return { params, query, body: operation.body.parse({}) as never, bytes: EMPTY };
  const bytes = await readBody(c, operation);
  const body =
    (operation.bodyType ?? 'application/json') === 'application/json'
      ? take(operation.body, 'body', parseJson(bytes))
      : take(operation.body, 'body', bytes);
  if (faults.length > 0) throw badRequest(faults);
  return { params, query, body, bytes };
}

const EMPTY = new Uint8Array(0);

function queryOf(c: Context, faults: Fault[]): Record<string, string> {
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(c.req.url).searchParams) {
    if (name in given) faults.push({ where: `query.${name.slice(0, 60)}`, message: 'is given twice' });
    given[name] = value;
  }
  return { ...given };
}

const isEmpty = async (c: Context, { largestBody = LARGEST_BODY }: Operation) =>
  c.req.raw.body === null || (await bounded(c, largestBody)).length === 0;

async function readBody(c: Context, { bodyType = 'application/json', largestBody }: Operation) {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const fits =
    bodyType === 'application/json' ? /^application\/([\w.-]+\+)?json$/.test(type) : type === bodyType;
  if (!fits)
    throw new Refusal(415, `the body is not ${bodyType}`, {
      detail: `Send Content-Type: ${bodyType}${bodyType === 'application/json' ? ', and JSON in UTF-8' : ''}.`,
    });
  return bounded(c, largestBody ?? LARGEST_BODY);
}

/** The whole body. Throws 413 as soon as it is known to be too large; the rest is not read. */
async function bounded(c: Context, largest: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new Refusal(
      413,
      'the body is too large',
      { detail: `At most ${largest.toLocaleString('en')} bytes in one request.` },
      { Connection: 'close' },
    );
  const told = Number(c.req.header('content-length') ?? 0);
  if (told > largest) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > largest) throw tooLarge();
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    const message = bytes.length === 0 ? 'is missing: send JSON' : 'is not JSON in UTF-8';
    throw badRequest([{ where: 'body', message }]);
  }
}

/** The database takes no NUL in text, and nobody types one. */
function unstorable(data: unknown, where: string, depth: number): Fault[] {
  if (depth > DEEPEST) return [{ where, message: `is nested more than ${DEEPEST} deep` }];
  if (typeof data === 'string')
    return data.includes('\u0000') ? [{ where, message: 'holds the character U+0000' }] : [];
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return [];
  return Object.entries(data).flatMap(([name, value]) => [
    ...(name.includes('\u0000') ? [{ where, message: 'has a name that holds the character U+0000' }] : []),
    ...unstorable(value, `${where}.${name.slice(0, 60)}`, depth + 1),
  ]);
}

function asFaults(issue: z.core.$ZodIssue, where: string): Fault[] {
  const at = [where, ...issue.path.map((part) => String(part).slice(0, 60))].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      where: `${at}.${key.slice(0, 60)}`,
      message: 'is not known here: leave it out, or look for its right spelling in /docs',
    }));
  return [{ where: at, message: issue.message }];
}
