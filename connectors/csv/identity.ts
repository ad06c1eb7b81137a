import { createHash } from 'node:crypto';
import { ConnectorError } from '../contract.ts';
import type { CsvConfig } from './config.ts';

/** Names that a column of ids goes by, without case, spaces and underscores. */
const USUAL = ['id', 'recordid', 'uuid'];

const plain = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');

/**
 * The columns that identify a row of this file; none: a row is its content, and an edited row is a new record.
 * Throws ConnectorError 'rejected' when a configured column is not there.
 */
export function idColumns(config: CsvConfig, stream: string, columns: string[]): string[] {
  const { id } = config;
  const given = id === undefined || typeof id === 'string' || Array.isArray(id) ? id : id[stream];
  if (given === undefined) {
    const usual = columns.find((name) => USUAL.includes(plain(name)));
    return usual === undefined ? [] : [usual];
  }
  const wanted = [given].flat();
  const missing = wanted.find((name) => !columns.includes(name));
  if (missing !== undefined)
    throw new ConnectorError('rejected', `${stream}.csv has no column "${missing}"`, {
      hint: `Its columns are ${columns.join(', ')}. Correct \`id\` in hub.yaml; for files that differ, write one per file.`,
    });
  return wanted;
}

/** Changes with every change of the row's values. */
export function versionOf(fields: Record<string, string | null>): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.values(fields)))
    .digest('hex')
    .slice(0, 16);
}

/** The row's id; undefined when a column that identifies it is empty. */
export function idOf(fields: Record<string, string | null>, by: string[]): string | undefined {
  if (by.length === 0)
    return createHash('sha256')
      .update(JSON.stringify(Object.values(fields)))
      .digest('hex')
      .slice(0, 32);
  const parts = by.map((name) => fields[name]?.trim() ?? '');
  if (parts.includes('')) return undefined;
  // A mark inside a part is escaped, so that a|b and c never equals a and b|c.
  return parts.length === 1
    ? parts[0]!
    : parts.map((part) => part.replace(/[%|]/g, encodeURIComponent)).join('|');
}
