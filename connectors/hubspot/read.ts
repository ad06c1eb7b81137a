import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/objects/index.js';
import { type Change, ConnectorError, type Context, type Page, type Select } from '../contract.ts';
import { apiOf } from './api.ts';
import { readArchived } from './archived.ts';
import { call, recordsIn } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { type At, type HubspotCursor, OVERLAP_MS, parseCursor, SWEEP_MS } from './cursor.ts';
import { toolClock } from './http.ts';
import { shownInline } from './links.ts';
import { lookup } from './lookup.ts';
import { type Answered, changesOf, type LinkValues, linkValues, type Wanted, wanted } from './records.ts';
import { LINK_PREFIX, loadSchema, type ObjectSchema, schemaOf } from './schema.ts';

/** Records that one call of a list brings: the most that HubSpot gives. */
export const LIST_PAGE = 100;
const SEARCH_PAGE = 200;

/** Characters of property names that an address may carry; beyond that they are asked for by batch read. */
const LONGEST_QUERY = 6000;

export async function read(
  ctx: Context<HubspotConfig>,
  stream: string,
  select: Select,
  fields: string[],
): Promise<Page> {
  const schema = await schemaOf(ctx, stream);
  const want = wanted(schema, fields);
  const cursor =
    'by' in select
      ? { mode: 'lookup' as const, ...select }
      : select.since === null
        ? { mode: 'list' as const, began: ctx.now().getTime() }
        : parseCursor(select.since);
  const page = await pageAt(ctx, schema, want, cursor);
  const lacking = await lackingIn(ctx, schema, fields, page);
  return lacking.length > 0 ? { ...page, lacking } : page;
}

async function pageAt(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  want: Wanted,
  cursor: HubspotCursor,
): Promise<Page> {
  switch (cursor.mode) {
    case 'list':
      return await list(ctx, schema, want, cursor);
    case 'poll':
      return cursor.archived
        ? await readArchived(ctx, schema, cursor.from, cursor.archived)
        : await poll(ctx, schema, want, cursor);
    case 'lookup':
      return await lookup(ctx, schema, want, cursor);
  }
}

/**
 * Properties that no record of the page shows, and that the account no longer has: HubSpot leaves a deleted property out of
 * its answers without a word. The schema is asked for anew only where a known property is shown by none.
 */
async function lackingIn(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  fields: string[],
  { changes }: Page,
): Promise<string[]> {
  const shown = changes.flatMap((change) => (change.op === 'upsert' ? [change.fields] : []));
  if (shown.length === 0) return [];
  const absent = fields.filter(
    (name) => !name.startsWith(LINK_PREFIX) && shown.every((values) => !Object.hasOwn(values, name)),
  );
  const known = absent.some((name) => schema.properties.has(name))
    ? await loadSchema(ctx, schema.stream)
    : schema;
  return absent.filter((name) => !known.properties.has(name));
}

/** A page of a full read, which then hands over to polling from just before it began. */
async function list(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  want: Wanted,
  cursor: At<'list'>,
): Promise<Page> {
  const api = apiOf(ctx);
  const long = want.properties.join('&properties=').length > LONGEST_QUERY;
  const page = await call(ctx, async () => {
    const answer = await api.objects.getPage(
      schema.type,
      LIST_PAGE,
      cursor.after,
      long ? ['hs_object_id'] : want.properties,
      undefined,
      want.links.length > 0 ? want.links.map(({ to }) => to) : undefined,
      false,
    );
    return { listed: recordsIn(answer), after: answer.paging?.next?.after };
  });
  const began = cursor.after === undefined ? Math.min(cursor.began, toolClock(ctx)) : cursor.began;
  let records: Answered[] = page.listed;
  if (long && records.length > 0) {
    const inputs = records.map(({ id }) => ({ id }));
    records = await call(ctx, async () =>
      recordsIn(
        await api.batch.read(schema.type, { properties: want.properties, propertiesWithHistory: [], inputs }),
      ),
    );
  }
  const links: LinkValues = new Map();
  for (const link of want.links) {
    const shown = new Map<string, string | null>();
    const cut: string[] = [];
    for (const { id, associations } of page.listed) {
      // HubSpot names the part after the object, custom objects by their qualified name.
      const part =
        associations?.[link.to] ??
        Object.entries(associations ?? {}).find(([name]) => name.endsWith(`_${link.to}`))?.[1];
      if (part?.paging?.next !== undefined) cut.push(id);
      shown.set(id, shownInline(link, part?.results ?? []));
    }
    const rest = (await linkValues(ctx, schema, [link], cut)).get(`${LINK_PREFIX}${link.to}`);
    for (const [id, value] of rest ?? []) shown.set(id, value);
    links.set(`${LINK_PREFIX}${link.to}`, shown);
  }
  const changes = records.flatMap((record) => changesOf(schema, want, record, links));
  return page.after === undefined
    ? {
        changes,
        cursor: { mode: 'poll', from: began - OVERLAP_MS, sweep: { due: began + SWEEP_MS } },
        done: true,
      }
    : { changes, cursor: { mode: 'list', began, after: page.after }, done: false };
}

/**
 * A page of what changed since `from`, in order of id. Each page is a search of its own for ids above the last
 * one seen: so neither the cap of 10,000 results nor thousands of records with one modified time can hide
 * a record, and one that changes while the pass runs is newer than `began` and thus in the next pass.
 */
async function poll(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  want: Wanted,
  cursor: At<'poll'>,
): Promise<Page> {
  const asked = cursor.began ?? ctx.now().getTime();
  const filters = [
    { propertyName: schema.modified, operator: FilterOperatorEnum.Gte, value: String(cursor.from) },
  ];
  if (cursor.after !== undefined)
    filters.push({ propertyName: 'hs_object_id', operator: FilterOperatorEnum.Gt, value: cursor.after });
  const { found, total } = await call(ctx, async () => {
    const answer = await apiOf(ctx).search.doSearch(schema.type, {
      filterGroups: [{ filters }],
      sorts: ['hs_object_id'],
      properties: want.properties,
      limit: SEARCH_PAGE,
    });
    return { found: recordsIn(answer), total: answer.total };
  });
  const began = cursor.began ?? Math.min(asked, toolClock(ctx));
  for (let i = 1; i < found.length; i += 1)
    if (BigInt(found[i]!.id) <= BigInt(found[i - 1]!.id))
      throw new ConnectorError(
        'transient',
        'HubSpot did not sort search results by id: pages would skip records',
      );
  const links = await linkValues(
    ctx,
    schema,
    want.links,
    found.map(({ id }) => id),
  );
  const changes: Change[] = found.flatMap((record) => changesOf(schema, want, record, links));
  if (found.length > 0 && found.length < total) {
    const after = found.at(-1)!.id;
    return { changes, cursor: { ...cursor, began, after }, done: false };
  }
  const from = Math.max(cursor.from, began - OVERLAP_MS);
  const { due, ...since } = cursor.sweep ?? { due: began };
  if (began < due) return { changes, cursor: { mode: 'poll', from, sweep: { due, ...since } }, done: true };
  return { changes, cursor: { mode: 'poll', from, archived: { began, ...since } }, done: false };
}
