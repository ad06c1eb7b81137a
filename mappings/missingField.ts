import type { Field } from '../connectors/contract.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';

/** A line that nobody wrote, but a preset brought. */
export interface PresetLine {
  /** The object is only read: nobody expects a file of one's own to have every column that there could be. */
  readOnly: boolean;
}

/** A field that the tool does not show, with the nearest spelling of a name or label. */
export function missingField(name: string, known: ReadonlyMap<string, Field>, preset?: PresetLine): Finding {
  const byLabel = [...known.values()].find(({ label }) => label.toLowerCase() === name.toLowerCase())?.name;
  const guess = byLabel ?? nearest(name, known.keys());
  const about = { kind: 'field-missing' as const, field: name };
  const message = `the tool has no field "${name}", or this user may not see it`;
  if (preset)
    return {
      ...about,
      severity: preset.readOnly ? 'info' : 'warning',
      message: `${message}; the preset’s line is ignored`,
      fix: 'create the field, or write null to leave it out',
    };
  return {
    ...about,
    severity: 'error',
    message,
    fix: guess === undefined ? 'check the name and the field’s permissions' : `did you mean "${guess}"?`,
  };
}
