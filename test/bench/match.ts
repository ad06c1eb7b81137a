import { dedupe } from '../../core/match/dedupe.ts';
import { bcubed, pairwise, type Quality } from './match/measure.ts';
import { dataPresent, labelledSets } from './match/sets.ts';

const three = (q: Quality) => [q.precision, q.recall, q.f1].map((x) => x.toFixed(4)).join('/');

/** Match quality on every labelled set of ../shared/data, with shipped settings and trained on the list itself. */
export async function run(): Promise<void> {
  if (!dataPresent()) {
    console.log('match: skipped, ../shared/data is not there');
    return;
  }
  const rows: string[][] = [
    [
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
      'others',
    ],
  ];
  for (const set of labelledSets())
    for (const train of [false, true]) {
      const start = performance.now();
      const found = dedupe(set.entity, set.inputs, { train });
      const seconds = (performance.now() - start) / 1000;
      const sure = pairwise(set.truth, dedupe(set.entity, set.inputs, { train, sure: true }).clusters);
      rows.push([
        set.name,
        train ? 'trained' : 'shipped',
        String(set.inputs.length),
        String(found.pairs),
        three(pairwise(set.truth, found.clusters)),
        three(bcubed(set.truth, found.clusters)),
        `${sure.precision.toFixed(4)}/${sure.recall.toFixed(4)}`,
        String(Math.max(...found.clusters.map((c) => c.length))),
        seconds.toFixed(1),
        String(Math.round(process.resourceUsage().maxRSS / 1024)),
        set.known,
      ]);
    }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
}

if (import.meta.main) await run();
