/** Many texts by their number, in memory that threads share. */
export interface Texts {
  bytes: Uint8Array;
  /** Where each begins; one more than there are texts. */
  starts: Int32Array;
}

export function textColumn() {
  let bytes = Buffer.alloc(1 << 16);
  let at = 0;
  const starts: number[] = [];
  return {
    add(text: string): void {
      const most = text.length * 3;
      if (at + most > bytes.length) {
        const larger = Buffer.alloc(Math.max(bytes.length * 2, at + most));
        bytes.copy(larger, 0, 0, at);
        bytes = larger;
      }
      starts.push(at);
      at += bytes.write(text, at, 'utf8');
    },
    end(): Texts {
      const kept = new Uint8Array(new SharedArrayBuffer(at));
      kept.set(bytes.subarray(0, at));
      const where = new Int32Array(new SharedArrayBuffer(4 * (starts.length + 1)));
      where.set(starts);
      where[starts.length] = at;
      return { bytes: kept, starts: where };
    },
  };
}

/** The text of each number, through all columns one after the other. */
export function textReader(columns: readonly Texts[]): (number: number) => string {
  const buffers = columns.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const place = placeIn(columns.map(({ starts }) => starts.length - 1));
  return (number) => {
    const column = place(number);
    const { starts } = columns[column.part]!;
    return buffers[column.part]!.toString('utf8', starts[column.at]!, starts[column.at + 1]!);
  };
}

/** Which part a number falls into, where parts follow each other, and its number there. The answer is overwritten by the next. */
export function placeIn(sizes: readonly number[]): (number: number) => { part: number; at: number } {
  const bases: number[] = [];
  let base = 0;
  for (const size of sizes) {
    bases.push(base);
    base += size;
  }
  const found = { part: 0, at: 0 };
  return (number) => {
    let [low, high] = [0, bases.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (bases[middle]! <= number) low = middle;
      else high = middle - 1;
    }
    found.part = low;
    found.at = number - bases[low]!;
    return found;
  };
}
