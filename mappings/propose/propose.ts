import type { Field, Fields, Stream } from '../../connectors/contract.ts';
import type { AttributeType, Entity } from '../../core/model/entity.ts';
import type { Locale } from '../canonical.ts';
import type { Preset, PresetField } from '../presets/preset.ts';
import { fits, isProven, sharedType, shown } from './fit.ts';
import { attributeName, isCalled, sameName } from './names.ts';

/** A line of a mapping file; null takes the preset's away. */
export type Line = string | PresetField | null;

/** One tool's part of an entity: its preset, and the object as it really is. */
export interface Side {
  mapping: string;
  preset: Preset;
  stream: Stream;
  records: readonly { fields: Fields }[];
}

export interface Proposal {
  /** By mapping and attribute: what is added to the preset. */
  lines: Map<string, Map<string, Line>>;
  /** Attributes that the entity gets beside its own. */
  attributes: Map<string, AttributeType>;
}

/**
 * A mapping for the tools of one entity, from the names, the types and the sampled values of their fields: presets fitted to the
 * accounts, the entity's other attributes where two tools have them, and fields of the customer's own that both have.
 */
export function propose(entity: Entity, sides: readonly Side[], locale: Locale): Proposal {
  const proposal: Proposal = {
    lines: new Map(sides.map((side) => [side.mapping, fitted(side)])),
    attributes: new Map(),
  };
  const used = new Map(
    sides.map((side) => [side.mapping, usedFields(side, proposal.lines.get(side.mapping)!)]),
  );
  const free = (side: Side) =>
    side.stream.fields.filter(
      (field) =>
        field.writable &&
        !field.unique &&
        !field.owner &&
        field.type !== 'reference' &&
        !used.get(side.mapping)!.has(field.name),
    );
  const take = (side: Side, attribute: string, field: Field, line: Line) => {
    proposal.lines.get(side.mapping)!.set(attribute, line);
    used.get(side.mapping)!.add(field.name);
  };

  for (const [attribute, { type, label }] of Object.entries(entity.attributes)) {
    if (type === 'reference') continue;
    const missing = sides.filter((side) => !has(side, proposal, attribute));
    const found = missing.flatMap((side) => {
      const of = (field: Field) => shown(field, side.records);
      const candidates = free(side).filter((field) => fits(type, field, of(field), locale));
      const field =
        candidates.find((one) => isCalled(attribute, label, one)) ??
        candidates.find((one) => isProven(type, one, of(one), locale));
      return field ? [{ side, field }] : [];
    });
    // What one tool alone knows gains nothing by being kept.
    const known = sides.length - missing.length;
    if (found.length === 0 || (sides.length > 1 && known + found.length < 2)) continue;
    for (const { side, field } of found) take(side, attribute, field, lineFor(type, field));
  }

  const [first, ...others] = sides;
  for (const field of first ? free(first) : []) {
    const partners = others.flatMap((side) => {
      const partner = free(side).find((one) => isOwn(field, one) && sameName(field, one));
      return partner ? [{ side, field: partner }] : [];
    });
    const name = attributeName(field);
    if (partners.length === 0 || name === undefined || Object.hasOwn(entity.attributes, name)) continue;
    const type = sharedType(
      { field, values: shown(field, first!.records) },
      { field: partners[0]!.field, values: shown(partners[0]!.field, partners[0]!.side.records) },
      locale,
    );
    if (type === undefined || proposal.attributes.has(name)) continue;
    proposal.attributes.set(name, type);
    for (const { side, field: own } of [{ side: first!, field }, ...partners.slice(0, 1)])
      take(side, name, own, own.name);
  }
  return proposal;
}

/** A field that a customer made, where its name tells: a standard one that happens to be called the same is not meant. */
const isOwn = (...fields: readonly Field[]): boolean => fields.some(({ name }) => /__c$/i.test(name));

const lineFor = (type: AttributeType, field: Field): Line =>
  (type === 'email' || type === 'phone') && field.type === 'text'
    ? { field: field.name, in: [type] }
    : field.name;

/** What the account lacks of a preset is taken away, and what this user may only read is only read. */
function fitted({ preset, stream }: Side): Map<string, Line> {
  const lines = new Map<string, Line>();
  const fields = new Map(stream.fields.map((field) => [field.name, field]));
  for (const [attribute, form] of Object.entries(preset.fields)) {
    const { field: name, direction, in: reading } = typeof form === 'string' ? { field: form } : form;
    const field = name === undefined ? undefined : fields.get(name);
    if (name === undefined || stream.open) continue;
    if (!field) lines.set(attribute, null);
    else if (!field.writable && direction !== 'in')
      lines.set(attribute, {
        field: name,
        direction: 'in',
        ...(reading === undefined ? {} : { in: reading }),
      });
  }
  return lines;
}

function usedFields({ preset }: Side, lines: ReadonlyMap<string, Line>): Set<string> {
  const names = new Set<string>();
  for (const [attribute, form] of Object.entries(preset.fields)) {
    const line = lines.has(attribute) ? lines.get(attribute)! : form;
    const name = typeof line === 'string' ? line : line?.field;
    if (name !== undefined) names.add(name);
  }
  return names;
}

const has = ({ preset, mapping }: Side, { lines }: Proposal, attribute: string): boolean => {
  const own = lines.get(mapping)!;
  return own.has(attribute) ? own.get(attribute) !== null : Object.hasOwn(preset.fields, attribute);
};
