import { execFileSync } from 'node:child_process';
import { dedupe } from '../../core/match/dedupe.ts';
import { bcubed, pairwise, type Quality } from './match/measure.ts';
import { dataPresent, labelledSets } from './match/sets.ts';

const three = (q: Quality) => [q.precision, q.recall, q.f1].map((x) => x.toFixed(4)).join('/');
const SETTINGS = ['shipped', 'trained'] as const;
const HEADER = [
  'set',
  'settings',
  'records',
  'pairs',
  'pairwise P/R/F1',
  'B-cubed P/R/F1',
  'sure P/R',
  'largest',
  's',
  'MB',
  'others: pairwise F1 (B-cubed)',
];

/** One set with one setting. Seconds are those of one matching; memory is the most that this process has ever held. */
function measure(name: string, settings: string): string[] {
  const set = labelledSets().find((s) => s.name === name);
  if (set === undefined) throw new Error(`bench: there is no labelled set '${name}'`);
  const train = settings === 'trained';
  const start = performance.now();
  const found = dedupe(set.entity, set.inputs, { train });
  const seconds = (performance.now() - start) / 1000;
  const megabytes = process.resourceUsage().maxRSS / 1024;
  const sure = pairwise(set.truth, dedupe(set.entity, set.inputs, { train, sure: true }).clusters);
  return [
    set.name,
    settings,
    String(set.inputs.length),
    String(found.pairs),
    three(pairwise(set.truth, found.clusters)),
    three(bcubed(set.truth, found.clusters)),
    `${sure.precision.toFixed(4)}/${sure.recall.toFixed(4)}`,
    String(Math.max(...found.clusters.map((c) => c.length))),
    seconds.toFixed(1),
    String(Math.round(megabytes)),
    set.known,
  ];
}

/**
 * Match quality on every labelled set of ../shared/data, with shipped settings and trained on the list itself, no labels used. Each
 * is measured in a process of its own, so that memory is its own: Node and all sets as read are in it.
 */
export async function run(): Promise<void> {
  if (!dataPresent()) {
    console.log('match: skipped, ../shared/data is not there');
    return;
  }
  const rows = [HEADER];
  for (const { name } of labelledSets())
    for (const settings of SETTINGS)
      rows.push(
        JSON.parse(
          execFileSync(process.execPath, [...process.execArgv, import.meta.filename, name, settings], {
            encoding: 'utf8',
          }),
        ) as string[],
      );
  const widths = HEADER.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
}

if (import.meta.main) {
  const [name, settings] = process.argv.slice(2);
  if (name === undefined || settings === undefined) await run();
  else process.stdout.write(JSON.stringify(measure(name, settings)));
}
