import type { Field, Fields, Json, RecordFilter } from '../connectors/contract.ts';
import type { Entity } from '../core/model/entity.ts';
import type { Value, Values } from '../core/model/value.ts';
import type { Misfit } from './transforms/define.ts';

/** A value that a transform could not read or the tool cannot hold. Counted in the run and shown by name. */
export interface Problem {
  attribute: string;
  field?: string;
  /** What was found, cut to 80 characters. Never logged: shown to the mapping's owner only. */
  found: string;
  message: string;
  misfit?: Misfit;
}

/** A record as a mapping reads it. */
export interface Incoming {
  values: Values;
  problems: Problem[];
}

/** A mapping, compiled once per run to functions of data. Nothing here does I/O or reads a clock. */
export interface CompiledMapping {
  name: string;
  connection: string;
  /** The stream's name in the tool. */
  object: string;
  entity: Entity;
  /** The tool's field names that reading needs. */
  readFields: string[];
  /** The tool's field names that writing may touch. */
  writeFields: string[];
  /** Attributes the tool has a say in (direction not `out`). */
  readAttributes: string[];
  /** By read attribute: the tool's fields that its value is read from. */
  sources: Record<string, string[]>;
  /** Which records the hub sees; absent: all. */
  filter?: RecordFilter;
  /** Does a record with these fields pass it? */
  admits(fields: Fields): boolean;
  /** What a record that the hub creates gets beside its attributes. */
  onCreate: Fields;
  /** All that the mapping says, as one text. */
  revision: string;
  /** Attributes that are written to the tool (direction not `in`), with the fields that carry each. */
  writeAttributes: { attribute: string; fields: string[] }[];
  /**
   * Tool → canonical. Every read attribute is a key; empty ones are null. A reference becomes the source key
   * (`connection/object/id`) of the record it names. A value that cannot be read is null and a problem. At once,
   * unless an expression must be waited for.
   */
  in(fields: Fields): Incoming | Promise<Incoming>;
  /**
   * Canonical → tool, for the attributes named. A reference attribute's value is what `reference` gives for
   * its golden id: the id in this tool, or undefined when the target is not there yet (`waiting`, and its
   * fields are left out). An empty value clears: its fields are null.
   */
  out(
    values: Values,
    attributes: string[],
    reference: (attribute: string, goldenId: string) => string | undefined,
  ): Promise<{ fields: Fields; waiting: string[]; problems: Problem[] }>;
  /** Would the tool show these two values of a field as one (null and '', 12 and '12', midnight and the day)? */
  sameField(field: string, a: Json | undefined, b: Json | undefined): boolean;
}

export interface CompileContext {
  entity: Entity;
  /** The live schema of the object; absent when compiling without a connection. */
  schema?: Field[];
  /** The stream's own `open`: fields beyond the schema are no mistake. */
  open?: boolean;
  /** For a reference attribute: which object of this connection holds that entity (from the other mappings). */
  objectOf(entity: string): string | undefined;
  /** Default region for phones, and the time zone of dates without one. */
  region: string;
  timeZone: string;
}

/** Canonicalises a value for an attribute type, or says why it cannot: shared by mappings and csv reading. */
export type Parsed = { ok: true; value: Value } | { ok: false; message: string };
