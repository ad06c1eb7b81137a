/** Who would come together by a sync, and why: read from where a dry run has led, before it is undone. */
import type { Db } from '../store/db.ts';
import { decisionsAbout } from '../store/decisions.ts';
import { goldensById } from '../store/goldens.ts';
import { BOND_WEIGHT, edgesAmong } from '../store/matching.ts';
import { membersByKey, membersOfGolden } from '../store/records.ts';
import { openAmong } from '../store/reviews.ts';
import type { Noted } from './dry.ts';
import {
  isNewKey,
  newName,
  type PlannedLink,
  type PlannedMerge,
  type PlannedReview,
  type PlannedSplit,
} from './planned.ts';
import type { Sync } from './ports.ts';

/** Records looked at at once. */
const PAGE = 500;

const pages = <T>(list: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(list.length / PAGE) }, (_, i) => list.slice(i * PAGE, (i + 1) * PAGE));

interface Bond {
  with: string | null;
  why: string;
}

/** The heaviest reason that ties each record to one of its golden record that was not with it before (`former`). */
async function bondsOf(
  tx: Db,
  members: ReadonlyMap<string, readonly string[]>,
  former: (key: string) => string,
): Promise<Map<string, Bond>> {
  const home = new Map([...members].flatMap(([id, keys]) => keys.map((key) => [key, id] as const)));
  const keys = [...home.keys()];
  const ties = [
    ...(await edgesAmong(tx, keys))
      .filter(({ decision }) => decision === 'link')
      .map(({ a, b, weight, origin }) => ({
        a,
        b,
        weight,
        why:
          origin === 'bond'
            ? 'they are one by what happened in their tools'
            : `alike, weight ${weight.toFixed(1)}`,
      })),
    ...(await decisionsAbout(tx, keys))
      .filter(({ kind }) => kind === 'link')
      .map(({ a, b, by }) => ({ a, b: b!, weight: 2 * BOND_WEIGHT, why: `linked by ${by}` })),
  ];
  const found = new Map<string, Bond>();
  const heaviest = new Map<string, number>();
  for (const { a, b, weight, why } of ties)
    if (home.get(a) === home.get(b) && former(a) !== former(b))
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const before = heaviest.get(one) ?? Number.NEGATIVE_INFINITY;
        if (weight < before || (weight === before && other > found.get(one)!.with!)) continue;
        heaviest.set(one, weight);
        found.set(one, { with: other, why });
      }
  return found;
}

const THROUGH_OTHERS: Bond = { with: null, why: 'by way of records that are deleted or merged' };

/** What became of the records that a dry run moved. In its transaction. */
export async function joinsOf(
  tx: Db,
  sync: Sync,
  { moved, folded }: Pick<Noted, 'moved' | 'folded'>,
): Promise<{ links: PlannedLink[]; merges: PlannedMerge[]; splits: PlannedSplit[] }> {
  const links: PlannedLink[] = [];
  const merges = new Map<string, PlannedMerge>();
  const splits: PlannedSplit[] = [];
  for (const keys of pages([...moved.keys()].sort())) {
    const records = await membersByKey(tx, keys);
    const ids = [...new Set([...records.values()].flatMap(({ goldenId }) => goldenId ?? []))];
    const members = Map.groupBy(await membersOfGolden(tx, ids), ({ goldenId }) => goldenId!);
    const now = new Map([...members].map(([id, own]) => [id, own.map(({ key }) => key)]));
    const homes = new Map([...now].flatMap(([id, own]) => own.map((key) => [key, id] as const)));
    const former = (key: string) => (moved.has(key) ? (moved.get(key) ?? key) : homes.get(key)!);
    const bonds = await bondsOf(tx, now, former);
    for (const record of keys) {
      const goldenId = records.get(record)?.goldenId;
      const from = moved.get(record);
      if (!goldenId || from === goldenId) continue;
      const bond = bonds.get(record) ?? THROUGH_OTHERS;
      const own = members.get(goldenId)!.flatMap(({ key }) => (isNewKey(key) ? [] : [key]));
      const settled = own.filter((key) => (moved.has(key) ? moved.get(key) : goldenId) === goldenId);
      const base = settled[0] ?? own.filter((key) => moved.get(key) === null)[0];
      if (typeof from !== 'string') {
        if (own.length > 1 && record !== base) links.push({ sync: sync.name, goldenId, record, ...bond });
      } else if (folded.has(from)) {
        const merge = merges.get(from) ?? {
          sync: sync.name,
          goldenId: from,
          into: goldenId,
          records: [],
          why: bond.why,
        };
        merge.records.push(record);
        if (bond.with !== null && (merge.why === THROUGH_OTHERS.why || merge.records.length === 1))
          merge.why = `${record} and ${bond.with}: ${bond.why}`;
        merges.set(from, merge);
      } else splits.push({ sync: sync.name, record, from, goldenId });
    }
  }
  return { links, merges: [...merges.values()], splits };
}

/** Those of the doubts that are still open at the end. */
export async function reviewsAmong(
  tx: Db,
  sync: Sync,
  doubts: ReadonlyMap<string, { a: string; b: string }>,
): Promise<PlannedReview[]> {
  const found: PlannedReview[] = [];
  for (const pairs of pages([...doubts.values()]))
    for (const row of await openAmong(tx, pairs)) found.push({ sync: sync.name, ...row });
  return found.sort((x, y) => y.weight - x.weight || (`${x.a} ${x.b}` < `${y.a} ${y.b}` ? -1 : 1));
}

/** What golden records that do not exist yet are called: after the first of their records. */
export async function namesOfNew(tx: Db, made: ReadonlySet<string>): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const ids of pages([...made])) {
    const members = Map.groupBy(await membersOfGolden(tx, ids), ({ goldenId }) => goldenId!);
    const goldens = await goldensById(tx, ids);
    for (const id of ids) {
      const first = members.get(goldens.get(id)?.aliasOf ?? id)?.find(({ key }) => !isNewKey(key));
      if (first) names.set(id, newName(first.key));
    }
  }
  return names;
}
