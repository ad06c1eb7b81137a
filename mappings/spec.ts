import { z } from 'zod';
import type { RecordFilter } from '../connectors/contract.ts';
import type { Scalar } from '../core/model/value.ts';
import { expressionProblem, parseExpression } from './expression.ts';
import { filterOf, whereSchema } from './filter.ts';
import { schemaProblems } from './issues.ts';
import { didYouMean } from './nearest.ts';
import { PRESETS } from './presets/index.ts';
import { type ConfigProblem, list, type Place } from './problem.ts';
import { type Path, parseYaml, type Source } from './source.ts';
import { resolveSteps, stepArgs } from './steps.ts';
import type { Step } from './transforms/define.ts';
import { TRANSFORMS } from './transforms/index.ts';
import { type Neighbours, readValueFile, type ValueFile } from './valueFile.ts';

export type Pipeline = { steps: Step[] } | { expression: string };

/** How one attribute meets one field. Without `field` it is read by an expression, and never written. */
export interface FieldSpec {
  field?: string;
  direction: 'both' | 'in' | 'out';
  in?: Pipeline;
  out?: Pipeline;
  /** Tool value → canonical value; "*" is every other tool value. null: the tool's value says nothing (Unknown, n/a). */
  values?: Record<string, Scalar | null>;
  /** The entity that the field points to. */
  reference?: string;
  /** It came with the preset: an account that lacks its field simply goes without. */
  fromPreset: boolean;
  place: Place;
}

/** A mapping file, checked and with its preset filled in: plain JSON. */
export interface MappingSpec {
  /** The file's name without its ending. */
  name: string;
  file: string;
  connection: string;
  object: string;
  entity: string;
  preset?: string;
  fields: Record<string, FieldSpec>;
  /** Which records of the tool the hub sees; absent: all. */
  where?: RecordFilter;
  /** What a record that the hub creates gets beside its attributes, by the tool's own field names. */
  onCreate?: Record<string, Scalar>;
  places: {
    file: Place;
    connection: Place;
    object: Place;
    entity: Place;
    /** Of `where` itself, and of each field that it and `onCreate` name. */
    where?: { all: Place; fields: Record<string, Place> };
    onCreate?: Record<string, Place>;
  };
}

const named = (what: string) => z.string({ error: what }).trim().min(1, `${what}, not empty`);
const name = named('text');
const scalarValue = z.union([z.string().min(1), z.number(), z.boolean()], {
  error: 'a text, a number, true or false',
});
const scalar = z.union([z.string().min(1), z.number(), z.boolean(), z.null()], {
  error: 'a text, a number, true or false; nothing: that value reads as empty',
});

/** The schema with `step` left open: files are read with a loose one, editors get every transform spelt out. */
export function mappingSchema(step: z.ZodType) {
  const pipeline = z.union([name, z.array(step)], {
    error: 'a list of transforms, or one JSONata expression',
  });
  const field = z.strictObject({
    field: name.optional().meta({ description: "The tool's field" }),
    direction: z
      .enum(['both', 'in', 'out'])
      .optional()
      .meta({ description: 'in: tool to hub only; out: hub to tool only' }),
    in: pipeline
      .optional()
      .meta({ description: 'Transforms, or one JSONata expression over the tool’s fields' }),
    out: pipeline
      .optional()
      .meta({ description: 'Transforms, or one JSONata expression over the attributes' }),
    values: z
      .record(z.string(), scalar, { error: 'a map such as { Prospect: lead, Won: customer }' })
      .refine((values) => Object.keys(values).length > 0, 'at least one entry, such as { Won: customer }')
      .optional()
      .meta({
        description:
          'Tool value: canonical value, both ways; "*" is every other tool value. Or { file: stages.csv, from: column, to: column }',
      }),
    reference: name.optional().meta({ description: 'The entity that the field points to' }),
  });
  return z.strictObject({
    connection: named('the name of a connection of hub.yaml').meta({
      description: 'A connection of hub.yaml',
    }),
    preset: name.optional().meta({ description: `One of ${Object.keys(PRESETS).join(', ')}` }),
    object: name.optional().meta({ description: "The tool's object, such as Contact" }),
    entity: name.optional().meta({ description: 'An entity of the hub, such as person' }),
    where: whereSchema.optional().meta({
      description: 'Which records the hub sees: { Status: [Open, Working], Rating: { not: Cold } }',
    }),
    onCreate: z
      .record(z.string().min(1), scalarValue, { error: 'a map such as { LeadSource: Web }' })
      .optional()
      .meta({
        description: 'What a record that the hub creates gets beside its attributes, such as its record type',
      }),
    fields: z
      .record(
        z.string(),
        z.union([name, z.null(), z.literal(false), field], {
          error: 'the name of a field, or a map such as { field: Email, in: [email] }',
        }),
      )
      .optional()
      .meta({ description: 'attribute: field. null or false removes one that the preset brings' }),
  });
}

const looseStep = z.union([z.string(), z.record(z.string(), z.unknown())], {
  error: 'the name of a transform, or a map such as { truncate: 80 }',
});
const FILE = mappingSchema(looseStep);

type FieldForm = NonNullable<z.infer<typeof FILE>['fields']>[string];
type FieldMap = Exclude<FieldForm, string | null | false>;

const ALONE: Neighbours = { names: [], read: () => undefined };

/** Reads a mapping file. All its problems at once, none of them about other files but the csv files that it names. */
export function parseMapping(
  file: string,
  text: string,
  neighbours: Neighbours = ALONE,
): { spec?: MappingSpec; problems: ConfigProblem[] } {
  const { source, problems } = parseYaml(file, text);
  return source ? readMapping(source, neighbours) : { problems };
}

/** `neighbours`: the csv files that it may take values from. */
export function readMapping(
  source: Source,
  neighbours: Neighbours = ALONE,
): { spec?: MappingSpec; problems: ConfigProblem[] } {
  const parsed = FILE.safeParse(source.data, { reportInput: true });
  if (!parsed.success) return { problems: schemaProblems(parsed.error.issues, source, [], FILE) };
  const data = parsed.data;
  const problems: ConfigProblem[] = [];
  const preset =
    data.preset !== undefined && Object.hasOwn(PRESETS, data.preset) ? PRESETS[data.preset] : undefined;
  if (data.preset !== undefined && !preset)
    problems.push({
      severity: 'error',
      place: source.place(['preset']),
      message: `there is no preset "${data.preset}"`,
      expected: `one of ${list(Object.keys(PRESETS))}`,
      ...fixOf(meantPreset(data.preset)),
    });
  const object = data.object ?? preset?.object;
  const entity = data.entity ?? preset?.entity;
  if (data.preset === undefined || preset)
    for (const [key, value] of Object.entries({ object, entity }))
      if (value === undefined)
        problems.push({
          severity: 'error',
          place: source.place([]),
          message: `"${key}" is missing`,
          expected: 'text',
          fix: data.preset === undefined ? `add ${key}, or a preset that brings it` : `add ${key}`,
        });

  const fields: Record<string, FieldSpec> = {};
  for (const [attribute, form] of Object.entries(preset?.fields ?? {})) {
    if (data.fields && Object.hasOwn(data.fields, attribute)) continue;
    const read = readField(form, { source, neighbours, problems }, ['preset'], true);
    if (read) fields[attribute] = read;
  }
  for (const [attribute, form] of Object.entries(data.fields ?? {})) {
    if (form === null || form === false) {
      if (!preset || !Object.hasOwn(preset.fields, attribute))
        problems.push({
          severity: 'error',
          place: source.place(['fields', attribute], 'key'),
          message: `"${attribute}" has no field`,
          expected: "the name of a field, or a map; null removes a preset's",
          fix: 'write the field, or remove the line',
        });
      continue;
    }
    const base = preset && Object.hasOwn(preset.fields, attribute) ? preset.fields[attribute] : undefined;
    const read = readField(
      overlay(form, base),
      { source, neighbours, problems },
      ['fields', attribute],
      false,
    );
    if (read) fields[attribute] = read;
  }
  if (Object.keys(fields).length === 0 && problems.length === 0)
    problems.push({
      severity: 'error',
      place: source.place(['fields'], 'key'),
      message: 'this mapping maps no attribute',
      fix: 'add fields, or a preset',
    });
  if (problems.length > 0 || object === undefined || entity === undefined) return { problems };
  return {
    problems,
    spec: {
      name: source.file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, ''),
      file: source.file,
      connection: data.connection,
      object,
      entity,
      ...(data.preset === undefined ? {} : { preset: data.preset }),
      fields,
      ...(data.where === undefined ? {} : { where: filterOf(data.where) }),
      ...(data.onCreate === undefined ? {} : { onCreate: data.onCreate }),
      places: {
        file: source.place([]),
        connection: source.place(['connection']),
        object: source.place(data.object === undefined ? ['preset'] : ['object']),
        entity: source.place(data.entity === undefined ? ['preset'] : ['entity']),
        ...(data.where === undefined
          ? {}
          : {
              where: { all: source.place(['where'], 'key'), fields: keyPlaces(source, 'where', data.where) },
            }),
        ...(data.onCreate === undefined ? {} : { onCreate: keyPlaces(source, 'onCreate', data.onCreate) }),
      },
    },
  };
}

const keyPlaces = (source: Source, part: string, map: Record<string, unknown>): Record<string, Place> =>
  Object.fromEntries(Object.keys(map).map((field) => [field, source.place([part, field], 'key')]));

/** `contact` may be meant as Salesforce's or as HubSpot's. */
function meantPreset(written: string): string | undefined {
  const names = Object.keys(PRESETS);
  const same = names.filter((preset) => preset.split('/')[1] === written.toLowerCase());
  if (same.length === 0) return didYouMean(written, names);
  return `did you mean ${same.map((preset) => `"${preset}"`).join(' or ')}?`;
}

const fixOf = (fix: string | undefined) => (fix === undefined ? {} : { fix });

/** A map that names no field of its own changes the preset's entry instead of replacing it. */
function overlay(form: string | FieldMap, base: string | FieldMap | undefined): string | FieldMap {
  if (
    typeof form === 'string' ||
    base === undefined ||
    form.field !== undefined ||
    typeof form.in === 'string'
  )
    return form;
  return { ...(typeof base === 'string' ? { field: base } : base), ...form };
}

interface Reading {
  source: Source;
  neighbours: Neighbours;
  problems: ConfigProblem[];
}

/** `{ file: stages.csv }` names a file of values; a list of values seldom has a value called "file" alone. */
function asValueFile(values: NonNullable<FieldMap['values']>): ValueFile | undefined {
  const { file, from, to, ...others } = values;
  if (typeof file !== 'string' || !/\.csv$/i.test(file) || Object.keys(others).length > 0) return undefined;
  return {
    file,
    ...(from === undefined ? {} : { from: String(from) }),
    ...(to === undefined ? {} : { to: String(to) }),
  };
}

/** Checks one entry as a whole, its transforms and its expressions. */
function readField(
  form: string | FieldMap,
  { source, neighbours, problems }: Reading,
  at: Path,
  fromPreset: boolean,
): FieldSpec | undefined {
  const place = source.place(at, fromPreset ? 'value' : 'key');
  if (typeof form === 'string') return { field: form, direction: 'both', fromPreset, place };
  const attribute = String(at.at(-1));
  const before = problems.length;
  const wrong = (key: string, message: string, fix: string, expected?: string) =>
    problems.push({
      severity: 'error',
      place: source.place([...at, key]),
      message,
      ...(expected === undefined ? {} : { expected }),
      fix,
    });

  const reading = typeof form.in === 'string';
  const direction =
    form.direction ??
    (form.field === undefined || (form.out === undefined && readsOneWay(form.in)) ? 'in' : 'both');
  if (form.field === undefined && !reading)
    wrong('field', `"${attribute}" names no field`, 'add field', 'field, or in with a JSONata expression');
  else if (form.field === undefined && (direction !== 'in' || form.out !== undefined))
    wrong(
      form.out === undefined ? 'direction' : 'out',
      `"${attribute}" has no field to write to`,
      'add field',
    );
  else if (form.out !== undefined && direction === 'in')
    wrong('out', '"out" is never used, because the direction is in', 'remove out, or write direction: both');
  else if (form.in !== undefined && direction === 'out')
    wrong('in', '"in" is never used, because the direction is out', 'remove in, or write direction: both');
  if (form.reference !== undefined && (form.in ?? form.out ?? form.values) !== undefined)
    wrong('reference', 'a reference is an id: it takes no in, out or values', 'remove them');

  const pipeline = (key: 'in' | 'out'): Pipeline | undefined => {
    const value = form[key];
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return { steps: resolveSteps(value, source, [...at, key], problems) };
    const parsed = parseExpression(value);
    if ('message' in parsed) problems.push(expressionProblem(parsed, value, source.place([...at, key])));
    else if (form.field !== undefined && form.field !== value && TRANSFORMS.has(value))
      wrong(
        key,
        `${key}: ${value} is an expression that reads a field called "${value}"`,
        `for the transform write ${key}: [${value}]; for the field write "$.${value}"`,
        'a list of transforms, or one JSONata expression',
      );
    return { expression: value };
  };
  const fromFile = form.values && asValueFile(form.values);
  const values = fromFile
    ? readValueFile(fromFile, source, [...at, 'values'], neighbours, problems)
    : form.values;
  const incoming = pipeline('in');
  const outgoing = pipeline('out');
  if (problems.length > before) return undefined;
  return {
    ...(form.field === undefined ? {} : { field: form.field }),
    direction,
    ...(incoming ? { in: incoming } : {}),
    ...(outgoing ? { out: outgoing } : {}),
    ...(values ? { values } : {}),
    ...(form.reference === undefined ? {} : { reference: form.reference }),
    fromPreset,
    place,
  };
}

/** An expression, or a transform that loses what writing would need. Wrong steps are told of elsewhere. */
function readsOneWay(form: FieldMap['in']): boolean {
  if (form === undefined || typeof form === 'string') return typeof form === 'string';
  return form.some((step) => {
    const [name, value] =
      typeof step === 'string' ? [step, undefined] : (Object.entries(step as object)[0] ?? []);
    const transform = TRANSFORMS.get(String(name));
    const args = transform && stepArgs(transform, value);
    return transform?.args.safeParse(args).success === true && (transform.oneWay?.(args) ?? false);
  });
}
