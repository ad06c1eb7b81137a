import { basename, extname } from 'node:path';
import { ConnectorError } from '../../../../connectors/contract.ts';
import type { Range } from '../../../../connectors/csv/ranges.ts';
import { type CsvFile, type CsvRow, type Encoding, openCsv } from '../../../../connectors/csv/read.ts';
import { digester, type Portion } from '../../../../core/match/bulk/digest.ts';
import { growing } from '../../../../core/match/bulk/growing.ts';
import { type Bundle, packer } from '../../../../core/match/bulk/pack.ts';
import { type Texts, textColumn } from '../../../../core/match/bulk/texts.ts';
import { createMatcher } from '../../../../core/match/matcher.ts';
import type { Prepared } from '../../../../core/match/prepared.ts';
import type { Matcher } from '../../../../core/match/types.ts';
import { storage } from '../../../../core/model/entity.ts';
import { isEmpty, type Value } from '../../../../core/model/value.ts';
import { UsageError } from '../../args.ts';
import { type ListPlan, type PlanOptions, planList } from './plan.ts';

/** How one of the lists is to be read. */
export interface ListOptions extends PlanOptions {
  path: string;
  encoding: Encoding;
}

export interface BadRow {
  file: string;
  line: number;
  message: string;
}

/** What reading some rows of a list came to. */
export interface Part {
  portion: Portion;
  ids: Texts;
  /** The line of each record. */
  lines: Int32Array;
  /** The values of each record, where merged rows are asked for. */
  values?: Bundle;
  /** Attributes that at least one record has. */
  attributes: string[];
  /** Rows that are in no cluster, because they could not be read, or repeat an id. */
  bad: BadRow[];
  /** Values that are not what their column should hold, by attribute: their text takes part as it stands. */
  unreadable: Record<string, number>;
  /** Records with an e-mail address that is taken for a placeholder. */
  placeholders: number;
  /** Where the last row read ends. */
  end: number;
  /** What was to be read; undefined: all. */
  range: Range | undefined;
}

export interface OpenList {
  options: ListOptions;
  file: CsvFile;
  plan: ListPlan;
  matcher: Matcher<Prepared>;
}

/** Opens a list and reads its header. Throws when it is missing, has no header, or does not fit its mapping. */
export async function openList(options: ListOptions): Promise<OpenList> {
  const file = await openCsv(options.path, { encoding: options.encoding }).catch(forPeople(options.encoding));
  try {
    const plan = await planList(file.columns, options);
    return { options, file, plan, matcher: createMatcher(plan.entity) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads the rows of a range, or all, but for those that are known to repeat the id of a row before them. */
export async function readPart(
  { options: { path }, file, plan, matcher }: OpenList,
  range: Range | undefined,
  keepValues: boolean,
  repeated: readonly [line: number, first: number][] = [],
): Promise<Part> {
  const firstOf = new Map(repeated);
  const source = basename(path, extname(path));
  const digest = digester(plan.entity, matcher);
  const ids = textColumn();
  const lines = growing(Int32Array);
  const values = packer();
  const attributes = new Set<string>();
  const bad: BadRow[] = [];
  const unreadable: Record<string, number> = {};
  let placeholders = 0;
  let end = range?.from.offset ?? 0;

  const take = async (row: CsvRow & { fields: Record<string, string | null> }) => {
    const id = plan.idColumn === undefined ? String(row.line) : (row.fields[plan.idColumn]?.trim() ?? '');
    if (id === '') {
      bad.push({ file: path, line: row.line, message: `${plan.idColumn} is empty` });
      return;
    }
    const first = firstOf.get(row.line);
    if (first !== undefined) {
      const message = `the same ${plan.idColumn} as line ${first}, which counts: give this row another, or remove it`;
      bad.push({ file: path, line: row.line, message });
      return;
    }
    const read = await plan.mapping.in(row.fields);
    for (const { attribute, field } of read.problems) {
      unreadable[attribute] = (unreadable[attribute] ?? 0) + 1;
      const asTyped = field === undefined ? null : row.fields[field];
      if (asTyped && storage(plan.entity.attributes[attribute]!.type) === 'string')
        read.values[attribute] = asTyped;
    }
    const filled: Record<string, Value> = {};
    for (const name in read.values)
      if (!isEmpty(read.values[name])) {
        filled[name] = read.values[name]!;
        attributes.add(name);
      }
    const { mails } = digest.add({ id, source, values: filled });
    if (mails.some(({ kind }) => kind === 'placeholder')) placeholders++;
    ids.add(id);
    lines.push(row.line);
    if (keepValues) values.add(filled);
  };

  for await (const rows of file.batches(range?.from, range?.to)) {
    for (const row of rows)
      if ('problem' in row) bad.push({ file: path, line: row.line, message: row.problem });
      else await take(row);
    end = rows.at(-1)?.end.offset ?? end;
  }
  return {
    portion: digest.end(),
    ids: ids.end(),
    lines: lines.end(),
    ...(keepValues ? { values: values.end() } : {}),
    attributes: [...attributes],
    bad,
    unreadable,
    placeholders,
    end,
    range,
  };
}

/** Refuses a list of which nothing could be read. */
export function refuseEmpty({ options: { path, encoding } }: OpenList, parts: readonly Part[]): void {
  if (parts.some(({ portion }) => portion.size > 0)) return;
  const first = parts.flatMap(({ bad }) => bad)[0];
  throw new UsageError(
    first === undefined
      ? `${path} has a header and no rows`
      : `${path}: no row could be read; line ${first.line}: ${first.message}${encodingHint(first.message, encoding)}`,
  );
}

/** The connector's hints speak of hub.yaml, which a list has not. */
function forPeople(encoding: Encoding) {
  return (error: unknown): never => {
    if (!(error instanceof ConnectorError)) throw error;
    throw new UsageError(`${error.message}${encodingHint(error.message, encoding)}`);
  };
}

function encodingHint(message: string, encoding: Encoding): string {
  if (!/is not [\w-]+ text/.test(message)) return '';
  return encoding === 'utf-8'
    ? '; files from Excel and older Japanese systems need --encoding shift_jis'
    : '; if it is UTF-8, leave --encoding out';
}
