import type { Field, Stream } from '../connectors/contract.ts';
import { fieldsThere } from './absent.ts';
import type { Finding } from './finding.ts';
import { nearest } from './nearest.ts';

/** A line that nobody wrote, but a preset brought. */
export interface PresetLine {
  /** The object is only read: nobody expects a file of one's own to have every column that there could be. */
  readOnly: boolean;
}

/** A field that the tool does not show, with the nearest spelling of a name or label. */
export function missingField(
  name: string,
  known: ReadonlyMap<string, Field>,
  file: Stream['file'],
  preset?: PresetLine,
): Finding {
  const about = { kind: 'field-missing' as const, field: name };
  const message = file
    ? `no column "${name}" in ${file.name}`
    : `the tool has no field "${name}", or this user may not see it`;
  if (preset)
    return {
      ...about,
      severity: preset.readOnly ? 'info' : 'warning',
      message: `${message}; the preset’s line is ignored`,
      fix: `${file ? 'add the column' : 'create the field'}, or write null to leave it out`,
    };
  const byLabel = [...known.values()].find(({ label }) => label.toLowerCase() === name.toLowerCase())?.name;
  const guess = byLabel ?? nearest(name, known.keys());
  const meant = guess === undefined ? undefined : `did you mean "${guess}"?`;
  if (!file)
    return {
      ...about,
      severity: 'error',
      message,
      fix: meant ?? 'check the name and the field’s permissions',
    };
  const doubled = file.twice.find((one) => guess === one || guess?.startsWith(`${one} (`));
  return {
    ...about,
    severity: 'error',
    message: `${message}; it has ${fieldsThere([...known.values()])}`,
    fix:
      doubled === undefined
        ? (meant ?? 'correct the name, or add the column')
        : `"${doubled}" stands twice in the header: give the columns two names`,
  };
}
