import { type Change, ConnectorError, type Cursor } from '../../connectors/contract.ts';
import type { Member } from './ports.ts';

/**
 * Everything the tool answers for these values, all pages. For a handful of records, never for a stream. `skip`: fields that are
 * not asked for. `whose`: whether people have emptied a field of ours meanwhile is asked too, where that is dearer.
 */
export async function lookUp(
  { tool, mapping, idField }: Member,
  by: string,
  values: readonly string[],
  signal: AbortSignal,
  { skip = [], whose = false }: { skip?: readonly string[]; whose?: boolean } = {},
): Promise<Change[]> {
  if (values.length === 0) return [];
  const read = tool.connector.read;
  if (!read) throw new ConnectorError('rejected', `${tool.name} cannot be read`);
  const wanted = idField ? [...new Set([...mapping.readFields, idField])] : mapping.readFields;
  const fields = wanted.filter((field) => !skip.includes(field));
  const changes: Change[] = [];
  let page = await read.call(
    tool.connector,
    tool.context(signal),
    mapping.object,
    { by, in: [...values], ...(whose ? { whose } : {}) },
    fields,
  );
  changes.push(...page.changes);
  while (!page.done) {
    const cursor: Cursor = page.cursor;
    page = await read.call(tool.connector, tool.context(signal), mapping.object, { since: cursor }, fields);
    changes.push(...page.changes);
  }
  return changes;
}
