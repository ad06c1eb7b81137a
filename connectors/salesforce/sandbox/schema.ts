/** What an sObject is made of. `describe` is drawn from it, and writes are checked against it. */
export type SfType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'email'
  | 'phone'
  | 'url'
  | 'picklist'
  | 'multipicklist'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'reference'
  | 'address';

export interface FieldSpec {
  name: string;
  label: string;
  type: SfType;
  /** Longest text, in UTF-16 code units. */
  length?: number;
  /** Digits after the point that are kept. */
  scale?: number;
  required?: boolean;
  readOnly?: boolean;
  unique?: boolean;
  externalId?: boolean;
  options?: string[];
  /** Values that are not among `options` are refused. */
  restricted?: boolean;
  referenceTo?: string[];
  relationshipName?: string;
  /** Computed on read, never stored: 'name' joins first and last name, 'address' gathers Mailing… or Billing…. */
  computed?: 'name' | { address: string };
}

export interface ObjectSpec {
  name: string;
  label: string;
  labelPlural: string;
  prefix: string;
  /** By lower-case name: SOQL and describe do not care about case. */
  fields: Map<string, FieldSpec>;
  /** Has IsDeleted, and delete only marks a record. */
  softDelete: boolean;
  merges: boolean;
  /** As an administrator made them. */
  recordTypes?: { id: string; name: string }[];
  /** What the API's user may not do with it. */
  forbidden?: ReadonlySet<'create' | 'update' | 'delete'>;
}

export const field = (
  type: SfType,
  name: string,
  label: string,
  detail: Omit<FieldSpec, 'name' | 'label' | 'type'> = {},
): FieldSpec => ({ type, name, label, ...detail });

export const text = (name: string, label: string, length: number, detail: Partial<FieldSpec> = {}) =>
  field('string', name, label, { length, ...detail });

export const reference = (name: string, label: string, target: string, detail: Partial<FieldSpec> = {}) =>
  field('reference', name, label, {
    length: 18,
    referenceTo: [target],
    relationshipName: name.replace(/Id$/, ''),
    ...detail,
  });

/** Fields that every object has and nobody writes. */
function systemFields(softDelete: boolean): FieldSpec[] {
  const readOnly = { readOnly: true };
  return [
    field('id', 'Id', 'Record ID', { length: 18, readOnly: true }),
    ...(softDelete ? [field('boolean', 'IsDeleted', 'Deleted', readOnly)] : []),
    field('datetime', 'CreatedDate', 'Created Date', readOnly),
    reference('CreatedById', 'Created By ID', 'User', readOnly),
    field('datetime', 'LastModifiedDate', 'Last Modified Date', readOnly),
    reference('LastModifiedById', 'Last Modified By ID', 'User', readOnly),
    field('datetime', 'SystemModstamp', 'System Modstamp', readOnly),
  ];
}

export function object(
  name: string,
  prefix: string,
  fields: FieldSpec[],
  detail: { label?: string; merges?: boolean; softDelete?: boolean } = {},
): ObjectSpec {
  const softDelete = detail.softDelete ?? true;
  const merges = detail.merges ?? false;
  const master = merges ? [reference('MasterRecordId', 'Master Record ID', name, { readOnly: true })] : [];
  const label = detail.label ?? name;
  return {
    name,
    label,
    labelPlural: label.endsWith('y') ? `${label.slice(0, -1)}ies` : `${label}s`,
    prefix,
    softDelete,
    merges,
    fields: new Map(
      [...systemFields(softDelete), ...master, ...fields].map((f) => [f.name.toLowerCase(), f]),
    ),
  };
}
