import type { Fields } from '../../connectors/contract.ts';
import { sameValue, type Values } from '../model/value.ts';
import type { OutboxRow } from '../store/outbox.ts';
import type { Member } from './ports.ts';

/**
 * Is this record, which the tool shows and the hub does not know, the one that an unanswered create made? By the golden
 * id it carries where the tool has a field for that and shows it, otherwise by every value that was sent.
 */
export function sentAs(
  row: OutboxRow,
  { mapping, idField }: Member,
  native: Fields,
  values: Values,
): boolean {
  if (!row.payload) return false;
  const { fields, echo } = row.payload;
  // Without our id it is somebody's who entered the same person at the same time.
  if (idField && idField in fields && idField in native) return native[idField] === fields[idField];
  const shown = Object.keys(fields).filter((field) => field in native);
  return (
    shown.length > 0 &&
    shown.every((field) => mapping.sameField(field, native[field], fields[field])) &&
    Object.entries(echo).every(([name, value]) => sameValue(values[name], value))
  );
}
