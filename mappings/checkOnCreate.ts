import type { Field, Stream } from '../connectors/contract.ts';
import type { Locale } from './canonical.ts';
import { quote, toField } from './fields.ts';
import type { Finding } from './finding.ts';
import { missingField } from './missingField.ts';
import { list } from './problem.ts';
import type { MappingSpec } from './spec.ts';

/** The constants of `onCreate` against the live schema: one that the tool refuses holds up every record that would be created. */
export function checkOnCreate(
  spec: MappingSpec,
  stream: Stream,
  known: ReadonlyMap<string, Field>,
  { locale }: { locale: Locale },
): Finding[] {
  return Object.entries(spec.onCreate ?? {}).flatMap(([name, value]): Finding[] => {
    const place = spec.places.onCreate?.[name];
    const told = (finding: Omit<Finding, 'severity' | 'place'>): Finding[] => [
      { severity: 'error', field: name, ...finding, ...(place ? { place } : {}) },
    ];
    const field = known.get(name);
    if (!field) return stream.open ? [] : told(missingField(name, known, stream.file));
    if (!field.writable)
      return told({
        kind: 'field-read-only',
        message: `onCreate gives ${name} a value, and this user may not write it`,
        fix: 'remove it from onCreate, or give the connection’s user the permission to edit it',
      });
    if (field.unique)
      return told({
        kind: 'refused',
        message: `${name} is unique, and onCreate gives every new record the same value: only the first one would be created`,
        fix: 'remove it from onCreate, or map an attribute to it',
      });
    const fits = toField(value, field, locale);
    if (fits.ok) return [];
    const shown = `onCreate gives ${name} ${quote(value)}`;
    switch (fits.misfit) {
      case 'not-an-option':
        return told({
          kind: 'option-unknown',
          message: `${shown}, and ${stream.name} has no such option`,
          fix: `write one of ${optionNames(field)}`,
        });
      case 'too-long':
        return told({
          kind: 'too-long',
          message: `${shown}, which has ${String(value).length} characters, and the field takes ${field.length}`,
          fix: `write a text of at most ${field.length} characters, or make the field longer`,
        });
      default:
        return told({
          kind: 'type',
          message: `${shown}, which ${fits.message}`,
          fix: `write ${field.type === 'boolean' ? 'true or false' : `a ${field.type}`}`,
        });
    }
  });
}

/** Ids say nothing to people: a record type is named. */
const optionNames = ({ type, options = [] }: Field) =>
  list(options.map(({ value, label }) => (type === 'reference' ? label : value)));
