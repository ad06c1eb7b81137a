/**
 * Rows whose id a row before them has. They are found in constant memory, however long the file is: a window of lines at a time, of
 * whose ids a hash is kept, and the rows before it are compared with these.
 */
import { hash } from 'node:crypto';
import { idOf } from './identity.ts';
import type { CsvFile } from './read.ts';

/** Lines looked at together. Of a longer file the rows before each window are read once more. */
const WINDOW = 500_000;

/** The line of the first row with the id of the row at this line; undefined: it is the first itself. */
export type FirstOf = (line: number) => number | undefined;

/** What was found in a file, by its version. Lost without harm: it is looked for again. */
export interface RepeatsKnown {
  version: string;
  windows: Map<number, FirstOf>;
}

/**
 * Tells rows apart that share an id. `known` is what an earlier call found in the same version of the file; what this one finds is added to it.
 * Rows without an id repeat nothing.
 */
export function repeatsIn(
  file: CsvFile,
  by: string[],
  known: RepeatsKnown['windows'],
  signal: AbortSignal,
  window = WINDOW,
): (line: number) => Promise<number | undefined> {
  return async (line) => {
    const index = Math.floor((line - 1) / window);
    let firstOf = known.get(index);
    if (firstOf === undefined) {
      firstOf = await lookThrough(file, by, index * window, window, signal);
      known.set(index, firstOf);
    }
    return firstOf(line);
  };
}

/** Looks through the `window` lines that follow the first `base`. */
async function lookThrough(
  file: CsvFile,
  by: string[],
  base: number,
  window: number,
  signal: AbortSignal,
): Promise<FirstOf> {
  const { size } = await file.state();
  const ids = idTable(Math.min(window, size));
  /** By line of the window: the slot of its id, counted from 1; 0: nothing before it has its id. */
  let slots: Uint32Array | undefined;
  const repeats = (line: number, slot: number) => {
    slots ??= new Uint32Array(window);
    slots[line - base - 1] = slot + 1;
  };
  const each = async (until: number, take: (line: number, id: string) => void) => {
    for await (const rows of file.batches(undefined, size)) {
      signal.throwIfAborted();
      for (const row of rows) {
        if (row.line > until) return;
        const id = 'problem' in row ? undefined : idOf(row.fields, by);
        if (id !== undefined) take(row.line, id);
      }
    }
  };
  await each(base + window, (line, id) => {
    if (line <= base) return;
    const slot = ids.slotOf(id);
    if (ids.lineAt(slot) === 0) ids.put(slot, line);
    else repeats(line, slot);
  });
  if (base > 0)
    await each(base, (line, id) => {
      const slot = ids.slotOf(id);
      const there = ids.lineAt(slot);
      if (there <= base) return;
      repeats(there, slot);
      ids.put(slot, line);
    });
  return slots === undefined
    ? nowhere
    : after(
        base,
        slots.map((slot) => (slot === 0 ? 0 : ids.lineAt(slot - 1))),
      );
}

// What is kept is made here, out of sight of the table: a function made beside it would keep it too.
const nowhere: FirstOf = () => undefined;
const after =
  (base: number, firsts: Uint32Array): FirstOf =>
  (line) =>
    firsts[line - base - 1] || undefined;

/** Per id 96 bits of its hash, and a line: two of a billion ids would share these bits once in 10^11 files. */
const WORDS = 4;

function idTable(ids: number) {
  const count = 2 ** Math.ceil(Math.log2(Math.max(2, ids * 2)));
  const words = new Uint32Array(count * WORDS);
  let [a, b, c] = [0, 0, 0];
  return {
    /** Where this id is, or is to be put: `put` right after it. */
    slotOf(id: string): number {
      const digest = hash('sha256', id, 'hex');
      a = word(digest, 0);
      b = word(digest, 1);
      c = word(digest, 2);
      for (let slot = a % count; ; slot = (slot + 1) % count) {
        const at = slot * WORDS;
        if (words[at + 3] === 0) return slot;
        if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return slot;
      }
    },
    /** 0: nothing is there. */
    lineAt: (slot: number) => words[slot * WORDS + 3]!,
    put(slot: number, line: number): void {
      words.set([a, b, c, line], slot * WORDS);
    },
  };
}

const word = (hex: string, nth: number) => Number.parseInt(hex.slice(nth * 8, nth * 8 + 8), 16);
