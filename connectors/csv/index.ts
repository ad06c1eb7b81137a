/**
 * Files as a tool. A file that did not change since it was read to its end is not read again; one that did is read
 * anew from the top, since rows that stayed as they were cost the hub nothing, and rows that vanished are those
 * that it does not show any more. Only a connection that says `writable` is written to: see write.ts.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import {
  type Change,
  type Connector,
  ConnectorError,
  type Context,
  type Page,
  type Problem,
  type Select,
  type Stream,
} from '../contract.ts';
import { readTime } from '../time.ts';
import { type CsvConfig, csvConfig } from './config.ts';
import { idColumns, idOf, versionOf } from './identity.ts';
import { type CsvFile, cannotRead, openCsv } from './read.ts';
import { type RepeatsKnown, repeatsIn } from './repeats.ts';
import { makeFile, sweepTemporary } from './rewrite.ts';
import { headerLine, notWritable, writeRows } from './write.ts';

const ROWS_PER_PAGE = 500;
/** The name to look a row up by when its id is made of several columns or of its content. */
const WHOLE_ID = 'id';
const SUFFIX = /\.csv$/i;

/** By configuration and stream: which rows of the file's last version repeat the id of another. */
const REPEATS = new WeakMap<CsvConfig, Map<string, RepeatsKnown>>();

function repeatsKnown(config: CsvConfig, stream: string, version: string): RepeatsKnown['windows'] {
  const streams = REPEATS.get(config) ?? new Map<string, RepeatsKnown>();
  REPEATS.set(config, streams);
  const found = streams.get(stream);
  if (found?.version === version) return found.windows;
  const windows: RepeatsKnown['windows'] = new Map();
  streams.set(stream, { version, windows });
  return windows;
}

/** `offset` and `line` are the position in that version of the file; both missing: it was read to its end. */
const cursorSchema = z.strictObject({
  version: z.string(),
  offset: z.int().min(0).optional(),
  line: z.int().min(0).optional(),
  /** What a look-up looks for. */
  by: z.string().optional(),
  in: z.array(z.string()).optional(),
});
type CsvCursor = z.infer<typeof cursorSchema>;

/** Stream name → path. A folder's subfolders are not looked into. */
async function filesOf(config: CsvConfig): Promise<Map<string, string>> {
  const refuse = (cause: NodeJS.ErrnoException) => {
    throw cannotRead(config.path, cause);
  };
  const one = !(await stat(config.path).catch(refuse)).isDirectory();
  const folder = one ? dirname(config.path) : config.path;
  const names = one ? [basename(config.path)] : (await readdir(folder).catch(refuse)).sort();
  return new Map(
    names
      .filter((name) => one || SUFFIX.test(name))
      .map((name) => [name.replace(SUFFIX, ''), join(folder, name)]),
  );
}

/** The file of a stream; undefined: there is none yet, and the hub makes it when it writes. */
async function pathOf(config: CsvConfig, stream: string): Promise<string | undefined> {
  const files = await filesOf(config);
  const path = files.get(stream);
  if (path !== undefined) return path;
  if (Object.hasOwn(config.columns, stream)) return undefined;
  throw new ConnectorError('rejected', `there is no ${stream}.csv in ${config.path}`, {
    hint:
      (files.size === 0 ? 'The folder has no .csv file.' : `It has ${[...files.keys()].join(', ')}.`) +
      (config.writable
        ? ` To have the hub make it, name its columns: columns: { ${stream}: [id, name] }.`
        : ''),
  });
}

const openFile = (config: CsvConfig, path: string) =>
  openCsv(path, {
    encoding: config.encoding,
    ...(config.delimiter === undefined ? {} : { delimiter: config.delimiter }),
  });

async function describe(config: CsvConfig, stream: string): Promise<Stream> {
  const path = await pathOf(config, stream);
  const file = path === undefined ? undefined : await openFile(config, path);
  try {
    const columns = file?.columns ?? config.columns[stream]!;
    const by = idColumns(config, stream, columns);
    const writable = config.writable && by.length > 0;
    return {
      name: stream,
      label: stream,
      ...(file && path !== undefined ? { file: { name: basename(path), twice: file.twice } } : {}),
      fields: columns.map((name) => ({
        name,
        label: name,
        type: 'text' as const,
        required: writable && by.length > 1 && by.includes(name),
        writable,
        unique: by.length === 1 && by[0] === name,
      })),
      read: {
        incremental: true,
        deletes: 'none',
        merges: false,
        lookupBy: [by.length === 1 ? by[0]! : WHOLE_ID, ...columns.filter((name) => name !== by[0])],
      },
      write: writable && {
        ops: ['create', 'update', 'delete'],
        maxBatch: 1000,
        // Each write copies the whole file.
        bulk: { from: 1001, max: 5_000 },
        idempotency: 'key',
      },
      ...(writable
        ? {}
        : {
            unlock: config.writable
              ? `id: { ${stream}: COLUMN } (the column that tells rows apart)`
              : 'writable: true',
          }),
    };
  } finally {
    await file?.close();
  }
}

/** Where to begin: a cursor of another version of the file means nothing in this one. */
function startOf(select: Select, version: string): { cursor: CsvCursor; done: boolean; afresh?: true } {
  if ('by' in select) return { cursor: { version, offset: 0, by: select.by, in: select.in }, done: false };
  if (select.since === null) return { cursor: { version, offset: 0 }, done: false };
  const parsed = cursorSchema.safeParse(select.since);
  if (!parsed.success)
    throw new ConnectorError('rejected', 'this cursor is not one of the csv connector', {
      hint: 'Read the file from the beginning: nayose sync --full',
    });
  const cursor = parsed.data;
  if (cursor.version !== version)
    return {
      cursor: { ...cursor, version, offset: 0, line: undefined },
      done: false,
      ...(cursor.in ? {} : { afresh: true }),
    };
  return { cursor, done: cursor.offset === undefined };
}

async function readPage(
  ctx: Context<CsvConfig>,
  stream: string,
  file: CsvFile,
  select: Select,
): Promise<Page> {
  const { version, modified } = await file.state();
  const { cursor, done, afresh } = startOf(select, version);
  if (done) return { changes: [], cursor: ended(cursor), done };
  const by = idColumns(ctx.config, stream, file.columns);
  const wanted = cursor.in === undefined ? undefined : new Set(cursor.in);
  const changes: Change[] = [];
  const problems: Problem[] = [];
  const firstOf = repeatsOf(ctx, stream, file, version, by, cursor);
  let position = cursor.offset ? { offset: cursor.offset, line: cursor.line ?? 0 } : undefined;
  let full = false;
  for await (const row of file.rows(position)) {
    ctx.signal.throwIfAborted();
    position = row.end;
    if ('problem' in row) problems.push({ line: row.line, message: row.problem });
    else if (wanted === undefined || matches(row.fields, cursor.by!, wanted, by)) {
      const id = idOf(row.fields, by);
      const first = id === undefined ? undefined : await firstOf(row.line, id);
      if (id === undefined) problems.push({ line: row.line, message: `no value in ${by.join(', ')}` });
      else if (first === undefined) {
        const at = changedAt(ctx, row.fields) ?? modified;
        const version = versionOf(row.fields);
        changes.push({ stream, id, at: at.toISOString(), version, op: 'upsert', fields: row.fields });
      } else if (wanted === undefined)
        problems.push({
          line: row.line,
          message: `the same ${by.join(' and ')} as line ${first}, which counts: give this row another, or remove it`,
        });
    }
    full = changes.length + problems.length >= ROWS_PER_PAGE;
    if (full) break;
  }
  if ((await file.state()).version !== version)
    throw new ConnectorError('transient', `${stream}.csv was written while it was read`, {
      hint: 'Write it under another name and rename it when it is whole.',
    });
  for (const { line, message } of problems) ctx.log.warn(`${stream}.csv, line ${line}: ${message}`);
  return {
    changes,
    cursor: full ? { ...cursor, ...position } : ended(cursor),
    done: !full,
    ...(problems.length > 0 ? { problems } : {}),
    ...(afresh ? { afresh } : {}),
  };
}

/**
 * The line of the row before this one that has its id; undefined: none has. Of such rows the first counts, for writes too. Without a column
 * of ids they are equal, and nothing is lost with any of them.
 */
function repeatsOf(
  { config, signal }: Context<CsvConfig>,
  stream: string,
  file: CsvFile,
  version: string,
  by: string[],
  cursor: CsvCursor,
): (line: number, id: string) => number | undefined | Promise<number | undefined> {
  if (by.length === 0) return () => undefined;
  if (cursor.in === undefined || cursor.by !== (by.length === 1 ? by[0] : WHOLE_ID))
    return repeatsIn(file, by, repeatsKnown(config, stream, version), signal);
  // A look-up by id comes past all of its rows itself.
  const seen = new Map<string, number>();
  return (line, id) => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, line);
    return first;
  };
}

/** What the row itself says; a time in the future is a mistake, and would outvote every real edit. */
function changedAt(ctx: Context<CsvConfig>, fields: Record<string, string | null>): Date | undefined {
  if (ctx.config.modified === undefined) return undefined;
  const time = readTime(fields[ctx.config.modified], ctx.config.utcOffset);
  return time !== undefined && time <= ctx.now() ? time : undefined;
}

const ended = ({ version }: CsvCursor) => ({ version });

function matches(
  fields: Record<string, string | null>,
  name: string,
  wanted: Set<string>,
  by: string[],
): boolean {
  const value = by.length !== 1 && name === WHOLE_ID ? idOf(fields, by) : fields[name]?.trim();
  return value !== undefined && wanted.has(value);
}

export const csv: Connector<CsvConfig> = {
  type: 'csv',
  config: csvConfig,
  paths: ['path'],
  discover: async (ctx, only) => {
    if (only?.length === 1) await pathOf(ctx.config, only[0]!);
    const made = Object.keys(ctx.config.columns);
    const names = [...new Set([...(await filesOf(ctx.config)).keys(), ...made])].sort();
    return await Promise.all(
      names
        .filter((name) => only === undefined || only.includes(name))
        .map((name) => describe(ctx.config, name)),
    );
  },
  read: async (ctx, stream, select) => {
    const path = await pathOf(ctx.config, stream);
    if (path === undefined) return { changes: [], cursor: { version: 'none' }, done: true };
    const file = await openFile(ctx.config, path);
    try {
      return await readPage(ctx, stream, file, select);
    } finally {
      await file.close();
    }
  },
  write: async (ctx, stream, ops) => {
    const { config } = ctx;
    if (!config.writable)
      throw new ConnectorError('rejected', `the files of ${config.path} are only read`, {
        hint: 'To have the hub write them, say writable: true in hub.yaml; or use mode: read in the sync.',
      });
    const there = await pathOf(config, stream);
    const path = there ?? join(config.path, `${stream}.csv`);
    await sweepTemporary(dirname(path), ctx.now());
    const by = ({ columns }: CsvFile) => {
      const found = idColumns(config, stream, columns);
      if (found.length === 0) throw notWritable(stream);
      return found;
    };
    const opened = async () => {
      if (there === undefined) await makeFile(path, headerLine(config, config.columns[stream]!));
      return await openFile(config, path);
    };
    return await writeRows(path, stream, opened, by, ops, ctx.signal);
  },
};
