/** A mapping's entries as a preset brings them: the forms of a mapping file, already in plain data. */
export interface Preset {
  label: string;
  object: string;
  entity: string;
  fields: Record<string, string | PresetField>;
}

export interface PresetField {
  field?: string;
  direction?: 'both' | 'in' | 'out';
  in?: string | (string | Record<string, unknown>)[];
  out?: string | (string | Record<string, unknown>)[];
  values?: Record<string, string | number | boolean>;
  reference?: string;
}

/** Written where a tool insists on a value and there is none; read back as empty. Salesforce's own convention. */
export const NOT_PROVIDED = '[not provided]';
