import { AssociationSpecAssociationCategoryEnum as Category } from '@hubspot/api-client/lib/codegen/crm/associations/v4/index.js';
import type { Context, Fields } from '../contract.ts';
import { apiOf } from './api.ts';
import { type Answer, type Row, sendIsolated } from './batches.ts';
import { attempt, results } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { apiException } from './errors.ts';
import type { LinkWish } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { type Linked, lowest, readLinks, shownLink } from './links.ts';
import type { LinkDef, ObjectSchema } from './schema.ts';

/** A record whose references are to be set. */
export interface LinkRow {
  key: string;
  id: string;
  wishes: LinkWish[];
}

interface Change extends Row {
  id: string;
  field: string;
  to: string | null;
  /** What the field showed before. */
  old: string | null;
  linked: Linked[];
}

/**
 * Makes each reference field show the record wanted: the new one is linked (as primary, where there is such a
 * thing), the one shown before is unlinked, all others stay. A link that people gave a label of their own keeps
 * that label. Per object referred to: one read, and where something differs one call to add and one to remove.
 *
 * Returns what reading will show, by key, of the rows that are as wished; of the others the ledger knows why.
 */
export async function setLinks(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  rows: LinkRow[],
  ledger: Ledger,
): Promise<Map<string, Fields>> {
  const shown = new Map<string, Fields>();
  for (const link of schema.links) {
    const wanted = rows.flatMap((row) =>
      row.wishes.filter((wish) => wish.link.to === link.to).map((wish) => ({ row, wish })),
    );
    if (wanted.length === 0 || ledger.stopped) continue;
    const ids = wanted.map(({ row }) => row.id);
    const linked = await ledger.reading(() => readLinks(ctx, schema, link, ids));
    if (linked === undefined) continue;
    const changes = wanted.map(({ row, wish }, i): Change => {
      const list = linked.get(row.id) ?? [];
      const old = shownLink(link, list);
      const { key, id } = row;
      return {
        key,
        id,
        trace: `row-${i}`,
        properties: {},
        field: wish.field,
        to: wish.to,
        old,
        linked: list,
      };
    });
    const differing = changes.filter(({ to, old }) => to !== old);
    await add(ctx, schema, link, differing, ledger);
    await remove(ctx, schema, link, differing, ledger);
    for (const change of changes)
      if (ledger.get(change.key) === undefined && !(ledger.stopped && differing.includes(change)))
        shown.set(change.key, { ...shown.get(change.key), [change.field]: showing(link, change) });
  }
  for (const { key, wishes } of rows)
    if (wishes.some(({ field }) => !(field in (shown.get(key) ?? {})))) shown.delete(key);
  return shown;
}

async function add(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  link: LinkDef,
  changes: Change[],
  ledger: Ledger,
): Promise<void> {
  const { links } = apiOf(ctx);
  const refuse = ({ key, field }: Change) =>
    ledger.fail(key, {
      kind: 'rejected',
      message: `${field}: HubSpot does not have the record to be associated`,
      fields: [field],
    });
  await sendIsolated<Change, string>(
    changes.filter(({ to }) => to !== null),
    ledger,
    (part) =>
      attempt(ctx, true, async () => {
        const inputs = part.map(({ id, to }) => ({ _from: { id }, to: { id: to! } }));
        if (link.primary === undefined)
          return answered(await partial(() => links.createDefault(schema.type, link.to, { inputs })));
        const types = [{ associationCategory: Category.HubspotDefined, associationTypeId: link.primary }];
        const typed = inputs.map((input) => ({ ...input, types }));
        return answered(await links.create(schema.type, link.to, { inputs: typed }));
      }),
    (part, { found, errors }) => {
      if (errors.length === 0) return;
      const made = new Set(found);
      for (const change of part) if (!made.has(`${change.id}>${change.to}`)) refuse(change);
    },
    refuse,
  );
}

/** HubSpot answers some of its association calls with a 207 that the client takes for an error. */
async function partial<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { code, body } = apiException(error);
    if (code !== 207) throw error;
    return body as T;
  }
}

function answered(answer: { results?: unknown[]; errors?: object[] }): Answer<string> {
  return { found: results(answer).map(pairOf), errors: answer.errors ?? [] };
}

/** `from>to` of a pair that was linked: a default association and a labelled one name it differently. */
function pairOf(result: unknown): string {
  const pair = result as {
    _from?: { id?: unknown };
    from?: { id?: unknown };
    to?: { id?: unknown };
    fromObjectId?: unknown;
    toObjectId?: unknown;
  };
  const from = pair._from?.id ?? pair.from?.id ?? pair.fromObjectId;
  return `${String(from)}>${String(pair.to?.id ?? pair.toObjectId)}`;
}

/** Takes away the link shown before, of all changes that did not fail until here. */
async function remove(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  link: LinkDef,
  changes: Change[],
  ledger: Ledger,
): Promise<void> {
  if (ledger.stopped) return;
  const { links } = apiOf(ctx);
  const removing = changes.filter(({ key, old }) => old !== null && ledger.get(key) === undefined);
  const typesOf = ({ linked, old }: Change) => linked.find(({ id }) => id === old)?.types ?? [];
  const ours = (change: Change) =>
    typesOf(change).filter(({ typeId, label }) => label === null || typeId === link.primary);
  const labelled = removing.filter((change) => ours(change).length < typesOf(change).length);
  const send = async (part: Change[], run: () => Promise<void>) => {
    if (part.length === 0 || ledger.stopped) return;
    const answer = await attempt(ctx, true, run);
    if (!answer.ok)
      ledger.failAll(
        part.map(({ key }) => key),
        answer.failure,
      );
  };
  const plain = removing.filter((change) => !labelled.includes(change));
  await send(plain, () =>
    links.archive(schema.type, link.to, {
      inputs: plain.map(({ id, old }) => ({ _from: { id }, to: [{ id: old! }] })),
    }),
  );
  await send(labelled, () =>
    links.archiveLabels(schema.type, link.to, {
      inputs: labelled.map((change) => ({
        _from: { id: change.id },
        to: { id: change.old! },
        types: ours(change).map(({ typeId, category }) => ({
          associationCategory: category as Category,
          associationTypeId: typeId,
        })),
      })),
    }),
  );
}

function showing(link: LinkDef, { to, old, linked }: Change): string | null {
  if (to === old || (to !== null && link.primary !== undefined)) return to;
  const others = linked.map(({ id }) => id).filter((id) => id !== old);
  return lowest(to === null ? others : [...others, to]);
}
