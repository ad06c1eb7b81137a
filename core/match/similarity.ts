import { lengthOf, unitAt } from '../values/units.ts';

/**
 * Jaro–Winkler similarity, 0 to 1 (Winkler 1990), over UTF-16 code units. Keys are short, so flags fit in scratch
 * arrays and nothing is allocated.
 */
const LIMIT = 64;
const usedA = new Uint8Array(LIMIT);
const usedB = new Uint8Array(LIMIT);
const unitsB = new Uint16Array(LIMIT);

export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const m = Math.min(lengthOf(a), LIMIT);
  const n = Math.min(lengthOf(b), LIMIT);
  if (m === 0 || n === 0) return 0;
  for (let i = 0; i < m; i++) usedA[i] = 0;
  for (let j = 0; j < n; j++) {
    usedB[j] = 0;
    unitsB[j] = unitAt(b, j);
  }
  const reach = Math.max(0, (Math.max(m, n) >> 1) - 1);
  let matches = 0;
  for (let i = 0; i < m; i++) {
    const c = unitAt(a, i);
    const to = Math.min(n - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= to; j++)
      if (unitsB[j] === c && usedB[j] === 0) {
        usedA[i] = 1;
        usedB[j] = 1;
        matches++;
        break;
      }
  }
  if (matches === 0) return 0;
  let transposed = 0;
  for (let i = 0, j = 0; i < m; i++) {
    if (usedA[i] === 0) continue;
    while (usedB[j] === 0) j++;
    if (unitAt(a, i) !== unitsB[j]) transposed++;
    j++;
  }
  const jaro = (matches / m + matches / n + (matches - transposed / 2) / matches) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < m && prefix < n && unitAt(a, prefix) === unitsB[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Are the two at most one insertion, deletion, substitution or swap of neighbours apart? */
export function withinOneEdit(a: string, b: string): boolean {
  if (a === b) return true;
  let [m, n] = [lengthOf(a), lengthOf(b)];
  if (m > n) return withinOneEdit(b, a);
  if (n - m > 1) return false;
  const same = m === n;
  let i = 0;
  while (i < m && unitAt(a, i) === unitAt(b, i)) i++;
  // From the end backwards: how much of the tails is the same.
  while (m > i && n > i && unitAt(a, m - 1) === unitAt(b, n - 1)) {
    m--;
    n--;
  }
  if (!same) return m === i;
  return (
    m === i + 1 || (m === i + 2 && unitAt(a, i) === unitAt(b, i + 1) && unitAt(a, i + 1) === unitAt(b, i))
  );
}

/** Do two short lists share an item? */
export function intersects(a: readonly string[], b: readonly string[]): boolean {
  for (const x of a) for (const y of b) if (x === y) return true;
  return false;
}

const row = new Uint8Array(LIMIT + 1);

/** Levenshtein distance, or `limit` + 1 when it is more. */
export function edits(a: string, b: string, limit: number): number {
  const m = Math.min(lengthOf(a), LIMIT);
  const n = Math.min(lengthOf(b), LIMIT);
  if (Math.abs(m - n) > limit) return limit + 1;
  for (let j = 0; j <= n; j++) row[j] = j;
  for (let i = 1; i <= m; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    let best = i;
    for (let j = 1; j <= n; j++) {
      const above = row[j]!;
      const cost = unitAt(a, i - 1) === unitAt(b, j - 1) ? 0 : 1;
      row[j] = Math.min(above + 1, row[j - 1]! + 1, diagonal + cost);
      diagonal = above;
      if (row[j]! < best) best = row[j]!;
    }
    if (best > limit) return limit + 1;
  }
  return row[n]!;
}
