import { type DedupeResult, dedupe } from '../../../core/match/dedupe.ts';
import type { MatchInput } from '../../../core/match/types.ts';
import type { Entity } from '../../../core/model/entity.ts';
import { HUB_DEFAULTS } from '../../config/types.ts';
import { type Parsed, UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import type { Session } from '../session.ts';
import { type Draft, writeWhole } from '../whole.ts';
import { mergeRows } from './cleanse/golden.ts';
import { type List, readList } from './cleanse/list.ts';
import { scoresOf } from './cleanse/score.ts';

const SHOWN = 10;

export const cleanseCommand: Command = {
  name: 'cleanse',
  usage: 'cleanse FILE.csv [--mapping FILE] --out clusters.csv [--golden FILE] [--train]',
  summary: 'deduplicates a list with no connection at all',
  details: `  FILE.csv    one list, or several that are matched with each other
  --mapping   what the columns mean: a mapping file without connection and object, and with id: COLUMN where the
              records have ids; one for all files, or one for each with commas. Absent: guessed by the columns' names
  --out       gets record_id,cluster_id,score. score: how surely the record belongs to its cluster, from 0 to 1
  --golden    gets one merged row a cluster
  --train     learns the match weights from the list itself first
  --entity    person or company
  --encoding  utf-8 (default) or shift_jis
  --region    the country of phone numbers that name none, as US (default JP)`,
  options: {
    mapping: { type: 'string' },
    out: { type: 'string' },
    golden: { type: 'string' },
    train: { type: 'boolean' },
    entity: { type: 'string' },
    encoding: { type: 'string' },
    region: { type: 'string' },
  },
  words: { min: 1, max: 20 },
  run: cleanse,
};

async function cleanse(session: Session, { positionals, values }: Parsed): Promise<0 | 2> {
  const started = performance.now();
  const given = (name: string) => values[name] as string | undefined;
  const encoding = encodingOf(given('encoding'));
  const region = regionOf(given('region'));
  const out = given('out');
  if (out === undefined) throw new UsageError('say where the clusters go: --out clusters.csv');
  const golden = given('golden');
  const mappings = given('mapping')?.split(',') ?? [];
  if (mappings.length > 1 && mappings.length !== positionals.length)
    throw new UsageError(`there are ${positionals.length} files and ${mappings.length} mappings`);
  const paths = golden === undefined ? [out] : [out, golden];
  if (new Set([...paths, ...positionals]).size < paths.length + positionals.length)
    throw new UsageError('a file is named twice: every list and every result needs its own');

  return writeWhole(paths, async (drafts) => {
    const lists: List[] = [];
    for (const [i, path] of positionals.entries())
      lists.push(
        await readList(path, {
          encoding,
          region,
          entity: given('entity'),
          mapping: mappings[i] ?? mappings[0],
        }),
      );
    const { entity } = lists[0]!.plan;
    checkTogether(lists, positionals);
    const inputs = lists.flatMap((list) => list.inputs);
    const found = dedupe(entity, inputs, {
      train: values.train === true,
      onProgress: (done, total, step) =>
        session.out.progress({
          run: '',
          sync: 'cleanse',
          phase: `${step.replace(/e$/, '')}ing`,
          done,
          total,
        }),
    });
    await writeClusters(drafts[0]!, inputs, found);
    if (drafts[1]) await writeGolden(drafts[1], entity, inputs, found);
    const report = reportOf(lists, found, (performance.now() - started) / 1000);
    session.out.result(
      { ...report, out, ...(golden ? { golden } : {}) },
      text(report, positionals, lists, paths),
    );
    return report.bad.length > 0 ? 2 : 0;
  });
}

function encodingOf(text = 'utf-8'): 'utf-8' | 'shift_jis' {
  const plain = text.toLowerCase().replace(/[-_]/g, '');
  if (plain === 'utf8') return 'utf-8';
  if (['shiftjis', 'sjis', 'cp932', 'windows31j', 'ms932'].includes(plain)) return 'shift_jis';
  throw new UsageError(`--encoding is utf-8 or shift_jis, not '${text}'`);
}

function regionOf(text: string = HUB_DEFAULTS.region): string {
  if (/^[A-Za-z]{2}$/.test(text)) return text.toUpperCase();
  throw new UsageError(`--region is a country's two letters, as US, not '${text}'`);
}

function checkTogether(lists: readonly List[], paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const [i, { plan, inputs }] of lists.entries()) {
    if (plan.entity.name !== lists[0]!.plan.entity.name)
      throw new UsageError(
        `${paths[0]} holds ${lists[0]!.plan.entity.name} records and ${paths[i]} ${plan.entity.name} records; say --entity`,
      );
    for (const { id } of inputs) {
      const other = seen.get(id);
      if (other !== undefined)
        throw new UsageError(
          `the id "${id}" is in ${other} and in ${paths[i]}: ids must differ between files`,
        );
      seen.set(id, paths[i]!);
    }
  }
}

/** A cluster is named by its first record in the order of the files. */
function namesOf(inputs: readonly MatchInput[], { clusters }: DedupeResult): Map<string, string> {
  const order = new Map(inputs.map(({ id }, i) => [id, i]));
  const names = new Map<string, string>();
  for (const members of clusters) {
    const first = members.reduce((best, id) => (order.get(id)! < order.get(best)! ? id : best));
    for (const id of members) names.set(id, first);
  }
  return names;
}

async function writeClusters(
  draft: Draft,
  inputs: readonly MatchInput[],
  found: DedupeResult,
): Promise<void> {
  const names = namesOf(inputs, found);
  const scores = scoresOf(found);
  await draft.rows([
    ['record_id', 'cluster_id', 'score'],
    ...inputs.map(({ id }) => [id, names.get(id)!, scores.get(id)?.toFixed(4) ?? '']),
  ]);
}

async function writeGolden(
  draft: Draft,
  entity: Entity,
  inputs: readonly MatchInput[],
  found: DedupeResult,
): Promise<void> {
  const names = namesOf(inputs, found);
  const groups = Map.groupBy(inputs, ({ id }) => names.get(id)!);
  const columns = Object.keys(entity.attributes).filter((name) =>
    inputs.some(({ values }) => name in values),
  );
  await draft.rows([
    ['cluster_id', 'records', ...columns],
    ...[...groups].map(([name, members]) => {
      const values = mergeRows(entity, members);
      return [name, members.length, ...columns.map((column) => [values[column] ?? ''].flat().join(';'))];
    }),
  ]);
}

function reportOf(lists: readonly List[], found: DedupeResult, seconds: number) {
  const bad = lists.flatMap((list) => list.bad);
  const home = new Map(found.clusters.flatMap((members, i) => members.map((id) => [id, i] as const)));
  const doubtful = found.edges.filter(({ decision }) => decision === 'review');
  const joined = doubtful.filter(({ a, b }) => home.get(a) === home.get(b)).length;
  return {
    status: bad.length > 0 ? ('incomplete' as const) : ('complete' as const),
    records: lists.reduce((sum, { inputs }) => sum + inputs.length, 0),
    clusters: found.clusters.length,
    largest: found.clusters.reduce((most, { length }) => Math.max(most, length), 0),
    pairs: found.pairs,
    /** Pairs too unsure to link without a person: those more likely one than two were joined all the same. */
    doubtful: { joined, apart: doubtful.length - joined },
    trained: found.model.trained !== undefined,
    unreadable: unreadableOf(lists),
    bad,
    entity: lists[0]!.plan.entity.name,
    ids: lists.map(({ plan }) => plan.idColumn ?? null),
    guessed: lists.map(({ plan }) => plan.guessed ?? null),
    seconds: Math.round(seconds * 10) / 10,
  };
}

function unreadableOf(lists: readonly List[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { unreadable } of lists)
    for (const [name, count] of Object.entries(unreadable)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function text(
  report: ReturnType<typeof reportOf>,
  files: readonly string[],
  lists: readonly List[],
  written: readonly string[],
): string {
  const n = (count: number) => count.toLocaleString('en');
  const lines: string[] = [];
  for (const [i, { plan, inputs }] of lists.entries()) {
    const named =
      plan.idColumn === undefined ? 'named by their line' : `named by the column ${plan.idColumn}`;
    lines.push(`${files[i]}: ${n(inputs.length)} ${report.entity} records, ${named}.`);
    if (plan.guessed) {
      const columns = Object.entries(plan.guessed).map(([attribute, column]) => `${column} → ${attribute}`);
      lines.push(
        `  Columns guessed by their names: ${columns.join(', ')}. Write a mapping to say otherwise.`,
      );
    }
  }
  lines.push(
    `${n(report.records)} records are ${n(report.clusters)} (${n(report.records - report.clusters)} duplicates); the largest cluster has ${n(report.largest)}.`,
    `${n(report.pairs)} pairs compared${report.trained ? ', with weights learnt from this list' : ''}; ${n(report.doubtful.joined)} doubtful pairs joined as more likely one than two, ${n(report.doubtful.apart)} kept apart.`,
  );
  const odd = Object.entries(report.unreadable);
  if (odd.length > 0)
    lines.push(
      `Not what their column should hold, and taken as they stand: ${odd.map(([name, count]) => `${name} ${n(count)}`).join(', ')}.`,
    );
  if (report.unreadable.phone !== undefined && report.unreadable.phone * 10 > report.records)
    lines.push('  Phone numbers without a country are read as Japanese; --region names another country.');
  if (report.bad.length > 0) {
    lines.push(`${n(report.bad.length)} rows could not be read and are in no cluster:`);
    for (const { file, line, message } of report.bad.slice(0, SHOWN))
      lines.push(`  ${file}, line ${line}: ${message}`);
    if (report.bad.length > SHOWN)
      lines.push(`  and ${n(report.bad.length - SHOWN)} more (--json lists all)`);
  }
  lines.push(`Written: ${written.join(', ')}; ${report.seconds} s.`);
  return lines.join('\n');
}
