/** Records as bytes. Every part can be given to another thread as it is. */
export interface Bytes {
  bytes: Uint8Array;
  /** Where each record begins; one more than there are records. */
  starts: Int32Array;
}

/** The first `length` bytes and the beginnings of so many records, in memory that threads may share. */
export function shared(bytes: Uint8Array, length: number, starts: Int32Array, records: number): Bytes {
  const kept = new Uint8Array(new SharedArrayBuffer(length));
  kept.set(bytes.subarray(0, length));
  const where = new Int32Array(new SharedArrayBuffer(4 * (records + 1)));
  where.set(starts.subarray(0, records));
  where[records] = length;
  return { bytes: kept, starts: where };
}
