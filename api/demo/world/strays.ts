import type { Fields } from '../../../connectors/contract.ts';
import { type Evidence, makeEntry } from './entries.ts';
import { romaji } from './kana.ts';
import type { Random } from './random.ts';
import { cardRow } from './records.ts';
import { modified, type Run } from './run.ts';
import { capital } from './text.ts';
import type { Card, Tool, TruthPerson, World } from './types.ts';

/** Mailboxes of offices, and rows somebody typed to try the form: records that are no person's. */
export function addNobodies(rng: Random, tool: Tool, world: World, run: Run): void {
  const contacts = world[tool].contacts;
  const count = Math.round(contacts.length * 0.012 * run.messiness);
  for (let i = 0; i < count && world.companies.length > 0; i++) {
    const own = rng.fork(i);
    const company = own.pick(world.companies);
    const test = own.chance(0.25);
    const email = test ? 'test@example.com' : `info@${company.domain}`;
    const mailbox: Fields = tool === 'ma' && run.taken.has(email) ? {} : { email };
    if (tool === 'ma') run.taken.add(email);
    const family = own.pick(test ? ['テスト', 'test', 'あああ'] : ['ご担当者', '総務部', '担当者様', '代表']);
    const fields: Fields =
      tool === 'crm'
        ? { LastName: family, Email: email }
        : { lastname: family, company: company.name, ...mailbox };
    contacts.push({
      key: `${tool}-x${i + 1}`,
      personId: test ? '' : `R${company.id}`,
      fields,
      at: modified(own, run),
      variations: [test ? 'test-row' : 'role-contact'],
    });
  }
}

/** Business cards of random people; their spelling is as free as print and scanners are. */
export function makeCards(rng: Random, people: TruthPerson[], count: number, run: Run): Card[] {
  const cards: Card[] = [];
  for (let i = 0; i < count && people.length > 0; i++) {
    const own = rng.fork(i);
    const person = own.pick(people);
    const evidence: Evidence = own.chance(run.messiness) ? 'any' : 'email';
    const entry = makeEntry(own, person, run.company, { kind: 'card', messiness: run.messiness }, evidence);
    const { familyReading, givenReading } = person.name;
    const latin =
      familyReading !== '' && own.chance(0.3)
        ? `${capital(romaji(givenReading, 'hepburn'))} ${romaji(familyReading, 'hepburn').toUpperCase()}`
        : '';
    const id = `BC-${String(i + 1).padStart(6, '0')}`;
    const day = modified(own, run).slice(0, 10);
    cards.push({
      personId: person.id,
      companyId: entry.companyId,
      row: cardRow(own, entry, latin, id, day, run.company(entry.companyId)?.domain ?? ''),
      variations: entry.tags,
    });
  }
  return cards;
}
