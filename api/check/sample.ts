import {
  ConnectorError,
  type Fields,
  type Page,
  type Problem,
  type Select,
  type Stream,
} from '../../connectors/contract.ts';
import type { LiveTool } from '../runtime/tools.ts';

export interface Sample {
  records: { id: string; fields: Fields }[];
  /** The tool has no more of them. */
  whole: boolean;
  /** Rows that the tool's reader set aside on the way. */
  problems: Problem[];
}

/** Records that are read of each object, unless somebody says otherwise. */
export const USUAL_SAMPLE = 200;
/** More would be a sync of its own. */
export const LARGEST_SAMPLE = 10_000;

/** A stream may hold nothing but deleted records for pages on end. */
const MOST_PAGES = 100;

/**
 * The first `most` records that a tool shows of a stream, a page at a time, without fields that take a call of their own.
 * A failure of the tool is the answer, and no exception.
 */
export async function readSample(
  tool: LiveTool,
  stream: Stream,
  fields: readonly string[],
  most: number,
  signal: AbortSignal,
): Promise<Sample | ConnectorError> {
  const { read } = tool.connector;
  if (most === 0 || stream.read === false || !read) return { records: [], whole: false, problems: [] };
  const separate = new Set(stream.fields.filter((field) => field.separate).map(({ name }) => name));
  const asked = fields.filter((name) => !separate.has(name));
  const records = new Map<string, Fields>();
  const problems: Problem[] = [];
  let since: Select = { since: null };
  try {
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page: Page = await read.call(tool.connector, tool.context(signal), stream.name, since, asked);
      for (const change of page.changes) {
        if (change.op === 'upsert') records.set(change.id, change.fields);
        if (change.op === 'delete' || change.op === 'merge') records.delete(change.id);
      }
      problems.push(...(page.problems ?? []));
      if (page.done || records.size >= most)
        return { records: firstOf(records, most), whole: page.done, problems };
      since = { since: page.cursor };
    }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return error;
  }
  return { records: firstOf(records, most), whole: false, problems };
}

/** Records whose field has one of these values: a page of the tool's look-up. Nothing where it cannot be asked. */
export async function lookUpSample(
  tool: LiveTool,
  stream: Stream,
  fields: readonly string[],
  by: string,
  values: readonly string[],
  signal: AbortSignal,
): Promise<Sample['records']> {
  const { read } = tool.connector;
  if (!read || values.length === 0) return [];
  const separate = new Set(stream.fields.filter((field) => field.separate).map(({ name }) => name));
  const asked = fields.filter((name) => !separate.has(name));
  try {
    const { changes } = await read.call(
      tool.connector,
      tool.context(signal),
      stream.name,
      { by, in: [...values] },
      asked,
    );
    return changes.flatMap((change) =>
      change.op === 'upsert' ? [{ id: change.id, fields: change.fields }] : [],
    );
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    tool
      .context(signal)
      .log.warn('a look-up for the sample failed', { connection: tool.name, error: error.message });
    return [];
  }
}

const firstOf = (records: ReadonlyMap<string, Fields>, most: number): Sample['records'] =>
  [...records].slice(0, most).map(([id, fields]) => ({ id, fields }));
