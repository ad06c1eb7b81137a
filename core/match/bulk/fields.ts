/**
 * The bytes of one record: first its numbers, then the text of all that fits in a byte a character, then the rest of its text. Text is
 * taken out in one or two strings and cut, which costs a tenth of decoding value by value.
 */
import { lengthOf, unitAt } from '../../values/units.ts';
import { type Bytes, shared } from './shared.ts';

const LATIN = 0;
const WIDE = 1;

/** Takes the numbers and texts of one record after the other. */
export interface FieldWriter {
  /** A whole number from 0 to 2^31 - 1. */
  num(value: number): void;
  text(value: string): void;
  /** A number and a text, or nothing. */
  maybe(value: string | null): void;
  endRecord(): void;
  /** What was written, and where each record begins, with its end behind the last: in memory that threads may share. */
  end(): Bytes;
}

export function fieldWriter(): FieldWriter {
  let bytes = new Uint8Array(1 << 20);
  let starts = new Int32Array(1 << 14);
  let nums = new Uint8Array(1 << 10);
  let latin = new Uint8Array(1 << 10);
  let wide = new Uint8Array(1 << 10);
  let [records, at, numAt, latinAt, wideAt] = [0, 0, 0, 0, 0];

  const num = (value: number) => {
    if (numAt + 5 > nums.length) nums = larger(nums, numAt + 5);
    let left = value;
    while (left > 127) {
      nums[numAt++] = (left & 127) | 128;
      left >>>= 7;
    }
    nums[numAt++] = left;
  };
  const text = (value: string) => {
    const length = lengthOf(value);
    if (latinAt + length > latin.length) latin = larger(latin, latinAt + length);
    const [into, from] = [latin, latinAt];
    for (let i = 0; i < length; i++) {
      const unit = unitAt(value, i);
      if (unit > 255) {
        wideText(value);
        return;
      }
      into[from + i] = unit;
    }
    latinAt = from + length;
    num(length * 2 + LATIN);
  };
  const wideText = (value: string) => {
    const length = lengthOf(value);
    if (wideAt + 2 * length > wide.length) wide = larger(wide, wideAt + 2 * length);
    const [into, from] = [wide, wideAt];
    for (let i = 0; i < length; i++) {
      const unit = unitAt(value, i);
      into[from + 2 * i] = unit & 255;
      into[from + 2 * i + 1] = unit >> 8;
    }
    wideAt = from + 2 * length;
    num(length * 2 + WIDE);
  };

  return {
    num,
    text,
    maybe(value) {
      num(value === null ? 0 : 1);
      if (value !== null) text(value);
    },
    endRecord() {
      const own = numAt;
      // In front of all else, though written last: how long the first and the last part are.
      num(own);
      num(wideAt);
      if (at + numAt + latinAt + wideAt > bytes.length) bytes = larger(bytes, at + numAt + latinAt + wideAt);
      const begin = at;
      at = copied(bytes, at, nums, own, numAt);
      at = copied(bytes, at, nums, 0, own);
      at = copied(bytes, at, latin, 0, latinAt);
      at = copied(bytes, at, wide, 0, wideAt);
      [numAt, latinAt, wideAt] = [0, 0, 0];
      if (records + 1 >= starts.length) {
        const more = new Int32Array(starts.length * 2);
        more.set(starts);
        starts = more;
      }
      starts[records++] = begin;
    },
    end: () => shared(bytes, at, starts, records),
  };
}

/** Copies a part, and returns where it ends. Byte by byte: for so few, making a view of the part costs more. */
function copied(into: Uint8Array, at: number, part: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) into[at + i - from] = part[i]!;
  return at + to - from;
}

function larger(array: Uint8Array<ArrayBuffer>, least: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(array.length * 2, least));
  more.set(array);
  return more;
}

/** Gives back, in the order in which they were written, the fields of the record that it was last put `on`. */
export interface FieldReader {
  on(record: number): void;
  num(): number;
  text(): string;
  maybe(): string | null;
}

export function fieldReader({ bytes, starts }: Bytes): FieldReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [at, latinAt, wideAt] = [0, 0, 0];
  let [latin, wide] = ['', ''];
  const num = () => {
    let byte = bytes[at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      value |= (byte & 127) << shift;
    }
    return value;
  };
  const text = () => {
    const coded = num();
    const length = coded >>> 1;
    if (length === 0) return '';
    if ((coded & 1) === LATIN) {
      latinAt += length;
      return latin.slice(latinAt - length, latinAt);
    }
    wideAt += length;
    return wide.slice(wideAt - length, wideAt);
  };
  return {
    on(record) {
      at = starts[record]!;
      const end = starts[record + 1]!;
      const numbers = num();
      const wideBytes = num();
      latin = buffer.toString('latin1', at + numbers, end - wideBytes);
      wide = wideBytes === 0 ? '' : buffer.toString('utf16le', end - wideBytes, end);
      latinAt = 0;
      wideAt = 0;
    },
    num,
    text,
    maybe: () => (num() === 0 ? null : text()),
  };
}
