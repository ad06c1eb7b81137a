/** Whatever is JSON as bytes: the values of a million records fit in the memory of one process, and threads hand them over without copying. */
import { lengthOf, unitAt } from '../../values/units.ts';
import { type Bytes, shared } from './shared.ts';

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const INTEGER = 3;
const NUMBER = 4;
const LATIN = 5;
const WIDE = 6;
const LIST = 7;
const OBJECT = 8;

/** Shapes of objects that are looked through one by one before the rest is looked up. */
const NEAR = 16;

/** Records packed together. */
export interface Bundle extends Bytes {
  shapes: string[][];
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Packer {
  add(record: object): void;
  /** Ends the bundle, in memory that threads may share. */
  end(): Bundle;
}

export function packer(): Packer {
  let bytes = new Uint8Array(1 << 20);
  let at = 0;
  let starts = new Int32Array(1 << 14);
  let records = 0;
  const shapes: string[][] = [];
  const shapeNumbers = new Map<string, number>();

  const room = (more: number) => {
    if (at + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, at + more));
    larger.set(bytes.subarray(0, at));
    bytes = larger;
  };
  const count = (n: number) => {
    let left = n;
    while (left > 127) {
      bytes[at++] = (left & 127) | 128;
      left >>>= 7;
    }
    bytes[at++] = left;
  };
  const text = (s: string) => {
    const length = lengthOf(s);
    room(length * 2 + 8);
    const from = at;
    bytes[at++] = LATIN;
    count(length);
    for (let i = 0; i < length; i++) {
      const unit = unitAt(s, i);
      if (unit > 255) {
        at = from;
        wide(s);
        return;
      }
      bytes[at++] = unit;
    }
  };
  const wide = (s: string) => {
    bytes[at++] = WIDE;
    const length = lengthOf(s);
    count(length);
    for (let i = 0; i < length; i++) {
      const unit = unitAt(s, i);
      bytes[at++] = unit & 255;
      bytes[at++] = unit >> 8;
    }
  };
  const float = new Float64Array(1);
  const floatBytes = new Uint8Array(float.buffer);
  const number = (n: number) => {
    room(12);
    if (Number.isInteger(n) && n >= 0 && n < 2 ** 31 && !Object.is(n, -0)) {
      bytes[at++] = INTEGER;
      count(n);
      return;
    }
    bytes[at++] = NUMBER;
    float[0] = n;
    bytes.set(floatBytes, at);
    at += 8;
  };
  const shapeOf = (keys: string[]): number => {
    for (let i = 0; i < shapes.length && i < NEAR; i++) {
      const shape = shapes[i]!;
      if (shape.length !== keys.length) continue;
      let k = 0;
      while (k < keys.length && shape[k] === keys[k]) k++;
      if (k === keys.length) return i;
    }
    const name = JSON.stringify(keys);
    const known = shapeNumbers.get(name);
    if (known !== undefined) return known;
    shapeNumbers.set(name, shapes.length);
    shapes.push(keys);
    return shapes.length - 1;
  };
  const put = (value: Json | undefined): void => {
    room(16);
    if (typeof value === 'string') text(value);
    else if (value === null || value === undefined) bytes[at++] = NULL;
    else if (typeof value === 'boolean') bytes[at++] = value ? TRUE : FALSE;
    else if (typeof value === 'number') number(value);
    else if (Array.isArray(value)) {
      bytes[at++] = LIST;
      count(value.length);
      for (const item of value) put(item);
    } else {
      const keys = Object.keys(value);
      const shape = shapeOf(keys);
      bytes[at++] = OBJECT;
      count(shape);
      for (const key of keys) put(value[key]);
    }
  };
  return {
    add(record) {
      if (records + 1 >= starts.length) {
        const larger = new Int32Array(starts.length * 2);
        larger.set(starts);
        starts = larger;
      }
      starts[records++] = at;
      put(record as Json);
    },
    end: () => ({ ...shared(bytes, at, starts, records), shapes }),
  };
}

/** Reads records back, in any order. `T` is what was packed. */
export function unpacker<T>({ bytes, starts, shapes }: Bundle): (record: number) => T {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const count = () => {
    let byte = bytes[at++]!;
    if (byte < 128) return byte;
    let n = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++]!;
      n |= (byte & 127) << shift;
    }
    return n;
  };
  const take = (): Json => {
    const tag = bytes[at++]!;
    switch (tag) {
      case OBJECT: {
        const made: { [key: string]: Json } = {};
        // Assigning this one name would set the prototype.
        for (const key of shapes[count()]!)
          if (key === '__proto__')
            Object.defineProperty(made, key, {
              value: take(),
              enumerable: true,
              configurable: true,
              writable: true,
            });
          else made[key] = take();
        return made;
      }
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INTEGER:
        return count();
      case NUMBER:
        at += 8;
        return buffer.readDoubleLE(at - 8);
      case LATIN: {
        const length = count();
        at += length;
        return buffer.toString('latin1', at - length, at);
      }
      case WIDE: {
        const length = count() * 2;
        at += length;
        return buffer.toString('utf16le', at - length, at);
      }
      default: {
        const length = count();
        const list = new Array<Json>(length);
        for (let i = 0; i < length; i++) list[i] = take();
        return list;
      }
    }
  };
  return (record) => {
    at = starts[record]!;
    return take() as T;
  };
}
