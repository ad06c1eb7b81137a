import type { Stream } from '../../connectors/contract.ts';
import type { Finding } from '../finding.ts';
import { outgoing } from '../pipeline.ts';
import { NOT_PROVIDED, type Preset, type PresetField } from '../presets/preset.ts';
import type { MappingSpec } from '../spec.ts';
import type { Line, Proposal } from './propose.ts';

/** How a sync uses a mapping, where its tool does not allow all of it. */
export interface Use {
  mode: 'both' | 'read';
  create: boolean;
}

/** A finding of the report on a proposed mapping, with what the mapping says there. */
export interface Flaw {
  finding: Pick<Finding, 'kind' | 'severity' | 'attribute' | 'field'>;
  spec: MappingSpec;
  preset: Preset;
  stream: Stream;
}

/** What the tool would not take back as it is: the attribute is then read from it, and never written. */
const ONE_WAY: ReadonlySet<Finding['kind']> = new Set([
  'field-read-only',
  'unstable',
  'option-no-partner',
  'option-unknown',
  'refused',
  'lossy',
  'type',
  'owner',
]);

/** Changes a proposal so that the finding is none any more. false: nothing is known to do. */
export function mend(proposal: Proposal, uses: Map<string, Use>, flaw: Flaw): boolean {
  const { finding, spec, preset } = flaw;
  if (finding.severity === 'info') return false;
  const lines = proposal.lines.get(spec.name)!;
  const { attribute } = finding;
  if (attribute === undefined) return restrict(uses, flaw);
  if (lines.has(attribute) && !Object.hasOwn(preset.fields, attribute)) {
    // Of its own invention it insists on nothing.
    for (const own of proposal.lines.values()) own.delete(attribute);
    proposal.attributes.delete(attribute);
    return true;
  }
  const line = mended(flaw, attribute);
  if (line === undefined) return false;
  lines.set(attribute, line);
  return true;
}

function mended({ finding, spec, stream }: Flaw, attribute: string): Line | undefined {
  const entry = spec.fields[attribute];
  if (!entry || entry.field === undefined) return undefined;
  const field = stream.fields.find(({ name }) => name === entry.field);
  if (finding.kind === 'field-missing' || !field) return null;
  const { direction } = entry;
  const base: PresetField = {
    field: entry.field,
    ...(entry.reference === undefined ? {} : { reference: entry.reference }),
    ...(entry.values === undefined ? {} : { values: entry.values as NonNullable<PresetField['values']> }),
    ...(entry.in === undefined || direction === 'out' ? {} : { in: formOf(entry.in) }),
  };
  if (finding.kind === 'reference-unsynced' || finding.kind === 'reference-target') return null;
  if (ONE_WAY.has(finding.kind)) return direction === 'in' ? null : { ...base, direction: 'in' };
  const steps = outgoing(entry);
  if (steps && 'expression' in steps) return undefined;
  const out = steps ? formOf(steps) : [];
  if (typeof out === 'string') return undefined;
  if (finding.kind === 'too-long' && field.length !== undefined)
    return { ...base, ...directed(direction), out: [...out, { truncate: field.length }] };
  if (finding.kind === 'required-empty' && field.type === 'text')
    return { ...base, ...directed(direction), out: [...out, { default: NOT_PROVIDED }] };
  return undefined;
}

const directed = (direction: 'both' | 'in' | 'out') => (direction === 'both' ? {} : { direction });

const formOf = (
  pipeline: NonNullable<MappingSpec['fields'][string]['in']>,
): NonNullable<PresetField['in']> =>
  'expression' in pipeline
    ? pipeline.expression
    : pipeline.steps.map(({ transform, args }) =>
        Object.keys(args as object).length === 0 ? transform : { [transform]: args },
      );

/** What concerns the object as a whole is answered by the sync: nothing is created, or nothing is written. */
function restrict(uses: Map<string, Use>, { finding, spec, stream }: Flaw): boolean {
  const use = uses.get(spec.name)!;
  const creates =
    finding.kind === 'required-unfilled' || (finding.kind === 'permission' && canUpdate(stream));
  if (creates && use.create) uses.set(spec.name, { ...use, create: false });
  else if ((finding.kind === 'permission' || finding.kind === 'object-unwritable') && use.mode === 'both')
    uses.set(spec.name, { mode: 'read', create: false });
  else return false;
  return true;
}

const canUpdate = ({ write }: Stream): boolean => write !== false && write.ops.includes('update');
