import { parse } from 'csv-parse/sync';
import { didYouMean } from './nearest.ts';
import { type ConfigProblem, list, type Place } from './problem.ts';
import type { Path, Source } from './source.ts';

/** The text of a file beside the mapping, by its name in that folder; undefined: there is none. */
export interface Neighbours {
  names: readonly string[];
  read(name: string): string | undefined;
}

export interface ValueFile {
  file: string;
  from?: string | undefined;
  to?: string | undefined;
}

/**
 * `values: { file: stages.csv }`: tool value → canonical value, from a csv file in the folder of the mapping. Its first line names the
 * columns; `from` is the column of the tool's values (default: the first), `to` that of the canonical ones (default: the second). An
 * empty canonical value reads as nothing. Lines without a tool's value are passed over. undefined when there are problems.
 */
export function readValueFile(
  { file, from, to }: ValueFile,
  source: Source,
  at: Path,
  neighbours: Neighbours,
  problems: ConfigProblem[],
): Record<string, string | null> | undefined {
  const folder = source.file.replace(/[^/\\]*$/, '');
  const wrong = (place: Place, message: string, more: Partial<ConfigProblem>) =>
    problems.push({ severity: 'error', place, message, ...more });
  const text = neighbours.read(file);
  if (text === undefined) {
    const fix = didYouMean(file, neighbours.names);
    wrong(source.place([...at, 'file']), `there is no ${folder}${file}`, {
      expected:
        neighbours.names.length === 0
          ? `a csv file in ${folder || 'this folder'}`
          : `one of ${list(neighbours.names)}`,
      fix:
        fix ??
        "put the file there: a line for each value, the tool's in the first column, the hub's in the second",
    });
    return undefined;
  }
  const lines = text.split(/\r\n|\r|\n/);
  const inFile = (line: number): Place => ({
    file: folder + file,
    line,
    column: 1,
    text: lines[line - 1] ?? '',
  });
  if (text.includes('\ufffd')) {
    const line = lines.findIndex((one) => one.includes('\ufffd')) + 1;
    wrong(inFile(line), 'this file is not UTF-8', { fix: 'save it as "CSV UTF-8"' });
    return undefined;
  }
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof rows;
  } catch (error) {
    const { lines: line = 1, message = String(error) } = error as { lines?: number; message?: string };
    wrong(inFile(line), `this line breaks the csv rules: ${message.replace(/ at line \d+/, '')}`, {
      fix: 'put quotes around a value that has a comma or a quote, and double the quote',
    });
    return undefined;
  }
  const [header, ...body] = rows;
  const columns = header?.record ?? [];
  const column = (key: 'from' | 'to', name: string | undefined, usual: number): number => {
    const index = name === undefined ? usual : columns.indexOf(name);
    if (index >= 0 && index < columns.length) return index;
    if (name === undefined)
      wrong(
        inFile(1),
        `${file} has ${columns.length === 1 ? 'one column' : 'no columns'}, and two are needed`,
        {
          expected: "a first line that names two columns: the tool's values, and the hub's",
          fix: 'separate them by a comma',
        },
      );
    else
      wrong(source.place([...at, key]), `${file} has no column "${name}"`, {
        expected: `one of ${list(columns)}`,
        fix: didYouMean(name, columns) ?? 'write the name as it stands in the first line of the file',
      });
    return -1;
  };
  const before = problems.length;
  const [left, right] = [column('from', from, 0), column('to', to, 1)];
  if (problems.length > before) return undefined;
  const values: Record<string, string | null> = {};
  for (const { record, info } of body) {
    const [tool = '', canonical = ''] = [record[left], record[right]];
    if (tool === '') continue;
    const value = canonical === '' ? null : canonical;
    if (Object.hasOwn(values, tool) && values[tool] !== value)
      wrong(
        inFile(info.lines),
        `"${tool}" has two meanings: ${values[tool] ?? 'nothing'} and ${value ?? 'nothing'}`,
        {
          fix: 'keep one of the lines',
        },
      );
    else if (tool === '__proto__')
      wrong(inFile(info.lines), 'a value cannot be called __proto__', { fix: 'remove the line' });
    else values[tool] = value;
  }
  if (problems.length > before) return undefined;
  if (Object.keys(values).length > 0) return values;
  wrong(inFile(1), `${file} has no line with a value in "${columns[left]}"`, {
    fix: 'add a line for each value',
  });
  return undefined;
}
