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
import { isEmpty, type Values } from '../../../../core/model/value.ts';
import type { Incoming } from '../../../../mappings/types.ts';
import { UsageError } from '../../args.ts';
import { type ListPlan, type PlanOptions, planList } from './plan.ts';

type GoodRow = CsvRow & { fields: Record<string, string | null> };

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
    const { attributes } = plan.entity;
    const held = plan.mapping.readAttributes.map((name) => [name, attributes[name]!]);
    // What no column holds need not be looked for in every row.
    const matcher = createMatcher({ ...plan.entity, attributes: Object.fromEntries(held) });
    return { options, file, plan, matcher };
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
  const attributes: string[] = [];
  let unseen = plan.mapping.readAttributes;
  const bad: BadRow[] = [];
  const unreadable: Record<string, number> = {};
  let placeholders = 0;
  let end = range?.from.offset ?? 0;

  /** The id of a row that counts. */
  const idOf = (row: GoodRow): string | undefined => {
    const id = plan.idColumn === undefined ? String(row.line) : (row.fields[plan.idColumn]?.trim() ?? '');
    if (id === '') {
      bad.push({ file: path, line: row.line, message: `${plan.idColumn} is empty` });
      return undefined;
    }
    const first = firstOf.get(row.line);
    if (first === undefined) return id;
    const message = `the same ${plan.idColumn} as line ${first}, which counts: give this row another, or remove it`;
    bad.push({ file: path, line: row.line, message });
    return undefined;
  };
  const take = (id: string, row: GoodRow, { values: found, problems }: Incoming) => {
    for (const { attribute, field } of problems) {
      unreadable[attribute] = (unreadable[attribute] ?? 0) + 1;
      const asTyped = field === undefined ? null : row.fields[field];
      if (asTyped && storage(plan.entity.attributes[attribute]!.type) === 'string')
        found[attribute] = asTyped;
    }
    if (unseen.some((name) => !isEmpty(found[name]))) {
      attributes.push(...unseen.filter((name) => !isEmpty(found[name])));
      unseen = unseen.filter((name) => isEmpty(found[name]));
    }
    const { mails } = digest.add({ id, source, values: found });
    if (mails.some(({ kind }) => kind === 'placeholder')) placeholders++;
    ids.add(id);
    lines.push(row.line);
    if (keepValues) values.add(filledOf(found));
  };

  for await (const rows of file.batches(range?.from, range?.to)) {
    for (const row of rows) {
      if ('problem' in row) {
        bad.push({ file: path, line: row.line, message: row.problem });
        continue;
      }
      const id = idOf(row);
      if (id === undefined) continue;
      const read = plan.mapping.in(row.fields);
      // Waiting takes longer than reading a row, and only expressions need it.
      take(id, row, read instanceof Promise ? await read : read);
    }
    end = rows.at(-1)?.end.offset ?? end;
  }
  return {
    portion: digest.end(),
    ids: ids.end(),
    lines: lines.end(),
    ...(keepValues ? { values: values.end() } : {}),
    attributes,
    bad,
    unreadable,
    placeholders,
    end,
    range,
  };
}

function filledOf(values: Values): Values {
  const filled: Values = {};
  for (const name in values) if (!isEmpty(values[name])) filled[name] = values[name]!;
  return filled;
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
