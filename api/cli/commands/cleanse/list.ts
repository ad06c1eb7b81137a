import { basename, extname } from 'node:path';
import { ConnectorError } from '../../../../connectors/contract.ts';
import { type Encoding, openCsv } from '../../../../connectors/csv/read.ts';
import type { MatchInput } from '../../../../core/match/types.ts';
import { storage } from '../../../../core/model/entity.ts';
import { isEmpty } from '../../../../core/model/value.ts';
import { UsageError } from '../../args.ts';
import { type ListPlan, type PlanOptions, planList } from './plan.ts';

export interface BadRow {
  file: string;
  line: number;
  message: string;
}

export interface List {
  plan: ListPlan;
  inputs: MatchInput[];
  /** Rows that are in no cluster, because they could not be read. */
  bad: BadRow[];
  /** Values that are not what their column should hold, by attribute: their text takes part as it stands. */
  unreadable: Record<string, number>;
}

/** Reads one file whole. Throws when it is missing, has no header, does not fit its mapping, or names a record twice. */
export async function readList(path: string, options: { encoding: Encoding } & PlanOptions): Promise<List> {
  const source = basename(path, extname(path));
  const file = await openCsv(path, { encoding: options.encoding }).catch(forPeople(options.encoding));
  try {
    const plan = await planList(file.columns, options);
    const inputs: MatchInput[] = [];
    const bad: BadRow[] = [];
    const lines = new Map<string, number>();
    const unreadable: Record<string, number> = {};
    for await (const row of file.rows()) {
      if ('problem' in row) {
        bad.push({ file: path, line: row.line, message: row.problem });
        continue;
      }
      const id = plan.idColumn === undefined ? String(row.line) : (row.fields[plan.idColumn]?.trim() ?? '');
      if (id === '') {
        bad.push({ file: path, line: row.line, message: `${plan.idColumn} is empty` });
        continue;
      }
      const before = lines.get(id);
      if (before !== undefined)
        throw new UsageError(
          `${path}: ${plan.idColumn} "${id}" names two records, in lines ${before} and ${row.line}; name a column that tells records apart with id: in the mapping`,
        );
      lines.set(id, row.line);
      const { values, problems } = await plan.mapping.in(row.fields);
      for (const { attribute, field } of problems) {
        unreadable[attribute] = (unreadable[attribute] ?? 0) + 1;
        const asTyped = field === undefined ? null : row.fields[field];
        if (asTyped && storage(plan.entity.attributes[attribute]!.type) === 'string')
          values[attribute] = asTyped;
      }
      const filled = Object.entries(values).filter(([, value]) => !isEmpty(value));
      inputs.push({ id, source, values: Object.fromEntries(filled) });
    }
    if (inputs.length === 0)
      throw new UsageError(
        bad.length === 0
          ? `${path} has a header and no rows`
          : `${path}: no row could be read; line ${bad[0]!.line}: ${bad[0]!.message}${encodingHint(bad[0]!.message, options.encoding)}`,
      );
    return { plan, inputs, bad, unreadable };
  } finally {
    await file.close();
  }
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
