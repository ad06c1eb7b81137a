import type { Fields, Json } from '../../connectors/contract.ts';
import type { Entity } from '../model/entity.ts';
import type { GoldenRecord, Provenance } from '../model/record.ts';
import { isEmpty, sameValue, type Value, type Values } from '../model/value.ts';

/** The part of a compiled mapping that planning needs; mappings/types.ts fulfils it. */
export interface Outward {
  name: string;
  entity: Entity;
  writeAttributes: { attribute: string; fields: string[] }[];
  out(
    values: Values,
    attributes: string[],
    reference: (attribute: string, goldenId: string) => string | undefined,
  ): Promise<{
    fields: Fields;
    waiting: string[];
    problems: { attribute: string; field?: string; message: string; found: string }[];
  }>;
  in(fields: Fields): { values: Values } | Promise<{ values: Values }>;
  sameField(field: string, a: Json | undefined, b: Json | undefined): boolean;
  /** What a record that the hub creates gets beside its attributes. */
  onCreate?: Fields;
}

/** A record of the tool that the golden record already has there. */
export interface Held {
  key: string;
  extId: string;
  version: string | null;
  seen: Values;
  native: Fields;
  written: Record<string, { sent: Value; made?: Value }>;
}

export interface References {
  /** The golden id that a source key belongs to now. */
  goldenOf(key: string): string | undefined;
  /** The source key and id of a golden record in this tool, for a reference attribute; undefined: not there yet. */
  inTool(attribute: string, goldenId: string): { key: string; extId: string } | undefined;
}

export interface FieldChange {
  attribute: string;
  field: string;
  from: Json;
  to: Json;
  /** Which source and rule decided the value. */
  why: string;
}

/** One write that would bring one tool up to the golden record. */
export interface Intent {
  op: 'create' | 'update' | 'delete';
  goldenId: string;
  mapping: string;
  /** Source key of the record to update; '' for a create. */
  target: string;
  extId: string | null;
  version: string | null;
  fields: Fields;
  changes: FieldChange[];
  /** Golden values that the fields carry (references as source keys). */
  sent: Values;
  /** What the tool is expected to show afterwards, in canonical values: these attributes, and no others, change by our hand. */
  echo: Values;
  /** Golden ids that must exist in the tool before the rest can be written. */
  awaits: string[];
  /** Values the mapping cannot put into the tool. */
  problems: { attribute: string; field?: string; message: string; found: string }[];
}

export interface PlanInput {
  golden: Pick<GoldenRecord, 'id' | 'values' | 'provenance'>;
  mapping: Outward;
  /** Absent: the golden record has no record there, and one may be created. */
  held: Held | undefined;
  references: References;
  /** Values this tool refused for this record: not sent again while they stay the same. */
  refused: Values;
  /** Attributes that a record which is there already is left with as it shows them. */
  left?: ReadonlySet<string> | undefined;
}

/**
 * The difference between a golden record and what one tool shows of it. Only fields that differ are written; a
 * value that the tool normalised after our own write does not differ. undefined: nothing to write.
 */
export async function plan(input: PlanInput): Promise<Intent | undefined> {
  const { golden, mapping, held, references } = input;
  const writable = mapping.writeAttributes.map(({ attribute }) => attribute);
  const wanted = held
    ? writable.filter((attribute) => attribute in golden.values && differs(input, attribute))
    : writable.filter((attribute) => !isRefused(input, attribute));
  if (held ? wanted.length === 0 : wanted.every((a) => isEmpty(golden.values[a]))) return undefined;

  const out = await mapping.out(golden.values, wanted, (a, id) => references.inTool(a, id)?.extId);
  const intent: Intent = {
    op: held ? 'update' : 'create',
    goldenId: golden.id,
    mapping: mapping.name,
    target: held?.key ?? '',
    extId: held?.extId ?? null,
    version: held?.version ?? null,
    fields: {},
    changes: [],
    sent: {},
    echo: {},
    awaits: out.waiting.map((attribute) => String(golden.values[attribute])),
    problems: out.problems,
  };
  const broken = new Set([...out.waiting, ...out.problems.map((p) => p.attribute)]);
  for (const [field, to] of Object.entries(out.fields)) {
    const attribute = carrier(input, field, wanted);
    const from = held?.native[field] ?? null;
    if (broken.has(attribute) || (held ? mapping.sameField(field, from, to) : to === null)) continue;
    intent.fields[field] = to;
    intent.changes.push({ attribute, field, from, to, why: why(golden.provenance[attribute]) });
    intent.sent[attribute] = asSent(input, attribute);
  }
  // Beside a record that says something: constants alone make none.
  if (!held && Object.keys(intent.fields).length > 0)
    for (const [field, to] of Object.entries(mapping.onCreate ?? {})) {
      if (field in intent.fields) continue;
      // What was missing is not any more.
      intent.problems = intent.problems.filter(
        (problem) => problem.field !== field || !isEmpty(golden.values[problem.attribute]),
      );
      intent.fields[field] = to;
      intent.changes.push({ attribute: '', field, from: null, to, why: 'onCreate of the mapping' });
    }
  await expect(input, intent);
  const empty = Object.keys(intent.fields).length === 0;
  return empty && intent.awaits.length === 0 && intent.problems.length === 0 ? undefined : intent;
}

/** The attribute that a field is written for: the first that carries it and has a value, in the mapping's order. */
function carrier({ golden, mapping }: PlanInput, field: string, wanted: readonly string[]): string {
  const carriers = mapping.writeAttributes
    .filter((one) => one.fields.includes(field))
    .map((one) => one.attribute);
  const asked = carriers.filter((attribute) => wanted.includes(attribute));
  return asked.find((attribute) => !isEmpty(golden.values[attribute])) ?? asked[0] ?? carriers[0] ?? field;
}

/** Reads our own write as the tool would show it: one field may be read into several attributes. */
async function expect({ mapping, held }: PlanInput, intent: Intent): Promise<void> {
  const { values } = await mapping.in({ ...held?.native, ...intent.fields });
  for (const [attribute, value] of Object.entries(values))
    if (attribute in intent.sent || !sameValue(value, held?.seen[attribute])) intent.echo[attribute] = value;
}

/** A reference is refused as the source key that was sent. */
const isRefused = (input: PlanInput, attribute: string) =>
  attribute in input.refused &&
  (sameValue(input.refused[attribute], input.golden.values[attribute]) ||
    sameValue(input.refused[attribute], asSent(input, attribute)));

const isReference = (entity: Entity, attribute: string) => entity.attributes[attribute]?.type === 'reference';

function asSent({ golden, mapping, references }: PlanInput, attribute: string): Value {
  const value = golden.values[attribute] ?? null;
  if (!isReference(mapping.entity, attribute) || isEmpty(value)) return value;
  return references.inTool(attribute, String(value))?.key ?? value;
}

function differs(input: PlanInput, attribute: string): boolean {
  const { golden, mapping, held, references } = input;
  const wanted = golden.values[attribute]!;
  if (isRefused(input, attribute)) return false;
  if (!held) return !isEmpty(wanted);
  if (input.left?.has(attribute)) return false;
  const shown = held.seen[attribute];
  if (isReference(mapping.entity, attribute)) {
    const now = isEmpty(shown) ? null : (references.goldenOf(String(shown)) ?? shown);
    if (sameValue(now ?? null, wanted)) return false;
  } else if (sameValue(shown, wanted)) return false;
  const written = held.written[attribute];
  const settled =
    written !== undefined &&
    sameValue(written.sent, asSent(input, attribute)) &&
    (!('made' in written) || sameValue(written.made, shown));
  return !settled;
}

function why(provenance: Provenance | undefined): string {
  if (!provenance) return 'no source';
  return `${provenance.source} at ${provenance.at} (${provenance.rule})`;
}
