/** Edits (insert, delete, replace, swap of neighbours) that turn a into b: optimal string alignment. */
export function editDistance(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      let best = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[right.length]!;
}

const plain = (word: string) =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-.]/g, '');

/** The candidate that was most likely meant, or undefined when none is near. Case, `_`, `-` and `.` cost nothing. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(word);
  let found: string | undefined;
  // Of a word of one letter nothing is left where that is another: 名 is not 姓 with a slip of the pen.
  const letters = [...wanted].length;
  let least = Math.min(Math.max(1, Math.floor(letters / 3)), letters - 1) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, plain(candidate));
    if (distance < least) {
      least = distance;
      found = candidate;
    }
  }
  return found;
}

/** `did you mean "x"?`, or undefined. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}
