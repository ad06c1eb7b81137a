/**
 * What every sandbox (a tool simulated as a Hono app) offers to the demo, the tests and people without an
 * account: seeding, faults on demand, and honest books of what was done to it.
 */
import type { Hono } from 'hono';
import type { Fields } from './contract.ts';

/**
 * What goes wrong with one call. `lost-answer`: it is carried out, and the connection closes unanswered. `slow`: it is answered
 * as ever, so many milliseconds late.
 */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  | { slow: number }
  | 'reset'
  | 'lost-answer'
  | 'truncated'
  | 'hang';

/** One call as the sandbox saw it. `creates`: how many records it asks to create. */
export interface SandboxCall {
  /** Counted from 1 over the sandbox's life. */
  n: number;
  method: string;
  path: string;
  creates: number;
}

export interface Books {
  calls: number;
  /** Calls by `METHOD /path` with ids replaced by `{id}`. */
  byRoute: Record<string, number>;
  /** Records made through the API (not seeded), by stream. */
  created: Record<string, number>;
  updated: Record<string, number>;
  deleted: Record<string, number>;
  /** Writes through the API by `stream/id`. */
  writes: Record<string, number>;
  /** When these were, in milliseconds of the sandbox's clock. */
  writtenAt: Record<string, number[]>;
  /** Updates through the API that changed no value. */
  noops: number;
}

export const emptyBooks = (): Books => ({
  calls: 0,
  byRoute: {},
  created: {},
  updated: {},
  deleted: {},
  writes: {},
  writtenAt: {},
  noops: 0,
});

export function noteWrite(books: Books, stream: string, id: string, at: Date): void {
  const key = `${stream}/${id}`;
  books.writes[key] = (books.writes[key] ?? 0) + 1;
  books.writtenAt[key] = [...(books.writtenAt[key] ?? []), at.getTime()];
}

export interface SeedRecord {
  /** Made when absent. */
  id?: string;
  fields: Fields;
  /** When it was last modified (ISO); the sandbox's clock when absent. */
  at?: string;
}

export interface SandboxRecord {
  id: string;
  fields: Fields;
  modifiedAt: string;
  deleted: boolean;
}

export interface Sandbox {
  app: Hono;
  /** Puts records in as if they had always been there: no books, no webhooks. Returns their ids, in order. */
  seed(stream: string, records: SeedRecord[]): string[];
  /** All records of a stream, deleted ones too, in order of creation. */
  records(stream: string): SandboxRecord[];
  /** A person edits in the tool's own screens: stamps, normalises, tells webhooks; not in the books. */
  edit(stream: string, id: string, fields: Fields): void;
  remove(stream: string, id: string): void;
  merge(stream: string, winner: string, loser: string): void;
  books: Books;
  /** Asked before every call is carried out. */
  fault: ((call: SandboxCall) => Fault | undefined) | undefined;
}
