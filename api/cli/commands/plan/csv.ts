/** A plan for spreadsheets: a row for each field of each write, and one for each link, merge, split and review. */
import { stringify } from 'csv-stringify/sync';
import type { PlanResult } from '../../../../core/sync/dry.ts';
import { writeWhole } from '../../whole.ts';

const HEAD = ['what', 'sync', 'tool', 'object', 'record', 'golden record', 'field', 'from', 'to', 'why'];
const CHUNK = 5_000;
/** Values of people are in it. */
const MODE = 0o600;

const cell = (value: unknown) =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

function* rowsOf(plan: Pick<PlanResult, 'writes' | 'links' | 'merges' | 'splits' | 'reviews'>) {
  for (const {
    sync,
    connection,
    object,
    op,
    id,
    into,
    goldenId,
    changes,
    why,
    without = [],
  } of plan.writes) {
    const place = [op, sync, connection, object, id ?? '', goldenId];
    if (changes.length === 0) yield [...place, '', '', into ?? '', why];
    for (const { field, from, to, why: reason } of changes)
      yield [...place, field, cell(from), cell(to), reason];
    for (const { field, holder } of without) yield [...place, field, '', '', `left out: ${holder} has it`];
  }
  for (const { sync, record, goldenId, with: other, why } of plan.links)
    yield ['link', sync, '', '', record, goldenId, '', '', other ?? '', why];
  for (const { sync, goldenId, into, why } of plan.merges)
    yield ['merge of golden records', sync, '', '', '', goldenId, '', '', into, why];
  for (const { sync, record, from, goldenId } of plan.splits)
    yield ['split', sync, '', '', record, goldenId, '', from, '', ''];
  for (const { sync, a, b, weight, reason } of plan.reviews)
    yield ['review', sync, '', '', a, '', '', '', b, `${reason}, weight ${weight.toFixed(1)}`];
}

/**
 * UTF-8 with a mark that spreadsheets know it by. What would be a formula there stands as text. Throws UsageError when the place
 * cannot be written to.
 */
export async function writePlanCsv(path: string, plan: Parameters<typeof rowsOf>[0]): Promise<void> {
  await writeWhole(
    [path],
    async ([draft]) => {
      let rows: string[][] = [HEAD];
      let first = true;
      const flush = async () => {
        await draft!.bytes(Buffer.from(stringify(rows, { escape_formulas: true, bom: first })));
        first = false;
        rows = [];
      };
      for (const row of rowsOf(plan)) {
        rows.push(row);
        if (rows.length >= CHUNK) await flush();
      }
      await flush();
    },
    MODE,
  );
}
