import {
  type Change,
  ConnectorError,
  type Context,
  type Fields,
  type Inbound,
  type Json,
} from '../contract.ts';
import { readTime } from '../time.ts';
import { ANY_STREAM, type WebhookConfig } from './config.ts';
import { textOf } from './signature.ts';

/** Objects nested deeper than this stay as they are. */
const DEEPEST = 16;
/** A message that nests deeper is no message. */
const DEEPEST_JSON = 200;

/** Written as in an address. Pairs of records are indexed by both ids, and a longer one could not be kept. */
const LONGEST_ID = 1000;

type JsonObject = { [key: string]: Json };

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function at(root: Json, path: string): Json | undefined {
  let value: Json | undefined = root;
  for (const name of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Nested objects become dotted names; lists stay lists. */
export function flatten(record: JsonObject): Fields {
  const flat: [string, Json][] = [];
  const walk = (object: JsonObject, before: string, depth: number) => {
    for (const [name, value] of Object.entries(object)) {
      const path = before + name;
      if (isObject(value) && depth < DEEPEST) walk(value, `${path}.`, depth + 1);
      else flat.push([path, value]);
    }
  };
  walk(record, '', 1);
  // fromEntries defines own properties, so a field called __proto__ is only a field.
  return Object.fromEntries(flat);
}

/**
 * Unreadable, missing and future times are `now`: an edit "from tomorrow" would outvote every real one until then.
 */
function timeOf(value: Json | undefined, now: Date): string {
  const time = readTime(value);
  return (time !== undefined && time < now ? time : now).toISOString();
}

function idOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** Which stream a record belongs to, or why it belongs to none. */
function streamOf(item: JsonObject, config: WebhookConfig): { name: string } | { wrong: string } {
  const given =
    config.stream === undefined ? (at(item, 'type') ?? at(item, 'object')) : at(item, config.stream);
  const name = typeof given === 'string' && given !== '' ? given : undefined;
  if (config.streams === undefined)
    // Without streams, and without a word on where their name stands, a field called `type` is only a field.
    return { name: config.stream === undefined ? ANY_STREAM : (name ?? ANY_STREAM) };
  const known = Object.keys(config.streams);
  if (name !== undefined && known.includes(name)) return { name };
  if (known.length === 1 && config.stream === undefined) return { name: known[0]! };
  return { wrong: `its stream is not one of ${known.join(', ')}` };
}

function changeOf(item: Json, config: WebhookConfig, now: Date): Change | { wrong: string } {
  if (!isObject(item)) return { wrong: 'it is not a JSON object' };
  const id = idOf(at(item, config.id));
  if (id === undefined)
    return { wrong: `it has no id at "${config.id}" (text, or a whole number below 2^53)` };
  if (encodeURIComponent(id.toWellFormed()).length > LONGEST_ID)
    return { wrong: `its id at "${config.id}" is longer than ${LONGEST_ID} characters` };
  const stream = streamOf(item, config);
  if ('wrong' in stream) return stream;
  const record = config.record === undefined ? item : at(item, config.record);
  if (!isObject(record)) return { wrong: `there is no object at "${config.record}"` };
  const time = timeOf(
    config.at === undefined ? (at(item, 'timestamp') ?? at(item, 'updated_at')) : at(item, config.at),
    now,
  );
  const change = { stream: stream.name, id, at: time };
  // Whoever knows only the address has proved nothing: what it says is a hint to look.
  return config.secret === undefined
    ? { ...change, op: 'touch' }
    : { ...change, op: 'upsert', fields: flatten(record) };
}

/**
 * One JSON object, or a list of them, as changes. An item that makes no sense is logged and left out, so that
 * it cannot hold back the others; a body in which nothing makes sense throws ConnectorError 'rejected'.
 */
export function parseHook(request: Inbound, ctx: Context<WebhookConfig>): Change[] {
  const body = parseJson(request.body);
  const items = Array.isArray(body) ? body : [body];
  const changes: Change[] = [];
  const wrongs: string[] = [];
  for (const [index, item] of items.entries()) {
    const change = changeOf(item, ctx.config, ctx.now());
    if ('wrong' in change) wrongs.push(`item ${index + 1}: ${change.wrong}`);
    else changes.push(change);
  }
  if (changes.length === 0 && wrongs.length > 0)
    throw new ConnectorError('rejected', `nothing in the message could be read: ${wrongs[0]}`, {
      hint: 'Say where id, stream and time stand with `id`, `stream` and `at` in hub.yaml.',
    });
  for (const wrong of wrongs) ctx.log.warn(`webhook: left out ${wrong}`);
  return changes;
}

function parseJson(body: Uint8Array): Json {
  const text = textOf(body);
  if (text === undefined) throw new ConnectorError('rejected', 'the message is not UTF-8 text');
  if (!nestsWithin(text, DEEPEST_JSON))
    throw new ConnectorError('rejected', `the message nests deeper than ${DEEPEST_JSON} levels`);
  try {
    return JSON.parse(text) as Json;
  } catch {
    // JSON.parse quotes the text in its message, which may be private.
    throw new ConnectorError('rejected', 'the message is not JSON', {
      hint: 'The generic webhook takes a JSON object or a list of them, with Content-Type: application/json.',
    });
  }
}

/** Looks at brackets outside of strings, each sign once: what is nested without end must not reach code that follows it step by step. */
function nestsWithin(text: string, levels: number): boolean {
  let depth = 0;
  let quoted = false;
  for (const [token] of text.matchAll(/\\.|["[\]{}]/gs)) {
    if (token === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > levels) return false;
  }
  return true;
}
