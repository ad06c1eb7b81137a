import type { Opinion, Opinions } from '../model/record.ts';
import { isEmpty, sameValue } from '../model/value.ts';
import { referenceAttributes } from './inputs.ts';
import type { StoredRecord } from './observe.ts';
import type { Member, Sync } from './ports.ts';

/**
 * What a tool moved from a folded record (merged away, or a converted lead) to its winner was not said anew. A value that the
 * hub had written there stays the hub's, and one that people had said keeps their time: otherwise every merge would turn the
 * hub's own copies into opinions of today. What people had said in a folded record, and the winner shows as the hub's copy, the
 * winner says from now on: otherwise nobody would. A tool whose clock shows whole seconds leaves one case undecided (see
 * `inOneSecond`): there the value counts as said. `losers`: as they were, with the time of the merge as `at`. Returns `winner`
 * itself where it took over nothing.
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
    const said = from.flatMap((loser) => saidBy(loser, attribute)).sort(newestFirst)[0];
    const ours = from.find((loser) => loser.written[attribute] && !inOneSecond(opinion, loser))?.written[
      attribute
    ];
    if (said) {
      if (said.at === opinion.at) continue;
      opinions[attribute] = said;
    } else if (ours) {
      delete opinions[attribute];
      written[attribute] = { sent: ours.sent, made: opinion.value };
    } else continue;
    changed = true;
  }
  for (const [attribute, opinion] of Object.entries(unsaid(winner, losers))) {
    opinions[attribute] = opinion;
    changed = true;
  }
  return changed ? { ...winner, opinions, written } : winner;
}

/**
 * Did the hub write into the loser in the very second in which people merged it, by a clock of whole seconds? Then the winner may
 * have said the value first, the hub have copied it, and the merge have come after it, all at one time: to call it moved would
 * take away somebody's edit, and an older value would return. To call it said does no more than repeat what is newest anyway.
 */
function inOneSecond(opinion: Opinion, { at, wroteAt }: StoredRecord): boolean {
  if (at === null || wroteAt === null || opinion.at !== at) return false;
  const merged = Date.parse(at);
  const wrote = Date.parse(wroteAt);
  return merged % 1000 === 0 && wrote > merged - CLOCKS_APART && wrote < merged + CLOCKS_APART + ANSWERED;
}

/** Milliseconds by which a tool's clock and ours are taken to differ at most, where both are kept. */
const CLOCKS_APART = 1000;

/** What we wrote is noted when the tool has answered: a call does within a minute. After a bulk job nobody can tell, and the merge has moved it. */
const ANSWERED = 60_000;

/** A record that was folded into another that the hub knows says nothing any more: what it had said, the winner takes over. */
export const silenced = (record: StoredRecord): StoredRecord => ({
  ...record,
  opinions: {},
  folded: { ...record.folded, ...record.opinions },
});

/** The newest word of the losers' people on attributes of which the winner's own people said nothing, and that it shows the same. */
function unsaid(winner: StoredRecord, losers: readonly StoredRecord[]): Opinions {
  if (winner.mergedInto !== null) return {};
  const attributes = new Set(losers.flatMap(({ opinions }) => Object.keys(opinions)));
  return Object.fromEntries(
    [...attributes].flatMap((attribute) => {
      if (attribute in winner.opinions || !(attribute in winner.seen)) return [];
      const ours = winner.written[attribute];
      const shown = [winner.seen[attribute], ...(ours ? [ours.sent] : [])];
      const [said] = losers
        .filter(({ entity }) => entity === winner.entity)
        .flatMap((loser) => saidBy(loser, attribute))
        .filter(({ value }) => shown.some((one) => sameValue(one, value)))
        .sort(newestFirst);
      return said ? [[attribute, said]] : [];
    }),
  );
}

/**
 * What somebody emptied in the record that a merge made, before the hub saw it for the first time: a tool that fills
 * (`mergesFill`) has it begin with each of these attributes that a loser showed. Returns `winner` itself where nothing was.
 */
export function emptied(
  winner: StoredRecord,
  losers: readonly StoredRecord[],
  attributes: readonly string[],
): StoredRecord {
  const cleared = attributes.filter(
    (attribute) =>
      attribute in winner.seen &&
      isEmpty(winner.seen[attribute]) &&
      losers.some(({ object, seen }) => object === winner.object && !isEmpty(seen[attribute])),
  );
  if (cleared.length === 0 || winner.at === null) return winner;
  const { at } = winner;
  const said = cleared.map((attribute) => [attribute, { value: null, at, edit: true as const }]);
  return { ...winner, opinions: { ...winner.opinions, ...Object.fromEntries(said) } };
}

/** The attributes that a merge in this tool fills. References are links, which it moves in its own time. */
export function filledIn({ entity }: Sync, { stream, mapping }: Member): string[] {
  if (stream.read === false || !stream.read.mergesFill) return [];
  const references = new Set(referenceAttributes(entity));
  return mapping.writeAttributes.map(({ attribute }) => attribute).filter((name) => !references.has(name));
}

const newestFirst = (a: Opinion, b: Opinion) => (a.at < b.at ? 1 : -1);

function saidBy({ opinions, seen }: StoredRecord, attribute: string): Opinion[] {
  const opinion = opinions[attribute];
  return opinion && sameValue(opinion.value, seen[attribute]) ? [opinion] : [];
}
