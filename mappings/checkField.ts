import type { Field, FieldType } from '../connectors/contract.ts';
import { type AttributeType, storage } from '../core/model/entity.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';
import { outgoing } from './pipeline.ts';
import { list } from './problem.ts';
import type { FieldSpec } from './spec.ts';

interface Meeting {
  attribute: string;
  type: AttributeType;
  entry: FieldSpec;
  field: Field;
  writes: boolean;
}

/** Lengths below which real values of a kind get cut or refused. */
const USUAL_LENGTH: Partial<Record<AttributeType, number>> = {
  email: 80,
  phone: 20,
  url: 100,
  'given-name': 40,
  'family-name': 40,
  'full-name': 80,
  'company-name': 100,
  street: 100,
  address: 200,
  city: 40,
};

/** One attribute against the field it meets: picklists, lengths, types. */
export function checkLane(meeting: Meeting): Finding[] {
  const findings = [...checkValues(meeting), ...checkLength(meeting), ...checkTypes(meeting)];
  return findings.map((finding) => ({ ...finding, field: meeting.field.name }));
}

function checkValues({ attribute, type, entry, field, writes }: Meeting): Finding[] {
  if (!field.options || field.options.length === 0) return [];
  const options = field.options.map(({ value }) => value);
  if (!entry.values) {
    if (!writes || (type !== 'option' && type !== 'options' && type !== 'text') || entry.out !== undefined)
      return [];
    return [
      {
        kind: 'option-list',
        severity: 'info',
        message: `${field.name} takes only ${list(options)}; other values of ${attribute} are held back`,
        fix: 'add values to say which is which',
      },
    ];
  }
  const findings: Finding[] = [];
  for (const value of Object.keys(entry.values)) {
    if (value === '*' || options.includes(value)) continue;
    const guess = nearest(value, options) ?? field.options.find(({ label }) => label === value)?.value;
    findings.push({
      kind: 'option-unknown',
      severity: entry.fromPreset ? 'warning' : 'error',
      message: `${field.name} has no option "${value}"`,
      fix: guess === undefined ? `one of ${list(options)}` : `did you mean "${guess}"?`,
    });
  }
  const unmapped = options.filter((option) => !Object.hasOwn(entry.values!, option));
  if (entry.direction !== 'out' && unmapped.length > 0 && !Object.hasOwn(entry.values, '*'))
    findings.push({
      kind: 'option-unmapped',
      severity: 'warning',
      message: `values says nothing of ${list(unmapped)}`,
      fix: 'add them, or "*" for every other value',
    });
  return findings;
}

function checkLength({ attribute, type, entry, field, writes }: Meeting): Finding[] {
  const usual = USUAL_LENGTH[type];
  const out = outgoing(entry);
  const cut =
    out !== undefined && 'steps' in out && out.steps.some(({ transform }) => transform === 'truncate');
  if (!writes || field.length === undefined || usual === undefined || field.length >= usual || cut) return [];
  return [
    {
      kind: 'too-long',
      severity: 'warning',
      message: `${field.name} takes ${field.length} characters; a longer ${attribute} is held back`,
      fix: `add out: [{ truncate: ${field.length} }], or make the field longer`,
    },
  ];
}

/** What a field type can hold of a storage type without loss. `text` holds everything. */
const HOLDS: Record<FieldType, readonly string[]> = {
  text: ['string', 'number', 'boolean', 'list', 'date', 'datetime'],
  email: ['string'],
  phone: ['string'],
  url: ['string'],
  number: ['number'],
  boolean: ['boolean'],
  date: ['date'],
  datetime: ['date', 'datetime'],
  option: ['string', 'boolean', 'number'],
  options: ['string', 'list'],
  reference: ['string'],
  json: ['string', 'number', 'boolean', 'list', 'date', 'datetime'],
};

/** Can a field of this type hold an attribute of that one, without a transform and without loss? */
export function holds(field: FieldType, type: AttributeType): boolean {
  return HOLDS[field].includes(type === 'date' || type === 'datetime' ? type : storage(type));
}

function checkTypes({ attribute, type, entry, field, writes }: Meeting): Finding[] {
  const kind = type === 'date' || type === 'datetime' ? type : storage(type);
  if (HOLDS[field.type].includes(kind) || entry.values !== undefined) return [];
  const both = `${attribute} is ${type}, and ${field.name} is ${field.type}`;
  if (writes && entry.out === undefined)
    return [
      {
        kind: 'type',
        severity: 'warning',
        message: `${both}: ${kind === 'datetime' && field.type === 'date' ? 'the time of day is lost' : 'what does not fit is held back'}`,
        fix: 'add out with a transform, or write direction: in',
      },
    ];
  if (
    entry.direction !== 'out' &&
    entry.in === undefined &&
    ['number', 'boolean', 'date', 'datetime'].includes(kind)
  )
    return [
      {
        kind: 'type',
        severity: 'info',
        message: `${both}: what cannot be read as ${type} is left out`,
        fix: 'add in with a transform',
      },
    ];
  return [];
}
