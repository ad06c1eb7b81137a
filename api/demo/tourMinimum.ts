import type { Books } from '../../connectors/sandbox.ts';

/** Calls that no sync could do without. */
export type Least = Record<'crm' | 'ma', number>;

/** How much one call can carry: queryAll pages and collections of Salesforce, lists and batches of HubSpot. */
const CARRIES = { crm: { read: 2000, write: 200 }, ma: { read: 100, write: 100 } } as const;
/** One login. HubSpot's token needs none. */
const LOGIN = { crm: 1, ma: 0 } as const;

export interface Work {
  tool: keyof Least;
  /** Records that the object held when it was read. */
  held: number;
  /** Records created and updated in it. */
  created: number;
  updated: number;
}

/**
 * The arithmetic minimum of a first sync: a login, one description of each object, its pages, and full batches of creates and of
 * updates. Looking again at what was refused, and moving a contact from one company to another, come on top.
 */
export function leastCalls(work: readonly Work[]): Least {
  const least: Least = { ...LOGIN };
  for (const { tool, held, created, updated } of work) {
    const { read, write } = CARRIES[tool];
    least[tool] +=
      1 + Math.max(1, Math.ceil(held / read)) + Math.ceil(created / write) + Math.ceil(updated / write);
  }
  return least;
}

/** What was written to one object so far, as the sandbox itself counted it. */
export const written = ({ created, updated }: Books, stream: string) => ({
  created: created[stream] ?? 0,
  updated: updated[stream] ?? 0,
});
