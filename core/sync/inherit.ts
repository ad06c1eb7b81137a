import type { Opinion } from '../model/record.ts';
import { sameValue } from '../model/value.ts';
import type { StoredRecord } from './observe.ts';

/**
 * What a tool moved from a folded record (merged away, or a converted lead) to its winner was not said anew. A value that the
 * hub had written there stays the hub's, and one that people had said keeps their time: otherwise every merge would turn the
 * hub's own copies into opinions of today. `losers`: as they were, with the time of the merge as `at`. Returns `winner` itself
 * where it took over nothing.
 */
export function inherit(winner: StoredRecord, losers: readonly StoredRecord[]): StoredRecord {
  const opinions = { ...winner.opinions };
  const written = { ...winner.written };
  let changed = false;
  for (const [attribute, opinion] of Object.entries(winner.opinions)) {
    const from = losers.filter(
      (loser) =>
        loser.entity === winner.entity &&
        (loser.at === null || opinion.at >= loser.at) &&
        sameValue(loser.seen[attribute], opinion.value),
    );
    const said = from.flatMap((loser) => saidBy(loser, attribute)).sort((a, b) => (a.at < b.at ? 1 : -1))[0];
    const ours = from.find((loser) => loser.written[attribute])?.written[attribute];
    if (said) {
      if (said.at === opinion.at) continue;
      opinions[attribute] = said;
    } else if (ours) {
      delete opinions[attribute];
      written[attribute] = { sent: ours.sent, made: opinion.value };
    } else continue;
    changed = true;
  }
  return changed ? { ...winner, opinions, written } : winner;
}

function saidBy({ opinions, seen }: StoredRecord, attribute: string): Opinion[] {
  const opinion = opinions[attribute];
  return opinion && sameValue(opinion.value, seen[attribute]) ? [opinion] : [];
}
