import type { Field, Fields, Json } from '../connectors/contract.ts';
import type { Attribute } from '../core/model/entity.ts';
import { keyText } from '../core/model/record.ts';
import { isEmpty, type Value, type Values } from '../core/model/value.ts';
import { canonical } from './canonical.ts';
import { isEmptyField, quote, sameRaw, toField } from './fields.ts';
import { admits } from './filter.ts';
import { outgoing, placeholders, type Ready, type ReadySteps, ready, valueIn, valueOut } from './pipeline.ts';
import { sameText } from './sameText.ts';
import type { FieldSpec, MappingSpec } from './spec.ts';
import type { Result, TransformContext } from './transforms/define.ts';
import type { CompileContext, CompiledMapping, Incoming, Problem } from './types.ts';

/** One attribute's way between tool and hub. */
interface Lane {
  attribute: string;
  type: Attribute['type'];
  spec: FieldSpec;
  in?: Ready;
  out?: Ready;
  /** For a reference: the object of this connection that its ids name. */
  target?: string;
  /** The field as the live schema has it. */
  field?: Field;
  /** Is a value only brought into its canonical form on its way in? */
  asTyped: boolean;
}

/**
 * A checked mapping as functions. What the live schema lacks or forbids is left out, so that one missing field
 * holds up nothing else: `checkMapping` tells of it. Throws only for a spec that `parseMapping` did not make.
 */
export function compileMapping(spec: MappingSpec, context: CompileContext): CompiledMapping {
  const schema = context.schema && new Map(context.schema.map((field) => [field.name, field]));
  const closed = schema !== undefined && context.open !== true;
  const has = (field: string) => !closed || schema.has(field);
  const lanes = Object.entries(spec.fields).flatMap(([attribute, field]): Lane[] => {
    const lane = makeLane(attribute, field, context, schema);
    return lane ? [lane] : [];
  });
  const readers = lanes.filter(({ in: lane }) => lane !== undefined);
  const writers = lanes.filter(({ out: lane }) => lane !== undefined);

  /** Does any step or expression see the whole record? */
  const lookAround = readers.some(({ spec: { in: steps } }) => steps !== undefined);
  const expressions = readers.some(({ in: way }) => 'expression' in way!);
  /** A record of which nothing is known: copying one takes less than adding attribute by attribute. */
  const nothing: Values = Object.fromEntries(readers.map(({ attribute }) => [attribute, null]));

  const blanks = new Map<string, Set<string>>();
  for (const { field, ...rest } of Object.values(spec.fields))
    if (field !== undefined) {
      const found = placeholders(outgoing({ field, ...rest }));
      if (found.length > 0) blanks.set(field, new Set(found));
    }
  const blank = (field: string, value: Json | undefined) =>
    isEmptyField(value) || (blanks.get(field)?.has(sameText(value)) ?? false);

  const carried = new Map<string, Set<string>>();
  for (const {
    attribute,
    spec: { field },
    out,
  } of writers)
    for (const name of [attribute, ...(out?.reads ?? [])]) {
      if (name !== attribute && !Object.hasOwn(context.entity.attributes, name)) continue;
      carried.set(name, (carried.get(name) ?? new Set()).add(field!));
    }

  const into = (direction: 'in' | 'out', record: Record<string, Json>): TransformContext => ({
    direction,
    region: context.region,
    timeZone: context.timeZone,
    record,
  });

  /** From a field's value to a canonical one; `Ready` steps only. */
  const readValue = (lane: Lane, value: Json, staged: Result): Result => {
    if (!staged.ok) return staged;
    const mapped = lane.spec.values ? valueIn(lane.spec.values, staged.value) : staged;
    if (!mapped.ok) return mapped;
    if (lane.target === undefined) return canonical(lane.type, mapped.value, context);
    const id = Array.isArray(value) ? value.find((item) => !isEmptyField(item)) : value;
    return {
      ok: true,
      value: isEmptyField(id)
        ? null
        : keyText({ connection: spec.connection, object: lane.target, id: String(id).trim() }),
    };
  };

  /** The field's own value; null for none, and for what a default stands in for. */
  const typedIn = ({ spec: { field } }: Lane, fields: Fields): Json => {
    const typed = field === undefined ? null : (fields[field] ?? null);
    return typed === null || blank(field!, typed) ? null : typed;
  };
  const blind = into('in', {});
  const visible = (fields: Fields): Fields => {
    const record: Fields = {};
    for (const [field, value] of Object.entries(fields)) if (!blank(field, value)) record[field] = value;
    return record;
  };
  const take = (incoming: Incoming, lane: Lane, found: Json, result: Result): void => {
    if (result.ok) {
      incoming.values[lane.attribute] = result.value as Value;
      return;
    }
    const { field } = lane.spec;
    incoming.problems.push({
      attribute: lane.attribute,
      ...(field === undefined ? {} : { field }),
      found: quote(found),
      message: result.message,
      ...(result.misfit === undefined ? {} : { misfit: result.misfit }),
    });
  };
  const takeStaged = (incoming: Incoming, lane: Lane, value: Json, staged: Result): void =>
    take(incoming, lane, value ?? (staged.ok ? staged.value : null), readValue(lane, value, staged));

  const inAtOnce = (fields: Fields): Incoming => {
    const incoming: Incoming = { values: { ...nothing }, problems: [] };
    const reading = lookAround ? into('in', visible(fields)) : blind;
    for (const lane of readers) {
      const value = typedIn(lane, fields);
      if (!lane.asTyped) takeStaged(incoming, lane, value, (lane.in as ReadySteps).steps(value, reading));
      else if (value !== null) take(incoming, lane, value, canonical(lane.type, value, context));
    }
    return incoming;
  };
  const inAwaited = async (fields: Fields): Promise<Incoming> => {
    const incoming: Incoming = { values: { ...nothing }, problems: [] };
    const reading = into('in', visible(fields));
    for (const lane of readers) {
      const value = typedIn(lane, fields);
      const way = lane.in!;
      const staged =
        'expression' in way
          ? await way.expression.evaluate(reading.record, value)
          : way.steps(value, reading);
      takeStaged(incoming, lane, value, staged);
    }
    return incoming;
  };

  const byField = new Map(writers.map((lane) => [lane.spec.field!, lane]));

  return {
    name: spec.name,
    connection: spec.connection,
    object: spec.object,
    entity: context.entity,
    ...(spec.where ? { filter: spec.where } : {}),
    admits: (fields) => spec.where === undefined || admits(spec.where, fields),
    onCreate: constantsOf(spec, schema, context),
    readFields: [
      ...new Set([
        ...Object.keys(spec.where ?? {}),
        ...readers.flatMap(({ spec: { field }, in: lane }) => [
          ...(field === undefined ? [] : [field]),
          ...lane!.reads,
        ]),
      ]),
    ].filter(has),
    writeFields: [...byField.keys()],
    readAttributes: readers.map(({ attribute }) => attribute),
    sources: Object.fromEntries(
      readers.map(({ attribute, spec: { field }, in: lane }) => [
        attribute,
        [...new Set([...(field === undefined ? [] : [field]), ...lane!.reads])],
      ]),
    ),
    revision: JSON.stringify([
      Object.entries(spec.fields).map(([attribute, { place: _, fromPreset: __, ...rest }]) => [
        attribute,
        rest,
      ]),
      context.region,
      context.timeZone,
      ...(spec.where || spec.onCreate ? [spec.where ?? null, spec.onCreate ?? null] : []),
    ]),
    writeAttributes: [...carried].map(([attribute, fields]) => ({ attribute, fields: [...fields] })),

    in: expressions ? inAwaited : inAtOnce,

    async out(values, attributes, reference) {
      const wanted = new Set(attributes.flatMap((attribute) => [...(carried.get(attribute) ?? [])]));
      const record = Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
      const fields: Fields = {};
      const waiting: string[] = [];
      const problems: Problem[] = [];
      for (const name of wanted) {
        const lane = byField.get(name)!;
        const value: Json = values[lane.attribute] ?? null;
        if (lane.target !== undefined) {
          const id = isEmptyField(value) ? null : reference(lane.attribute, String(value));
          if (id === undefined) waiting.push(lane.attribute);
          else fields[name] = id;
          continue;
        }
        const way = lane.out!;
        let result: Result = lane.spec.values ? valueOut(lane.spec.values, value) : { ok: true, value };
        if ('expression' in way)
          result = await way.expression.evaluate(record, result.ok ? result.value : null);
        else if (result.ok) result = way.steps(result.value, into('out', record));
        if (result.ok) result = toField(result.value, lane.field, context);
        if (result.ok) fields[name] = result.value;
        else
          problems.push({
            attribute: lane.attribute,
            field: name,
            found: quote(value),
            message: result.message,
            ...(result.misfit === undefined ? {} : { misfit: result.misfit }),
          });
      }
      return { fields, waiting, problems };
    },

    sameField(name, a, b) {
      const lane = byField.get(name);
      if (sameRaw(lane?.field ?? schema?.get(name), a, b, context)) return true;
      // What is empty differs from what is written, save where what is written says nothing the hub can read.
      if (!lane || lane.target !== undefined || (lane.in && 'expression' in lane.in)) return false;
      const way = lane.in?.steps ?? ((value: Json): Result => ({ ok: true, value }));
      const read = (value: Json | undefined): Result =>
        blank(name, value)
          ? { ok: true, value: null }
          : readValue(lane, value!, way(value!, into('in', { [name]: value! })));
      const left = read(a);
      const right = read(b);
      if (isEmptyField(a) !== isEmptyField(b)) {
        const written = isEmptyField(a) ? b! : a!;
        const listed = lane.spec.values && valueIn(lane.spec.values, written);
        // `values` says that it says nothing: it stays where it is, as nothing does.
        if (listed?.ok && listed.value === null) return true;
        return !(isEmptyField(a) ? right : left).ok;
      }
      if (!left.ok || !right.ok) return false;
      if (isEmpty(left.value as Value) || isEmpty(right.value as Value)) return false;
      return JSON.stringify(normal(left.value)) === JSON.stringify(normal(right.value));
    },
  };
}

/** The constants in the form that their fields take: an option or a record type may be named as people see it. What does not fit goes as it is, and the tool says why not. */
function constantsOf(
  { onCreate = {} }: MappingSpec,
  schema: Map<string, Field> | undefined,
  context: CompileContext,
): Fields {
  return Object.fromEntries(
    Object.entries(onCreate).map(([name, value]) => {
      const fits = toField(value, schema?.get(name), context);
      return [name, fits.ok ? fits.value : value];
    }),
  );
}

const normal = (value: Json) => (Array.isArray(value) ? value.map(String).sort() : value);

function makeLane(
  attribute: string,
  spec: FieldSpec,
  context: CompileContext,
  schema: Map<string, Field> | undefined,
): Lane | undefined {
  const known = Object.hasOwn(context.entity.attributes, attribute)
    ? context.entity.attributes[attribute]
    : undefined;
  const field = spec.field === undefined ? undefined : schema?.get(spec.field);
  const closed = schema !== undefined && context.open !== true;
  if (!known || (spec.field !== undefined && closed && !field)) return undefined;
  const points = spec.reference ?? (known.type === 'reference' ? known.entity : undefined);
  const target = points === undefined ? undefined : context.objectOf(points);
  // Ids of an object that nobody maps name no record of the hub.
  if (points !== undefined && target === undefined) return undefined;
  const reads = spec.direction !== 'out';
  const writes = spec.direction !== 'in' && (field?.writable ?? true);
  if (!reads && !writes) return undefined;
  return {
    attribute,
    type: known.type,
    spec,
    asTyped: spec.in === undefined && spec.values === undefined && target === undefined,
    ...(reads ? { in: ready(spec.in) } : {}),
    ...(writes ? { out: ready(outgoing(spec)) } : {}),
    ...(target === undefined ? {} : { target }),
    ...(field === undefined ? {} : { field }),
  };
}
