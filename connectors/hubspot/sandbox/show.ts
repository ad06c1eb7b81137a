import type { Account } from './account.ts';
import type { Row, Table } from './table.ts';

const ALWAYS = ['createdate', 'hs_object_id'];
const DEFAULTS: Record<string, string[]> = {
  contacts: ['email', 'firstname', 'lastname'],
  companies: ['domain', 'name'],
  deals: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
  tickets: ['content', 'hs_pipeline', 'hs_pipeline_stage', 'hs_ticket_priority', 'subject'],
};

/** Values that HubSpot keeps itself. */
export function systemValue(table: Table, row: Row, name: string): string | undefined {
  if (name === 'hs_object_id') return row.id;
  if (name === 'createdate') return new Date(row.createdAt).toISOString();
  if (name === table.def.modified) return new Date(row.updatedAt).toISOString();
  return undefined;
}

/** A record as answers carry it. Unknown properties vanish silently; unset ones are null. */
export function show(
  table: Table,
  row: Row,
  asked: string[],
  source = row.properties,
  updatedAt = row.updatedAt,
) {
  const names = new Set([
    ...(asked.length > 0 ? asked : (DEFAULTS[table.def.name] ?? [])),
    ...ALWAYS,
    table.def.modified,
  ]);
  const properties: Record<string, string | null> = {};
  for (const name of names)
    if (table.byName.has(name)) properties[name] = systemValue(table, row, name) ?? source[name] ?? null;
  properties[table.def.modified] = new Date(updatedAt).toISOString();
  return {
    id: row.id,
    properties,
    createdAt: new Date(row.createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    archived: row.archivedAt !== undefined,
    ...(row.archivedAt === undefined ? {} : { archivedAt: new Date(row.archivedAt).toISOString() }),
  };
}

/** The versions of properties, newest first. What was there from the beginning came by an import. */
export function showVersions(row: Row, asked: string[]) {
  const propertiesWithHistory = Object.fromEntries(
    asked.map((name) => [
      name,
      (row.versions?.[name] ?? first(row, name)).map(({ value, at, by }) => ({
        value,
        timestamp: new Date(at).toISOString(),
        sourceType: SOURCES[by],
      })),
    ]),
  );
  return asked.length > 0 ? { propertiesWithHistory } : {};
}

const SOURCES = { api: 'INTEGRATION', person: 'CRM_UI', import: 'IMPORT' };

function first(row: Row, name: string) {
  const value = row.properties[name];
  return value === undefined ? [] : [{ value, at: row.createdAt, by: 'import' as const }];
}

/** The `associations` part of a list or single read: one entry per type, so a primary company stands twice. */
export function showAssociations(account: Account, table: Table, row: Row, asked: string[]) {
  const shown: Record<string, { results: { id: string; type: string }[] }> = {};
  for (const name of asked) {
    const other = account.table(name).def;
    const linked = account.links.of({ type: table.def.name, id: row.id }, other.name);
    const results = linked.flatMap(({ id, types }) =>
      types.map((type) => ({
        id,
        type: `${table.def.singular}_to_${other.singular}${pairHasPrimary(account, table, other.name) && type.label === null ? '_unlabeled' : ''}`,
      })),
    );
    if (results.length > 0) shown[other.name] = { results };
  }
  return Object.keys(shown).length > 0 ? { associations: shown } : {};
}

const pairHasPrimary = (account: Account, table: Table, other: string) =>
  account.links.pair(table.def.name, other).primary !== undefined;
