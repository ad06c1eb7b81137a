import type { MappingSpec } from '../../mappings/spec.ts';
import type { Reported } from './mappings.ts';

export interface MappingCheck {
  name: string;
  connection: string;
  object: string;
  fields: number;
  errors: number;
  warnings: number;
  /** 0 to 100: the share of its fields, and of what stands beside them, that fits. */
  score: number;
}

const FITS = { error: 0, warning: 0.5, info: 1 } as const;

/**
 * A mapping's score: each field that it names counts one, and so does each thing beside the fields that something was found
 * of (creating, permissions, matching); what has a warning counts half, what has an error nothing.
 */
export function scoreOf(spec: MappingSpec, findings: readonly Reported[], reached: boolean): MappingCheck {
  const own = findings.filter(({ mapping }) => mapping === spec.name);
  const units = new Map(Object.keys(spec.fields).map((attribute) => [attribute, 1]));
  for (const { attribute, kind, field, severity } of own) {
    const unit = attribute ?? `${kind} ${field ?? ''}`;
    units.set(unit, Math.min(units.get(unit) ?? 1, FITS[severity]));
  }
  const sum = [...units.values()].reduce((total, each) => total + each, 0);
  const gone = own.some(({ kind }) => kind === 'object-missing' || kind === 'object-unreadable');
  const count = (severity: string) => own.filter((finding) => finding.severity === severity).length;
  return {
    name: spec.name,
    connection: spec.connection,
    object: spec.object,
    fields: Object.keys(spec.fields).length,
    errors: count('error'),
    warnings: count('warning'),
    score: reached && !gone ? Math.round((100 * sum) / units.size) : 0,
  };
}

/** Of all mappings, each by the number of its fields. */
export function totalScore(mappings: readonly MappingCheck[]): number {
  const fields = mappings.reduce((sum, mapping) => sum + mapping.fields, 0);
  return fields === 0
    ? 0
    : Math.round(mappings.reduce((sum, { score, fields: own }) => sum + score * own, 0) / fields);
}
