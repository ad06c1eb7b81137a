type Numbers = Uint32Array | Int32Array | Float64Array | Uint8Array;

/** A typed array that grows; its end is in memory that threads may share. */
export function growing<T extends Numbers>(Kind: {
  new (size: number): T;
  new (buffer: SharedArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}) {
  let array = new Kind(1 << 12);
  let at = 0;
  return {
    push(value: number): void {
      if (at === array.length) {
        const larger = new Kind(at * 2);
        larger.set(array);
        array = larger;
      }
      array[at++] = value;
    },
    size: () => at,
    end(): T {
      const kept = new Kind(new SharedArrayBuffer(at * Kind.BYTES_PER_ELEMENT));
      kept.set(array.subarray(0, at));
      return kept;
    },
  };
}
