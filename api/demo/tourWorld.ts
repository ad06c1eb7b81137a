import type { Served } from './sandboxes.ts';
import { generateWorld, overlapping, seedSandboxes, type Truth, type World } from './world/index.ts';

export interface WorldSize {
  /** Contacts in each tool. */
  people: number;
  seed: number;
}

/** 3,000 contacts a tool have 400 companies; smaller worlds have fewer, in proportion. */
const COMPANIES_PER_PERSON = 400 / 3000;
/** Of one tool's contacts, how many the other has too. */
const SHARED = 0.4;
/** Real lists: many spellings, a few wrong e-mails, namesakes and households. */
const MESSINESS = 0.5;

/** Fills the sandboxes with people who never existed, and keeps the truth to check the sync against. */
export function makeWorld(
  { people, seed }: WorldSize,
  boxes: Served,
  now: Date,
): { world: World; truth: Truth } {
  const world = generateWorld({
    seed,
    now: now.toISOString(),
    ...overlapping(people, Math.round(people * SHARED)),
    companies: Math.max(1, Math.round(people * COMPANIES_PER_PERSON)),
    messiness: MESSINESS,
  });
  return { world, truth: seedSandboxes(world, boxes) };
}

/** One person as both tools spell them, for people to see what has to be found. */
export function sampleOfMess(world: World): string[] {
  const both = world.people.find(
    ({ id, japanese, tools, hardCase }) =>
      japanese && !hardCase && tools.length === 2 && differ(world, id) > 2,
  );
  if (!both) return [];
  const show = (fields: Record<string, unknown> | undefined, names: readonly string[]) =>
    names.flatMap((name) => (typeof fields?.[name] === 'string' ? [fields[name]] : [])).join(' · ');
  const crm = world.crm.contacts.find(({ personId }) => personId === both.id)?.fields;
  const ma = world.ma.contacts.find(({ personId }) => personId === both.id)?.fields;
  return [
    `  Salesforce  ${show(crm, ['LastName', 'FirstName', 'Email', 'Phone', 'MobilePhone', 'MailingStreet'])}`,
    `  HubSpot     ${show(ma, ['lastname', 'firstname', 'email', 'phone', 'mobilephone', 'address', 'company'])}`,
  ];
}

/** In how many ways the two records of a person say something, and say it differently. */
function differ(world: World, person: string): number {
  const crm = world.crm.contacts.find(({ personId }) => personId === person)?.fields ?? {};
  const ma = world.ma.contacts.find(({ personId }) => personId === person)?.fields ?? {};
  const pairs = [
    ['LastName', 'lastname'],
    ['FirstName', 'firstname'],
    ['Email', 'email'],
    ['Phone', 'phone'],
    ['MailingStreet', 'address'],
  ] as const;
  return pairs.filter(([a, b]) => crm[a] && ma[b] && crm[a] !== ma[b]).length;
}
