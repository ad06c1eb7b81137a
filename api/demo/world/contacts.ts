import { type Entry, type Evidence, makeEntry } from './entries.ts';
import type { Random } from './random.ts';
import { hubspotContact, salesforceContact } from './records.ts';
import { modified, type Run } from './run.ts';
import { spellCode } from './spell/company.ts';
import { emailKey } from './spell/contact-points.ts';
import type { Seed, Tool, TruthPerson, World } from './types.ts';

/** A contact on its way to a tool. */
export interface Draft {
  tool: Tool;
  key: string;
  person: TruthPerson;
  entry: Entry;
  rng: Random;
}

/** One entry a person, and a second one for the share of people that the tool holds twice. */
export function draftContacts(
  rng: Random,
  tool: Tool,
  people: TruthPerson[],
  duplicates: number,
  run: Run,
): Draft[] {
  const own = people.filter((person) => person.tools.includes(tool));
  const twice = new Set<TruthPerson>();
  const wanted = Math.round(own.length * duplicates);
  for (const person of rng.fork(`twice/${tool}`).shuffle(own)) {
    if (twice.size === wanted) break;
    // The second record in a tool of unique addresses can only be known by a number.
    if (run.messiness > 0 || tool === 'crm' || person.phone || person.mobile) twice.add(person);
  }
  const drafts: Draft[] = [];
  for (const person of own) {
    const mine = rng.fork(`${tool}/${person.id}`);
    const plan = evidenceOf(person, twice.has(person), run);
    drafts.push(draft(mine, tool, person, plan[tool], drafts.length, run));
    if (twice.has(person)) {
      const second: Evidence = run.messiness > 0 ? 'any' : tool === 'ma' ? 'phone' : plan[tool];
      drafts.push(draft(mine.fork('again'), tool, person, second, drafts.length, run));
    }
  }
  return drafts;
}

/**
 * By what the records of a person in the two tools can be known for one: the address in most cases; else name
 * and number, and then one of the two has no address. With messiness, that many people's records are left to
 * chance. The same in both tools, whichever of them asks.
 */
function evidenceOf(person: TruthPerson, twice: boolean, run: Run): Record<Tool, Evidence> {
  const rng = run.evidence.fork(person.id);
  if (rng.chance(run.messiness)) return { crm: 'any', ma: 'any' };
  const byPhone = rng.chance(0.15) && (person.phone ?? person.mobile) !== undefined;
  const without: Tool = rng.chance(0.5) ? 'crm' : 'ma';
  if (byPhone && person.tools.length > 1)
    return without === 'crm' ? { crm: 'phone', ma: 'both' } : { crm: 'both', ma: 'phone' };
  // A second record without an address needs a first one with a number.
  return { crm: 'email', ma: twice ? 'both' : 'email' };
}

function draft(rng: Random, tool: Tool, person: TruthPerson, evidence: Evidence, n: number, run: Run): Draft {
  const entry = makeEntry(rng, person, run.company, { kind: tool, messiness: run.messiness }, evidence);
  if (tool === 'ma' && entry.email !== '') {
    const key = emailKey(entry.email);
    if (run.taken.has(key)) {
      entry.email = '';
      entry.tags.push('email-taken');
    } else run.taken.add(key);
  }
  return { tool, key: `${tool}-${String(n + 1).padStart(6, '0')}`, person, entry, rng };
}

/** The record as the tool holds it, tied to its company where it names one. */
export function contactSeed({ tool, key, person, entry, rng }: Draft, world: World, run: Run): Seed {
  const seed: Seed = {
    key,
    personId: person.id,
    fields: tool === 'crm' ? salesforceContact(entry) : hubspotContact(entry),
    at: modified(rng.fork('at'), run),
    variations: entry.tags,
  };
  const employer = run.company(entry.companyId);
  if (tool === 'ma' && employer && rng.fork('code').chance(0.12 * run.messiness)) {
    const habits = { kind: tool, messiness: run.messiness, nameCounts: false };
    seed.fields.customer_code = spellCode(rng.fork('code form'), employer.customerCode, habits, entry.tags);
  }
  if (entry.companyId !== '' && (tool === 'crm' || entry.companyName !== '')) {
    seed.companyId = entry.companyId;
    seed.parent = `${tool}-${entry.companyId}`;
    if (tool === 'ma') world.ma.associations.push({ contact: key, company: seed.parent });
  }
  return seed;
}
