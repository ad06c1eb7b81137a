import { AssociationSpecAssociationCategoryEnum as Category } from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import type { Context, Fields, Op } from '../contract.ts';
import { apiOf } from './api.ts';
import { byTrace, type Row, sendIsolated } from './batches.ts';
import { attempt, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import type { RowFailure } from './errors.ts';
import { type LinkWish, madeOf, split } from './fields.ts';
import { Ledger } from './ledger.ts';
import { batchRead } from './lookup.ts';
import { timeOf } from './records.ts';
import { setLinks } from './relink.ts';
import { HUB_ID, type ObjectSchema } from './schema.ts';

interface CreateRow extends Row {
  /** Sent along with the record. */
  inline: LinkWish[];
  /** Between objects whose association types HubSpot does not fix: set once the record is there. */
  later: LinkWish[];
}
interface Made {
  id: string;
  updatedAt: Date;
  objectWriteTraceId?: string;
  properties: Record<string, string | null>;
}

/** One batch create, with its associations. Empty values are left out: a new record has none to clear. */
export async function create(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  ops: Extract<Op, { op: 'create' }>[],
  ledger: Ledger,
): Promise<void> {
  const rows = ops.map(({ key, fields }, i): CreateRow => {
    const { properties, links } = split(schema, fields);
    const wishes = links.filter(({ to }) => to !== null);
    return {
      key,
      trace: `row-${i}`,
      properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== '')),
      inline: wishes.filter(({ link }) => link.plain !== undefined),
      later: wishes.filter(({ link }) => link.plain === undefined),
    };
  });
  const conflicts: { row: CreateRow; failure: RowFailure }[] = [];
  const made: { row: CreateRow; id: string; fields: Fields; at: string }[] = [];
  const refuse = (row: CreateRow, failure: RowFailure) => {
    if (failure.kind === 'conflict') conflicts.push({ row, failure });
    else if (failure.kind === 'gone')
      ledger.fail(row.key, {
        kind: 'rejected',
        message: 'a record to be associated is no longer in HubSpot',
        fields: row.inline.map(({ field }) => field),
      });
    else ledger.fail(row.key, { ...failure, kind: 'rejected' });
  };
  await sendIsolated<CreateRow, Made>(
    rows,
    ledger,
    (part) =>
      attempt(ctx, true, async () => {
        const answer = await apiOf(ctx).batch.create(schema.type, { inputs: part.map(input) });
        return { found: recordsIn(answer), errors: 'errors' in answer ? (answer.errors ?? []) : [] };
      }),
    (part, { found, errors }) => {
      const failures = byTrace(errors);
      for (const row of part) {
        const failure = failures.get(row.trace);
        const record =
          found.find((each) => each.objectWriteTraceId === row.trace) ?? recognise(schema, row, found);
        if (failure !== undefined) refuse(row, failure);
        else if (record !== undefined)
          made.push({
            row,
            id: record.id,
            fields: madeOf(schema, row.properties, record.properties),
            at: timeOf(schema, record),
          });
        else ledger.unknown(row.key);
      }
    },
    refuse,
  );
  // The record is there: a reference that then fails is shown as what it is, empty, and never makes a second record.
  const wishes = made.filter(({ row }) => row.later.length > 0);
  const linked = await setLinks(
    ctx,
    schema,
    wishes.map(({ row, id }) => ({ key: row.key, id, wishes: row.later })),
    new Ledger(),
  );
  for (const { row, id, fields, at } of made) {
    for (const { field, to } of row.inline) fields[field] = to;
    for (const { field } of row.later) fields[field] = linked.get(row.key)?.[field] ?? null;
    ledger.ok(row.key, id, fields, at);
  }
  await settleConflicts(ctx, schema, conflicts, ledger);
}

/** A primary link where there is one to have, so that reading shows it. */
function input({ properties, inline, trace }: CreateRow) {
  const associations = inline.map(({ link, to }) => ({
    to: { id: to! },
    types: [{ associationCategory: Category.HubspotDefined, associationTypeId: link.primary ?? link.plain! }],
  }));
  return { properties, objectWriteTraceId: trace, ...(associations.length > 0 && { associations }) };
}

/** Should an answer leave the trace ids out: by a unique value that was sent. Never by position. */
function recognise(schema: ObjectSchema, row: CreateRow, found: Made[]): Made | undefined {
  const keys = Object.keys(row.properties).filter((name) => schema.properties.get(name)?.unique);
  return found.find(
    (record) =>
      record.objectWriteTraceId === undefined &&
      keys.some((name) => record.properties[name]?.toLowerCase() === row.properties[name]!.toLowerCase()),
  );
}

/**
 * Names the record that stands in the way, where HubSpot did not: by the unique values that were sent. The
 * hub's own id comes first: the record that carries it is the one an earlier, unanswered create made.
 */
async function settleConflicts(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  conflicts: { row: CreateRow; failure: RowFailure }[],
  ledger: Ledger,
): Promise<void> {
  const holders = new Map<string, string>();
  for (const name of uniqueFirst(schema)) {
    const asked = conflicts.filter(
      ({ row, failure }) =>
        row.properties[name] !== undefined &&
        !holders.has(row.key) &&
        (name === HUB_ID || failure.id === undefined),
    );
    if (asked.length === 0 || ledger.stopped) continue;
    const values = asked.map(({ row }) => row.properties[name]!);
    const records = await ledger.reading(() => batchRead(ctx, schema, [name], values, { by: name }));
    if (records === undefined) return;
    for (const { row } of asked) {
      const wanted = row.properties[name]!.toLowerCase();
      const holder = records.find((record) => record.properties[name]?.toLowerCase() === wanted);
      if (holder !== undefined) holders.set(row.key, holder.id);
    }
  }
  for (const { row, failure } of conflicts) {
    const id = holders.get(row.key) ?? failure.id;
    const fields = failure.fields?.filter((field) => field in row.properties);
    ledger.fail(row.key, {
      kind: 'conflict',
      message: failure.message,
      ...(fields !== undefined && fields.length > 0 && { fields }),
      ...(id !== undefined && { id }),
    });
  }
}

const uniqueFirst = (schema: ObjectSchema) =>
  [...schema.properties.values()]
    .filter((property) => property.unique && property.name !== 'hs_object_id')
    .map((property) => property.name)
    .sort((a, b) => Number(b === HUB_ID) - Number(a === HUB_ID));
