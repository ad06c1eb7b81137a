import type { Field } from '../connectors/contract.ts';
import { isEmpty, sameValue, type Value } from '../core/model/value.ts';
import { checkCurrencies } from './checkCurrency.ts';
import { checkOwners, type People } from './checkOwners.ts';
import { checkPartners } from './checkPartners.ts';
import { quote } from './fields.ts';
import type { Finding, FindingKind } from './finding.ts';
import { outgoing } from './pipeline.ts';
import { at, countOf, nameOf, type Sampled, type Tally, tally } from './sampled.ts';
import type { Misfit } from './transforms/define.ts';

/** What the values of one tool's real records meet in another. */
export interface Across {
  findings: Finding[];
  /** By `weighedKey`: how many records were looked at for it, whether or not one was found. */
  weighed: Map<string, number>;
}

export const weighedKey = (mapping: string, kind: FindingKind, attribute: string): string =>
  `${mapping} ${kind} ${attribute}`;

const KINDS: Record<Misfit, FindingKind> = {
  'too-long': 'too-long',
  empty: 'required-empty',
  'not-an-option': 'option-no-partner',
  'not-in-values': 'option-no-partner',
};

interface Meeting {
  kind: FindingKind;
  attribute: string;
}

/** Everything that `from` shows, written to `to` in thought, and read back from there. */
export async function checkAcross(from: Sampled, to: Sampled, people: People = new Map()): Promise<Across> {
  const found: Across = {
    findings: [
      ...(await checkPartners(from, to)),
      ...(await checkOwners(from, to, people)),
      ...checkCurrencies(from, to),
    ],
    weighed: new Map(),
  };
  const attributes = to.mapping.writeAttributes
    .map(({ attribute }) => attribute)
    .filter((name) => from.mapping.readAttributes.includes(name));
  const met = new Map<string, Tally & Meeting>();
  const meet = (kind: FindingKind, attribute: string, example: () => string): Tally => {
    const key = `${kind} ${attribute}`;
    const one = tally(met, key, example) as Tally & Meeting;
    return Object.assign(one, { kind, attribute });
  };
  const ways = waysOf(to);
  for (const record of from.records) {
    const { id, values } = record;
    const { fields, problems } = await to.mapping.out(values, attributes, () => undefined);
    for (const { attribute, field, found: value, message, misfit } of problems) {
      const kind = misfit === undefined ? 'refused' : KINDS[misfit];
      // Options are told value by value, and what is empty matters only to a create.
      if (kind === 'option-no-partner') continue;
      if (kind === 'required-empty' && (!to.creates || Object.hasOwn(to.spec.onCreate ?? {}, field ?? '')))
        continue;
      const one = meet(kind, attribute, () =>
        kind === 'required-empty' ? id : `${id}: ${quote(value)} ${message}`,
      );
      one.longest = Math.max(one.longest, String(values[attribute] ?? '').length);
    }
    for (const attribute of attributes) {
      const value = values[attribute];
      if (Array.isArray(value) && value.length > 1 && to.spec.fields[attribute] && takesOne(to, attribute))
        meet('type', attribute, () => `${id}: ${quote(value)}`);
    }
    const back = await to.mapping.in(fields);
    for (const [attribute, { field, cuts }] of ways) {
      const value = values[attribute];
      if (isEmpty(value) || isEmpty(fields[field.name] as Value)) continue;
      const kept = back.values[attribute];
      if (sameValue(value, kept) && !rounded(value, field)) continue;
      meet(cuts ? 'cut' : 'lossy', attribute, () => `${id}: ${quote(value)} would become ${quote(kept)}`);
    }
  }
  for (const { attribute } of to.mapping.writeAttributes)
    for (const kind of ['too-long', 'required-empty'] as const)
      if (attributes.includes(attribute))
        found.weighed.set(weighedKey(to.spec.name, kind, attribute), from.records.length);
  for (const one of met.values()) found.findings.push(told(one, from, to));
  return found;
}

interface Way {
  field: Field;
  /** The mapping cuts it, by its own declaration. */
  cuts: boolean;
}

/** Attributes that `to` writes and reads back by the same field alone. */
function waysOf({ spec, stream, mapping }: Sampled): Map<string, Way> {
  const fields = new Map(stream.fields.map((field) => [field.name, field]));
  const ways = new Map<string, Way>();
  for (const [attribute, entry] of Object.entries(spec.fields)) {
    const field = entry.field === undefined ? undefined : fields.get(entry.field);
    const type = mapping.entity.attributes[attribute]?.type;
    if (!field || entry.direction !== 'both' || type === undefined || type === 'reference') continue;
    // Options are told value by value, and a label is as good as its value.
    if (
      field.owner ||
      field.type === 'option' ||
      field.type === 'options' ||
      (entry.in && 'expression' in entry.in)
    )
      continue;
    const out = outgoing(entry);
    const cuts =
      out !== undefined && 'steps' in out && out.steps.some(({ transform }) => transform === 'truncate');
    ways.set(attribute, { field, cuts });
  }
  return ways;
}

/** A field of one option; text takes several as one. */
const takesOne = ({ spec, stream }: Sampled, attribute: string): boolean =>
  stream.fields.some(({ name, type }) => name === spec.fields[attribute]!.field && type === 'option');

/** The tool keeps fewer digits than the value has. */
const rounded = (value: Value, { decimals }: Field): boolean =>
  typeof value === 'number' && decimals !== undefined && Number(value.toFixed(decimals)) !== value;

function told(one: Tally & Meeting, from: Sampled, to: Sampled): Finding {
  const { kind, attribute, count, longest, example } = one;
  const of = from.records.length;
  const field = to.spec.fields[attribute]!.field!;
  const of_ = countOf(count, of, from);
  const about = { kind, count, of, example };
  switch (kind) {
    case 'too-long': {
      const { length } = to.stream.fields.find(({ name }) => name === field)!;
      return at(to, attribute, {
        ...about,
        severity: 'warning',
        message: `${field} takes ${length} characters, and ${attribute} of ${of_} is longer (up to ${longest}): it is held back`,
        fix: `add out: [{ truncate: ${length} }], or make the field longer`,
      });
    }
    case 'cut':
      return at(to, attribute, {
        ...about,
        severity: 'info',
        message: `${attribute} of ${of_} is cut to fit ${field}, as out says`,
        fix: 'make the field longer, and truncate by less',
      });
    case 'required-empty':
      return at(to, attribute, {
        ...about,
        severity: 'warning',
        message: `${nameOf(to)} cannot be created without ${field}, and ${of_} would leave it empty`,
        fix: 'add out: [{ default: … }]',
      });
    case 'type':
      return at(to, attribute, {
        ...about,
        severity: 'warning',
        message: `${field} takes one option, and ${attribute} of ${of_} has several: it is held back`,
        fix: 'map a field of several options, or write direction: in',
      });
    case 'lossy':
      return at(to, attribute, {
        ...about,
        severity: 'warning',
        message: `${field} does not hold ${attribute} of ${of_} as it is`,
        fix: 'map a field of a type that holds it, or write direction: in',
      });
    default:
      return at(to, attribute, {
        ...about,
        severity: 'warning',
        message: `${field} would refuse ${attribute} of ${of_}: it is held back`,
        fix: 'add out with a transform, or write direction: in',
      });
  }
}
