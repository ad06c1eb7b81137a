import { addCompanies } from './accounts.ts';
import { makeCompanies } from './companies.ts';
import { contactSeed, type Draft, draftContacts } from './contacts.ts';
import { issuer } from './numbers.ts';
import { makePeople } from './populate.ts';
import { random } from './random.ts';
import type { Run } from './run.ts';
import { addNobodies, makeCards } from './strays.ts';
import type { Tool, World, WorldOptions } from './types.ts';

export const DEFAULT_NOW = '2026-01-15T00:00:00.000Z';

/**
 * A world of people and companies, what its tools hold of it, and the truth. The same options give the same
 * world, on any engine. Every mail address and site is under `.example`, which cannot exist (or example.com).
 */
export function generateWorld(options: WorldOptions): World {
  const { messiness = 0, japanese = 0.7, tools = ['crm', 'ma'], duplicates = 0 } = options;
  check(options);
  const rng = random(options.seed);
  const now = Date.parse(options.now ?? DEFAULT_NOW);
  const phones = issuer();
  const companies = makeCompanies(rng.fork('companies'), options.companies, { japanese, messiness, phones });
  const people = makePeople(rng.fork('people'), options.people, companies, {
    japanese,
    messiness,
    shared: options.shared,
    tools,
    phones,
  });
  const byId = new Map(companies.map((company) => [company.id, company]));
  const run: Run = {
    messiness,
    now,
    company: (id) => byId.get(id),
    evidence: rng.fork('evidence'),
    taken: new Set(),
  };
  const world: World = {
    now: new Date(now).toISOString(),
    companies,
    people,
    crm: { accounts: [], contacts: [] },
    ma: { companies: [], contacts: [], associations: [] },
    cards: [],
  };
  const contacts: Record<Tool, Draft[]> = { crm: [], ma: [] };
  for (const tool of tools) contacts[tool] = draftContacts(rng, tool, people, duplicates, run);
  addCompanies(rng.fork('accounts'), world, contacts, tools, run);
  for (const draft of contacts.crm) world.crm.contacts.push(contactSeed(draft, world, run));
  for (const draft of contacts.ma) world.ma.contacts.push(contactSeed(draft, world, run));
  if (messiness > 0) for (const tool of tools) addNobodies(rng.fork(`nobody/${tool}`), tool, world, run);
  world.cards = makeCards(rng.fork('cards'), people, options.cards ?? 0, run);
  return world;
}

/**
 * Counts for two lists that overlap: `perTool` contacts in each, `common` of them in both. Spread it into
 * `generateWorld`.
 */
export function overlapping(perTool: number, common: number): { people: number; shared: number } {
  const people = 2 * perTool - common;
  return { people, shared: common / people };
}

function check({
  people,
  companies,
  shared,
  duplicates = 0,
  messiness = 0,
  japanese = 0.7,
  now,
}: WorldOptions): void {
  for (const [name, n] of Object.entries({ people, companies }))
    if (!Number.isInteger(n) || n < 0) throw new Error(`${name} must be a whole number from 0, not ${n}`);
  for (const [name, n] of Object.entries({ shared, duplicates, messiness, japanese }))
    if (!(n >= 0 && n <= 1)) throw new Error(`${name} must be between 0 and 1, not ${n}`);
  if (now !== undefined && Number.isNaN(Date.parse(now)))
    throw new Error(`now must be an ISO time, not ${now}`);
}
