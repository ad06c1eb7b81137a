import type { Field, Stream } from '../connectors/contract.ts';
import type { AttributeType, Entity } from '../core/model/entity.ts';
import { fieldsThere, mapsNothing, readsBeside } from './absent.ts';
import type { Locale } from './canonical.ts';
import { checkLane } from './checkField.ts';
import { checkOnCreate } from './checkOnCreate.ts';
import { checkWhere } from './checkWhere.ts';
import type { Finding } from './finding.ts';
import { missingField, type PresetLine } from './missingField.ts';
import { nearest } from './nearest.ts';
import { outgoing } from './pipeline.ts';
import { list } from './problem.ts';
import type { FieldSpec, MappingSpec } from './spec.ts';
import { unwritableFix, writesFields } from './unwritable.ts';

export interface CheckContext {
  entity: Entity;
  /** The live schema; undefined: the tool has no such object. */
  stream: Stream | undefined;
  /** All objects of the tool, where known, for the nearest right name. */
  objects?: string[];
  /** May the hub create records here? */
  create: boolean;
  /** Is the mapping used for writing at all? */
  write: boolean;
  /** Records of it arrive by themselves: a stream that cannot be asked is read all the same. */
  pushed?: boolean;
  /** Of the hub: where numbers without a country and times without a zone are from. */
  locale: Locale;
  objectOf(entity: string): string | undefined;
}

/** Compares a mapping with the tool's live schema. In the order of the file, errors of the object first. */
export function checkMapping(spec: MappingSpec, context: CheckContext): Finding[] {
  const { stream } = context;
  if (!stream) {
    const guess = nearest(spec.object, context.objects ?? []);
    return [
      {
        kind: 'object-missing',
        severity: 'error',
        message: `the tool has no object "${spec.object}", or this user may not see it`,
        fix:
          guess === undefined
            ? 'check the name and the permissions of the connection’s user'
            : `did you mean "${guess}"?`,
        place: spec.places.object,
      },
    ];
  }
  const findings: Finding[] = [];
  const byName = new Map(stream.fields.map((field) => [field.name, field]));
  if (
    stream.read === false &&
    !context.pushed &&
    Object.values(spec.fields).some(({ direction }) => direction !== 'out')
  )
    findings.push({
      kind: 'object-unreadable',
      // A sync that only reads it could not begin.
      severity: context.write ? 'warning' : 'error',
      message: `${spec.object} cannot be read`,
      fix: context.write
        ? 'write direction: out'
        : 'give the connection’s user the permission to read it, or take it out of the sync',
      place: spec.places.object,
    });
  const writes = context.write && writesFields(spec);
  const unwritable = context.write ? unwritableFix(spec, stream) : undefined;
  if (unwritable !== undefined)
    findings.push({
      kind: 'object-unwritable',
      severity: 'error',
      message: `${spec.object} cannot be written`,
      fix: unwritable,
      place: spec.places.object,
    });
  if (writes && stream.write !== false)
    for (const op of ['create', 'update'] as const)
      if (!stream.write.ops.includes(op) && (op === 'update' || context.create))
        findings.push({
          kind: 'permission',
          severity: 'error',
          message: `the connection’s user may not ${op} ${spec.object}`,
          fix:
            op === 'create'
              ? 'give it the permission to create them, or write create: false in the sync'
              : 'give it the permission to edit them, or use mode: read in the sync',
          place: spec.places.object,
        });
  for (const [attribute, entry] of Object.entries(spec.fields)) {
    const known = Object.hasOwn(context.entity.attributes, attribute)
      ? context.entity.attributes[attribute]
      : undefined;
    if (!known) continue;
    const found = [
      ...(stream.open ? [] : names(entry, byName, context)),
      ...checkField(attribute, known.type, entry, byName, context),
      ...checkReference(spec, entry, known.entity, byName, context),
    ];
    findings.push(...found.map((finding) => ({ attribute, ...finding, place: entry.place })));
  }
  if (!stream.open) findings.push(...nothingMapped(spec, stream.fields));
  findings.push(...checkWhere(spec, stream, byName));
  if (writes && stream.write !== false && context.create)
    findings.push(...checkOnCreate(spec, stream, byName, context), ...checkCreate(spec, stream, byName));
  return findings;
}

/** Lines of a person's own are told of one by one. */
function nothingMapped(spec: MappingSpec, fields: readonly Field[]): Finding[] {
  if (!mapsNothing(spec, fields) || Object.values(spec.fields).some(({ fromPreset }) => !fromPreset))
    return [];
  return [
    {
      kind: 'nothing-mapped',
      severity: 'error',
      message: `${spec.object} has none of the fields that this mapping names; it has ${fieldsThere(fields)}`,
      fix: 'under fields, name for each attribute the field that holds it',
      place: spec.places.object,
    },
  ];
}

function checkField(
  attribute: string,
  type: AttributeType,
  entry: FieldSpec,
  byName: Map<string, Field>,
  context: CheckContext,
): Finding[] {
  if (entry.field === undefined) return [];
  const field = byName.get(entry.field);
  if (!field)
    return context.stream?.open
      ? []
      : [missingField(entry.field, byName, context.stream?.file, presetOf(entry, context))];
  const writes = context.write && entry.direction !== 'in';
  // Of an object that cannot be written at all that is said once.
  if (writes && !field.writable && context.stream?.write !== false)
    return [
      {
        kind: 'field-read-only',
        severity: entry.fromPreset ? 'warning' : 'error',
        field: field.name,
        message: `${field.name} cannot be written by this user; it is only read`,
        fix: 'write direction: in, or give the connection’s user the permission to edit it',
      },
    ];
  return checkLane({ attribute, type, entry, field, writes });
}

const presetOf = ({ fromPreset }: FieldSpec, { stream }: CheckContext): PresetLine | undefined =>
  fromPreset ? { readOnly: stream?.write === false } : undefined;

/** Fields that an expression or a transform names beside its own. */
function names(entry: FieldSpec, byName: Map<string, Field>, context: CheckContext): Finding[] {
  if (entry.direction === 'out') return [];
  return readsBeside(entry)
    .filter((name) => !byName.has(name))
    .map((name) => missingField(name, byName, context.stream?.file, presetOf(entry, context)));
}

function checkReference(
  spec: MappingSpec,
  entry: FieldSpec,
  attributeEntity: string | undefined,
  byName: Map<string, Field>,
  context: CheckContext,
): Finding[] {
  const entity = entry.reference ?? attributeEntity;
  const field = entry.field === undefined ? undefined : byName.get(entry.field);
  if (entity === undefined || !field) return [];
  const target = context.objectOf(entity);
  if (target === undefined)
    return [
      {
        kind: 'reference-unsynced',
        severity: 'warning',
        field: field.name,
        message: `no mapping of ${spec.connection} brings ${entity}, so ${field.name} is left alone`,
        fix: `add a mapping of ${spec.connection} for ${entity} and a sync that uses it`,
      },
    ];
  if (field.type !== 'reference')
    return [
      {
        kind: 'reference-type',
        severity: 'warning',
        field: field.name,
        message: `${field.name} is ${field.type}, not a reference`,
        fix: 'map a field that holds ids',
      },
    ];
  if (field.references && !field.references.includes(target))
    return [
      {
        kind: 'reference-target',
        severity: 'error',
        field: field.name,
        message: `${field.name} points to ${list(field.references)}, and ${entity} is kept in ${target}`,
        fix: `map ${entity} to ${list(field.references)}`,
      },
    ];
  return [];
}

/** Can a record be created, and found again when the answer was lost? */
function checkCreate(spec: MappingSpec, stream: Stream, byName: Map<string, Field>): Finding[] {
  const findings: Finding[] = [];
  const written = new Map(
    Object.entries(spec.fields).flatMap(([attribute, entry]) =>
      entry.field !== undefined && entry.direction !== 'in'
        ? [[entry.field, { attribute, entry }] as const]
        : [],
    ),
  );
  for (const field of stream.fields) {
    if (!field.required || !field.writable || Object.hasOwn(spec.onCreate ?? {}, field.name)) continue;
    const lane = written.get(field.name);
    if (!lane)
      findings.push({
        kind: 'required-unfilled',
        severity: 'error',
        field: field.name,
        message: `${spec.object} cannot be created without ${field.name}, and nothing fills it`,
        fix: `map an attribute to ${field.name}, give it a value in onCreate, or write create: false`,
        place: spec.places.object,
      });
    else if (!fills(lane.entry))
      findings.push({
        kind: 'required-empty',
        severity: 'warning',
        attribute: lane.attribute,
        field: field.name,
        message: `${spec.object} cannot be created while ${lane.attribute} is empty`,
        fix: 'add out: [{ default: … }]',
        place: lane.entry.place,
      });
  }
  if (stream.write !== false && stream.write.ops.includes('create') && stream.write.idempotency !== 'key') {
    const keys = [...written.keys()].filter((name) => byName.get(name)?.unique);
    if (keys.length === 0)
      findings.push({
        kind: 'unique-key',
        severity: 'warning',
        message: `no field that is written to ${spec.object} is unique: a record whose creation was not answered can only be found again by its other values`,
        fix: `make a unique text field for the hub's id (external id in Salesforce, "unique value" in HubSpot)`,
        place: spec.places.object,
      });
  }
  return findings;
}

const fills = (entry: FieldSpec) => {
  const out = outgoing(entry);
  return (
    out !== undefined && ('expression' in out || out.steps.some(({ transform }) => transform === 'default'))
  );
};
