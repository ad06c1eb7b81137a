import type { Context } from '../contract.ts';
import { apiOf } from './api.ts';
import { call, results } from './call.ts';
import type { HubspotConfig } from './config.ts';
import { rowFailure } from './errors.ts';
import type { LinkDef, ObjectSchema } from './schema.ts';

/** One linked record, with the types of the link. */
export interface Linked {
  id: string;
  types: { typeId: number; label: string | null; category: string }[];
}

/** Inputs that one association read may have. */
const READ_BATCH = 1000;

/** Everything the records are linked to, by id; a record without links has an empty list. */
export async function readLinks(
  ctx: Context<HubspotConfig>,
  schema: ObjectSchema,
  link: LinkDef,
  ids: string[],
): Promise<Map<string, Linked[]>> {
  const found = new Map<string, Linked[]>(ids.map((id) => [id, []]));
  let inputs: { id: string; after?: string }[] = ids.map((id) => ({ id }));
  while (inputs.length > 0) {
    const asked = inputs.splice(0, READ_BATCH);
    const answer = await call(ctx, async () => {
      const page = await apiOf(ctx).links.getPage(schema.type, link.to, { inputs: asked });
      return { linked: results(page), errors: 'errors' in page ? (page.errors ?? []) : [] };
    });
    // No associations is no error, and neither is a record that is gone meanwhile.
    for (const error of answer.errors)
      if (!String(error.subCategory).includes('NO_ASSOCIATIONS_FOUND') && rowFailure(error).kind !== 'gone')
        ctx.log.warn(`HubSpot did not tell some associations to ${link.to}`, { category: error.category });
    for (const { _from, to, paging } of answer.linked) {
      const list = found.get(String(_from.id)) ?? [];
      for (const { toObjectId, associationTypes } of to)
        list.push({
          id: String(toObjectId),
          types: associationTypes.map(({ typeId, label, category }) => ({
            typeId: Number(typeId),
            label: label ?? null,
            category: String(category),
          })),
        });
      found.set(String(_from.id), list);
      if (paging?.next?.after) inputs = [...inputs, { id: String(_from.id), after: paging.next.after }];
    }
  }
  return found;
}

/**
 * The one record that a reference field shows: the primary one; among others, whose order means nothing, the
 * one with the lowest id, so that every read says the same.
 */
export function shownLink(link: LinkDef, linked: Linked[]): string | null {
  const primary = linked.find(({ types }) => types.some((type) => isPrimary(link, type)));
  return primary?.id ?? lowest(linked.map(({ id }) => id));
}

export const lowest = (ids: string[]): string | null =>
  ids.reduce<string | null>((low, id) => (low === null || BigInt(id) < BigInt(low) ? id : low), null);

const isPrimary = (link: LinkDef, type: { typeId: number; label: string | null }) =>
  type.typeId === link.primary || type.label === 'Primary';

/** The same for the `associations` of a list page, whose entries carry `contact_to_company` for the primary one. */
export function shownInline(link: LinkDef, entries: { id: string; type: string }[]): string | null {
  const primary =
    link.primary === undefined ? undefined : entries.find(({ type }) => !/_unlabeled$/.test(type));
  return primary?.id ?? lowest(entries.map(({ id }) => id));
}
