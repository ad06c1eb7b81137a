import type { FieldSpec, ObjectSpec, SfType } from './schema.ts';

const SOAP: Partial<Record<SfType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  address: 'urn:address',
};

export function describeField(spec: FieldSpec) {
  const writable = spec.readOnly !== true;
  const numeric = ['double', 'currency', 'percent'].includes(spec.type);
  return {
    name: spec.name,
    label: spec.label,
    type: spec.type,
    soapType: SOAP[spec.type] ?? 'xsd:string',
    length: spec.length ?? 0,
    byteLength: (spec.length ?? 0) * 3,
    precision: numeric ? 18 : 0,
    digits: spec.type === 'int' ? 8 : 0,
    scale: spec.scale ?? 0,
    nillable: spec.required !== true && spec.type !== 'boolean' && spec.type !== 'id',
    createable: writable,
    updateable: writable,
    defaultedOnCreate: spec.type === 'boolean' || spec.type === 'id' || spec.name === 'OwnerId',
    unique: spec.unique ?? false,
    externalId: spec.externalId ?? false,
    idLookup: spec.type === 'id' || (spec.externalId ?? false) || spec.name === 'Email',
    custom: spec.name.endsWith('__c'),
    calculated: false,
    caseSensitive: false,
    filterable: spec.type !== 'address' && (spec.length ?? 0) <= 4000,
    sortable: spec.type !== 'address' && (spec.length ?? 0) <= 4000,
    groupable: !numeric && spec.type !== 'datetime',
    nameField: spec.name === 'Name',
    restrictedPicklist: spec.restricted ?? false,
    picklistValues: (spec.options ?? []).map((value) => ({
      value,
      label: value,
      active: true,
      defaultValue: false,
      validFor: null,
    })),
    referenceTo: spec.referenceTo ?? [],
    relationshipName: spec.relationshipName ?? null,
  };
}

export function describeSummary(spec: ObjectSpec, base: string) {
  const standing = `${base}/sobjects/${spec.name}`;
  return {
    name: spec.name,
    label: spec.label,
    labelPlural: spec.labelPlural,
    keyPrefix: spec.prefix,
    custom: spec.name.endsWith('__c'),
    customSetting: false,
    activateable: false,
    createable: spec.forbidden?.has('create') !== true,
    updateable: spec.forbidden?.has('update') !== true,
    deletable: spec.softDelete && spec.forbidden?.has('delete') !== true,
    undeletable: spec.softDelete,
    mergeable: spec.merges,
    queryable: true,
    retrieveable: true,
    searchable: true,
    replicateable: true,
    triggerable: true,
    urls: {
      sobject: standing,
      describe: `${standing}/describe`,
      rowTemplate: `${standing}/{ID}`,
    },
  };
}

/** Every object has the master beside its own: the record type of those that have none. */
const recordTypeInfos = ({ recordTypes = [] }: ObjectSpec) =>
  [...recordTypes, { id: '012000000000000AAA', name: 'Master' }].map(({ id, name }) => ({
    recordTypeId: id,
    name,
    developerName: name.replace(/\W+/g, '_'),
    active: true,
    available: true,
    master: name === 'Master',
    defaultRecordTypeMapping: name === (recordTypes[0]?.name ?? 'Master'),
  }));

export function describeObject(spec: ObjectSpec, base: string) {
  return {
    ...describeSummary(spec, base),
    fields: [...spec.fields.values()].map(describeField),
    childRelationships: [],
    recordTypeInfos: recordTypeInfos(spec),
  };
}
