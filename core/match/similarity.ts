/**
 * Jaro–Winkler similarity, 0 to 1 (Winkler 1990), over UTF-16 code units. Keys are short, so flags fit in scratch
 * arrays and nothing is allocated.
 */
const LIMIT = 64;
const usedA = new Uint8Array(LIMIT);
const usedB = new Uint8Array(LIMIT);

export function jaroWinkler(a: string, b: string): number {
  if (a === b) return 1;
  const m = Math.min(a.length, LIMIT);
  const n = Math.min(b.length, LIMIT);
  if (m === 0 || n === 0) return 0;
  usedA.fill(0, 0, m);
  usedB.fill(0, 0, n);
  const reach = Math.max(0, (Math.max(m, n) >> 1) - 1);
  let matches = 0;
  for (let i = 0; i < m; i++) {
    const c = a.charCodeAt(i);
    const to = Math.min(n - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= to; j++)
      if (usedB[j] === 0 && b.charCodeAt(j) === c) {
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
    if (a.charCodeAt(i) !== b.charCodeAt(j)) transposed++;
    j++;
  }
  const jaro = (matches / m + matches / n + (matches - transposed / 2) / matches) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < m && prefix < n && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}

/** Are the two at most one insertion, deletion, substitution or swap of neighbours apart? */
export function withinOneEdit(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length > b.length) return withinOneEdit(b, a);
  if (b.length - a.length > 1) return false;
  let i = 0;
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  // From the end backwards: how much of the tails is the same.
  let [m, n] = [a.length, b.length];
  while (m > i && n > i && a.charCodeAt(m - 1) === b.charCodeAt(n - 1)) {
    m--;
    n--;
  }
  if (a.length < b.length) return m === i;
  return (
    m === i + 1 ||
    (m === i + 2 && a.charCodeAt(i) === b.charCodeAt(i + 1) && a.charCodeAt(i + 1) === b.charCodeAt(i))
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
  const m = Math.min(a.length, LIMIT);
  const n = Math.min(b.length, LIMIT);
  if (Math.abs(m - n) > limit) return limit + 1;
  for (let j = 0; j <= n; j++) row[j] = j;
  for (let i = 1; i <= m; i++) {
    let diagonal = row[0]!;
    row[0] = i;
    let best = i;
    for (let j = 1; j <= n; j++) {
      const above = row[j]!;
      const cost = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      row[j] = Math.min(above + 1, row[j - 1]! + 1, diagonal + cost);
      diagonal = above;
      if (row[j]! < best) best = row[j]!;
    }
    if (best > limit) return limit + 1;
  }
  return row[n]!;
}
