import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { unpacker } from '../../../core/match/bulk/pack.ts';
import { recordStore } from '../../../core/match/bulk/store.ts';
import { textReader } from '../../../core/match/bulk/texts.ts';
import type { Entity } from '../../../core/model/entity.ts';
import type { Values } from '../../../core/model/value.ts';
import { REGIONS } from '../../../mappings/phone.ts';
import { HUB_DEFAULTS } from '../../config/types.ts';
import { type Parsed, UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { counted } from '../out.ts';
import type { Session } from '../session.ts';
import { type Draft, writeWhole } from '../whole.ts';
import { type Crew, createCrew, Stopped } from './cleanse/crew.ts';
import { mergeRows } from './cleanse/golden.ts';
import { type Matched, matchParts } from './cleanse/matching.ts';
import { type ListOptions, type OpenList, openList, type Part } from './cleanse/part.ts';
import { readLists, slices } from './cleanse/reading.ts';
import { setAsideRepeated } from './cleanse/repeated.ts';

const SHOWN = 10;
/** Rows written at once. */
const ROWS = 20_000;

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
  --region    the country of phone numbers that name none, as US (default JP)
  --threads   how many processors may work on it (default: all of the machine; 0: none beside the command's own)`,
  options: {
    mapping: { type: 'string' },
    out: { type: 'string' },
    golden: { type: 'string' },
    train: { type: 'boolean' },
    entity: { type: 'string' },
    encoding: { type: 'string' },
    region: { type: 'string' },
    threads: { type: 'string' },
  },
  words: {
    min: 1,
    max: 20,
    missing:
      "say which list, and where the clusters go, as in 'nayose cleanse people.csv --out clusters.csv'",
  },
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

  const work = async (drafts: Draft[]) => {
    const options = positionals.map((path, i) => ({
      path,
      encoding,
      region,
      entity: given('entity'),
      mapping: mappings[i] ?? mappings[0],
    }));
    const lists = await openAll(options);
    const crew = createCrew(await threadsFor(positionals, given('threads')), session.signal);
    try {
      const { entity } = lists[0]!.plan;
      crew.tell({ lists: options, keepValues: golden !== undefined });
      const progress = (step: string) => (done: number, total: number) =>
        session.out.progress({ run: '', sync: 'cleanse', phase: step, done, total });
      const all = await readLists(crew, lists, progress('preparing'));
      const read = await setAsideRepeated(crew, lists, all);
      const parts = read.flat();
      const found = await matchParts(crew, entity, parts, {
        train: values.train === true,
        onProgress: progress('comparing'),
      });
      await writeClusters(drafts[0]!, crew, parts, found);
      if (drafts[1]) await writeGolden(drafts[1], crew, entity, parts, found);
      crew.goOn();
      return { read, report: reportOf(lists, read, found, (performance.now() - started) / 1000), lists };
    } finally {
      await crew.close();
      for (const { file } of lists) await file.close();
    }
  };
  try {
    const { report, lists, read } = await writeWhole(paths, work);
    session.out.result(
      { ...report, out, ...(golden ? { golden } : {}) },
      text(report, positionals, lists, read, paths),
    );
    return report.bad.length > 0 ? 2 : 0;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const message = 'stopped before it was done: nothing was written';
    session.out.result({ status: 'incomplete', reasons: [{ code: 'stopped', message }] }, message);
    return 2;
  }
}

/** Opens every list; all of one entity. */
async function openAll(options: readonly ListOptions[]): Promise<OpenList[]> {
  const lists: OpenList[] = [];
  try {
    for (const one of options) lists.push(await openList(one));
    const first = lists[0]!.plan.entity.name;
    for (const [i, { plan }] of lists.entries())
      if (plan.entity.name !== first)
        throw new UsageError(
          `${options[0]!.path} holds ${first} records and ${options[i]!.path} ${plan.entity.name} records; say --entity`,
        );
    return lists;
  } catch (error) {
    for (const { file } of lists) await file.close();
    throw error;
  }
}

/** Below so many bytes starting threads takes longer than the work. */
const WORTH_THREADS = 2 * 1024 * 1024;
const MOST_THREADS = 16;

async function threadsFor(paths: readonly string[], asked: string | undefined): Promise<number> {
  if (asked !== undefined) {
    if (!/^\d+$/.test(asked) || Number(asked) > MOST_THREADS)
      throw new UsageError(`--threads is a number from 0 to ${MOST_THREADS}, not '${asked}'`);
    return Number(asked);
  }
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  if (sizes.reduce((sum, size) => sum + size, 0) < WORTH_THREADS) return 0;
  return Math.min(MOST_THREADS, availableParallelism());
}

function encodingOf(text = 'utf-8'): 'utf-8' | 'shift_jis' {
  const plain = text.toLowerCase().replace(/[-_]/g, '');
  if (plain === 'utf8') return 'utf-8';
  if (['shiftjis', 'sjis', 'cp932', 'windows31j', 'ms932'].includes(plain)) return 'shift_jis';
  throw new UsageError(`--encoding is utf-8 or shift_jis, not '${text}'`);
}

function regionOf(text: string = HUB_DEFAULTS.region): string {
  const code = text.toUpperCase();
  if (REGIONS.includes(code)) return code;
  throw new UsageError(`--region is the two letters of a country that has telephones, as US, not '${text}'`);
}

/** A cluster is named by its first record in the order of the files. */
async function writeClusters(draft: Draft, crew: Crew, parts: readonly Part[], { records }: Matched) {
  crew.tell({ ids: parts.map(({ ids }) => ids) });
  await draft.rows([['record_id', 'cluster_id', 'score']]);
  const steps = slices(records, ROWS * crew.hands * 4);
  for (const { from, to } of steps) {
    const orders = slices(to - from, ROWS).map((piece) => ({ from: from + piece.from, to: from + piece.to }));
    for (const bytes of await crew.each('rows', orders)) await draft.bytes(bytes);
  }
}

async function writeGolden(draft: Draft, crew: Crew, entity: Entity, parts: readonly Part[], found: Matched) {
  const has = new Set(parts.flatMap(({ attributes }) => attributes));
  const columns = Object.keys(entity.attributes).filter((name) => has.has(name));
  const idOf = textReader(parts.map(({ ids }) => ids));
  const valuesOf = recordStore(
    parts.map(({ values }) => values!),
    unpacker<Values>,
  );
  await draft.rows([['cluster_id', 'records', ...columns]]);
  const rows: (string | number)[][] = [];
  for (const members of clustersOf(found.placed.home)) {
    const inputs = members.map((i) => ({ id: idOf(i), source: '', values: valuesOf(i) }));
    const values = mergeRows(entity, inputs);
    rows.push([
      inputs[0]!.id,
      inputs.length,
      ...columns.map((column) => [values[column] ?? ''].flat().join(';')),
    ]);
    if (rows.length < ROWS) continue;
    await draft.rows(rows.splice(0));
    crew.goOn();
  }
  await draft.rows(rows);
}

/** The records of each cluster, in the order of the files, clusters by their first record. */
function* clustersOf(home: Int32Array): Generator<number[]> {
  const next = new Int32Array(home.length).fill(-1);
  const last = Int32Array.from(home.keys());
  for (let i = 0; i < home.length; i++) {
    const root = home[i]!;
    if (root === i) continue;
    next[last[root]!] = i;
    last[root] = i;
  }
  for (let i = 0; i < home.length; i++) {
    if (home[i] !== i) continue;
    const members = [];
    for (let at = i; at !== -1; at = next[at]!) members.push(at);
    yield members;
  }
}

function reportOf(lists: readonly OpenList[], read: readonly Part[][], found: Matched, seconds: number) {
  const bad = read.flat().flatMap((part) => part.bad);
  return {
    status: bad.length > 0 ? ('incomplete' as const) : ('complete' as const),
    records: found.records,
    clusters: found.records - found.joined + found.clusters,
    largest: found.largest,
    pairs: found.pairs,
    /** Pairs too unsure to link without a person: those more likely one than two were joined all the same. */
    doubtful: found.doubtful,
    trained: found.trained,
    unreadable: unreadableOf(read.flat()),
    /** Records with an e-mail address that is taken for a placeholder, and compared with no other. */
    placeholders: read.flat().reduce((sum, { placeholders }) => sum + placeholders, 0),
    bad,
    entity: lists[0]!.plan.entity.name,
    ids: lists.map(({ plan }) => plan.idColumn ?? null),
    guessed: lists.map(({ plan }) => plan.guessed ?? null),
    /** Columns that take no part, since their names say nothing that is known; null: a mapping says what counts. */
    ignored: lists.map(({ plan }) => plan.ignored ?? null),
    seconds: Math.round(seconds * 10) / 10,
  };
}

function unreadableOf(parts: readonly Part[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { unreadable } of parts)
    for (const [name, count] of Object.entries(unreadable)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function text(
  report: ReturnType<typeof reportOf>,
  files: readonly string[],
  lists: readonly OpenList[],
  read: readonly Part[][],
  written: readonly string[],
): string {
  const n = (count: number) => count.toLocaleString('en');
  const lines: string[] = [];
  for (const [i, { plan }] of lists.entries()) {
    const count = read[i]!.reduce((sum, { portion }) => sum + portion.size, 0);
    const named =
      plan.idColumn === undefined ? 'named by their line' : `named by the column ${plan.idColumn}`;
    lines.push(`${files[i]}: ${n(count)} ${report.entity} records, ${named}.`);
    if (plan.guessed) {
      const columns = Object.entries(plan.guessed).map(([attribute, column]) => `${column} → ${attribute}`);
      lines.push(
        `  Columns guessed by their names: ${columns.join(', ')}. Write a mapping to say otherwise.`,
      );
      const { ignored = [] } = plan;
      if (ignored.length > 0)
        lines.push(
          `  Not compared, and in no merged row: ${ignored.join(', ')}. Their names do not say what they hold, or another column holds the same; a mapping can name them.`,
        );
    }
  }
  lines.push(
    `${counted(report.records, 'record is', 'records are')} ${n(report.clusters)} (${counted(report.records - report.clusters, 'duplicate')}); the largest cluster has ${n(report.largest)}.`,
    `${counted(report.pairs, 'pair')} compared${report.trained ? ', with weights learnt from this list' : ''}; ${counted(report.doubtful.joined, 'doubtful pair')} joined as more likely one than two, ${n(report.doubtful.apart)} kept apart.`,
  );
  const odd = Object.entries(report.unreadable);
  if (odd.length > 0)
    lines.push(
      `Not what their column should hold, and taken as they stand: ${odd.map(([name, count]) => `${name} ${n(count)}`).join(', ')}.`,
    );
  if (report.unreadable.phone !== undefined && report.unreadable.phone * 10 > report.records)
    lines.push(
      `  Phone numbers without a country are read as of ${lists[0]!.options.region}; --region names another country.`,
    );
  if (report.placeholders > 0)
    lines.push(
      `${n(report.placeholders)} records have an e-mail address that is taken for a placeholder (test@…, …@example.com), which ties them to no other: docs/matching.md lists them.`,
    );
  if (report.bad.length > 0) {
    lines.push(
      `${counted(report.bad.length, 'row')} could not be used, and ${report.bad.length === 1 ? 'is' : 'are'} in no cluster:`,
    );
    for (const { file, line, message } of report.bad.slice(0, SHOWN))
      lines.push(`  ${file}, line ${line}: ${message}`);
    if (report.bad.length > SHOWN)
      lines.push(`  and ${n(report.bad.length - SHOWN)} more (--json lists all)`);
  }
  lines.push(`Written: ${written.join(', ')}; ${report.seconds} s.`);
  return lines.join('\n');
}
