import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { describe, expect, test } from 'vitest';
import { generateWorld, overlapping, type Seed, type World } from '../../../api/demo/world/index.ts';
import { corporateNumber, phoneDigits } from '../../../api/demo/world/numbers.ts';
import { VARIANT_PAIRS } from '../../../api/demo/world/text.ts';

const anySeed = fc.integer({ min: 0, max: 2 ** 31 });
const small = { people: 300, companies: 25, shared: 0.3 };
const text = (seed: Seed, field: string): string => String(seed.fields[field] ?? '');
const contactsOf = (world: World): Seed[] => [...world.crm.contacts, ...world.ma.contacts];

describe('options that make no world', () => {
  test.each([
    [{ people: -1 }, 'people must be a whole number from 0, not -1'],
    [{ companies: 1.5 }, 'companies must be a whole number from 0, not 1.5'],
    [{ shared: 1.2 }, 'shared must be between 0 and 1, not 1.2'],
    [{ messiness: Number.NaN }, 'messiness must be between 0 and 1, not NaN'],
    [{ duplicates: -0.1 }, 'duplicates must be between 0 and 1, not -0.1'],
    [{ now: 'yesterday' }, 'now must be an ISO time, not yesterday'],
    [{ tools: [] }, 'a world needs at least one tool'],
  ])('%j', (wrong, message) => {
    expect(() => generateWorld({ seed: 1, ...small, ...wrong })).toThrow(message);
  });

  test('an empty world is one', () => {
    const world = generateWorld({ seed: 1, people: 0, companies: 0, shared: 0, messiness: 1, cards: 5 });
    expect([world.people, world.crm.contacts, world.ma.companies, world.cards]).toEqual([[], [], [], []]);
  });
  test('people without companies are private customers', () => {
    const world = generateWorld({ seed: 1, people: 50, companies: 0, shared: 0.5, messiness: 1 });
    expect(world.people.every(({ companyId }) => companyId === '')).toBe(true);
  });
});

describe('the same options give the same world, other seeds another', () => {
  test('over seeds and messiness', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(0, 0.5, 1), (seed, messiness) => {
        const make = (n: number) =>
          JSON.stringify(generateWorld({ seed: n, ...small, messiness, cards: 20 }));
        expect(make(seed)).toBe(make(seed));
        expect(make(seed)).not.toBe(make(seed + 1));
      }),
      { numRuns: 10 },
    );
  });
});

describe('counts', () => {
  test('ten thousand contacts each side, three thousand of them shared, a thousand companies', () => {
    const world = generateWorld({ seed: 7, ...overlapping(10_000, 3000), companies: 1000 });
    expect(world.people).toHaveLength(17_000);
    expect(world.crm.contacts).toHaveLength(10_000);
    expect(world.ma.contacts).toHaveLength(10_000);
    expect(world.companies).toHaveLength(1000);
    const crm = new Set(world.crm.contacts.map(({ personId }) => personId));
    expect(world.ma.contacts.filter(({ personId }) => crm.has(personId))).toHaveLength(3000);
  });

  test('over seeds: the shared fraction is exact, the rest is halved', () => {
    fc.assert(
      fc.property(
        anySeed,
        fc.integer({ min: 0, max: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, people, shared) => {
          const world = generateWorld({ seed, people, companies: 10, shared });
          const both = world.people.filter(({ tools }) => tools.length === 2).length;
          expect(both).toBe(Math.round(people * shared));
          const [crm, ma] = [world.crm.contacts.length, world.ma.contacts.length];
          expect(crm + ma).toBe(people + both);
          expect(crm - ma === 0 || crm - ma === 1).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('duplicates within a tool', () => {
    for (const messiness of [0, 1]) {
      const world = generateWorld({
        seed: 3,
        people: 1000,
        companies: 50,
        shared: 0.2,
        duplicates: 0.1,
        messiness,
      });
      for (const tool of ['crm', 'ma'] as const) {
        const ids = world[tool].contacts.flatMap(({ personId }) =>
          personId?.startsWith('P') ? [personId] : [],
        );
        expect(ids.length - new Set(ids).size).toBe(Math.round(new Set(ids).size * 0.1));
      }
    }
  });

  test('one tool alone holds everybody', () => {
    const world = generateWorld({ seed: 3, ...small, tools: ['ma'] });
    expect(world.ma.contacts).toHaveLength(300);
    expect(world.ma.companies).toHaveLength(25);
    expect([world.crm.accounts, world.crm.contacts]).toEqual([[], []]);
  });

  test('the Japanese share is about what was asked', () => {
    const share = (japanese: number) => {
      const { people } = generateWorld({ seed: 5, people: 2000, companies: 400, shared: 0, japanese });
      return people.filter((person) => person.japanese).length / people.length;
    };
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(1);
    expect(Math.abs(share(0.5) - 0.5)).toBeLessThan(0.1);
  });
});

/** Laws of every world, clean or messy. */
function checkAnyWorld(world: World): void {
  const now = Date.parse(world.now);
  const keys = new Set<string>();
  const all = [...contactsOf(world), ...world.crm.accounts, ...world.ma.companies];
  for (const seed of all) {
    expect(keys.has(seed.key)).toBe(false);
    keys.add(seed.key);
    const age = now - Date.parse(seed.at);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual((2 * 365 * 86_400 + 1) * 1000);
    expect(seed.at).toMatch(/:\d\d\.000Z$/);
    for (const value of Object.values(seed.fields)) expect(value).not.toBe('');
  }
  for (const { parent } of contactsOf(world)) if (parent !== undefined) expect(keys.has(parent)).toBe(true);
  for (const { contact, company } of world.ma.associations)
    expect(keys.has(contact) && keys.has(company)).toBe(true);
  // What the tools themselves insist on.
  const addresses = new Set<string>();
  for (const contact of world.ma.contacts) {
    const email = text(contact, 'email').toLowerCase();
    if (email === '') continue;
    expect(email).toMatch(/^[\w.+-]+@[a-z0-9.-]+\.[a-z]+$/);
    expect(addresses.has(email)).toBe(false);
    addresses.add(email);
  }
  for (const contact of world.crm.contacts) {
    expect(text(contact, 'LastName').trim()).not.toBe('');
    expect(text(contact, 'LastName').length).toBeLessThanOrEqual(80);
    expect(text(contact, 'FirstName').length).toBeLessThanOrEqual(40);
    expect(text(contact, 'Email').length).toBeLessThanOrEqual(80);
    expect(text(contact, 'Phone').length).toBeLessThanOrEqual(40);
    expect(['Prospect', 'Won', '']).toContain(text(contact, 'Stage__c'));
  }
  for (const { corporateNumber: number } of world.companies)
    expect(number).toBe(corporateNumber(number.slice(1)));
}

/** Every host name in the world's JSON, in full width too. */
function hosts(world: World): string[] {
  const json = JSON.stringify(world).normalize('NFKC').toLowerCase();
  return [...json.matchAll(/(?:@|https?:\/\/(?:www\.)?|"domain":")([a-z0-9-]+(?:\.[a-z0-9-]+)*)/g)].map(
    (m) => m[1]!,
  );
}

describe('any world', () => {
  test('keeps the laws of its records and tools, and names no host that could exist', () => {
    fc.assert(
      fc.property(anySeed, fc.double({ min: 0, max: 1, noNaN: true }), (seed, messiness) => {
        const world = generateWorld({ seed, ...small, messiness, duplicates: messiness / 10, cards: 30 });
        checkAnyWorld(world);
        const named = hosts(world);
        expect(named.length).toBeGreaterThan(300);
        for (const host of named) expect(host).toMatch(/(^|\.)example(\.com)?$/);
      }),
      { numRuns: 12 },
    );
  });

  test('shared names happen as often as in life: some are common, most are not', () => {
    const { people } = generateWorld({ seed: 11, people: 10_000, companies: 500, shared: 0.2 });
    const japanese = people.filter((person) => person.japanese);
    const count = (family: string) =>
      japanese.filter(({ name }) => name.family === family).length / japanese.length;
    expect(count('佐藤')).toBeGreaterThan(0.015);
    expect(count('佐藤')).toBeLessThan(0.05);
    expect(count('勅使河原')).toBeLessThan(0.004);
    const full = new Map<string, number>();
    for (const { name } of people)
      full.set(name.family + name.given, (full.get(name.family + name.given) ?? 0) + 1);
    expect(Math.max(...full.values())).toBeGreaterThan(3);
  });
});

/** A matcher as plain as can be, none of it taken from the generator. */
const dashless = (phone: string) => phone.normalize('NFKC').replace(/[‐−ー–]/g, '-');
const e164 = (phone: string) => parsePhoneNumberFromString(dashless(phone), 'JP')?.number ?? `? ${phone}`;
const fold = (name: string) => {
  let plain = name
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f\s]/g, '')
    .normalize('NFC');
  for (const [common, old] of VARIANT_PAIRS) plain = plain.replaceAll(old, common);
  return plain;
};
const read = (seed: Seed) => {
  const crm = seed.key.startsWith('crm');
  const get = (...fields: string[]) => fields.map((field) => text(seed, field));
  const [family, given] = crm ? get('LastName', 'FirstName') : get('lastname', 'firstname');
  return {
    name: fold(`${family}${given}`),
    email: get(crm ? 'Email' : 'email')[0]!
      .normalize('NFKC')
      .toLowerCase(),
    phones: get(...(crm ? ['Phone', 'MobilePhone'] : ['phone', 'mobilephone']))
      .filter(Boolean)
      .map(e164),
  };
};

describe('the clean world', () => {
  test('a sound matcher finds every person, and joins no two', () => {
    fc.assert(
      fc.property(anySeed, fc.constantFrom(0, 0.1), (seed, duplicates) => {
        const world = generateWorld({ seed, people: 600, companies: 40, shared: 0.4, duplicates });
        const groups = new Map<string, number>();
        const parent: number[] = [];
        const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!));
        const contacts = contactsOf(world);
        contacts.forEach((contact, i) => {
          parent.push(i);
          const { email, phones } = read(contact);
          const strong = [...(email ? [`e ${email}`] : []), ...phones.map((phone) => `p ${phone}`)];
          for (const key of strong) {
            const other = groups.get(key);
            if (other === undefined) groups.set(key, i);
            else parent[root(i)] = root(other);
          }
        });
        const found = new Map<number, Set<string>>();
        contacts.forEach((contact, i) => {
          const group = found.get(root(i)) ?? new Set();
          found.set(root(i), group.add(contact.personId!));
        });
        for (const people of found.values()) expect([...people]).toHaveLength(1);
        expect(found.size).toBe(world.people.length);
      }),
      { numRuns: 15 },
    );
  });

  test('no two people share an address or a number, and no two colleagues a name', () => {
    const world = generateWorld({ seed: 9, ...overlapping(3000, 900), companies: 200 });
    const owners = new Map<string, string>();
    for (const contact of contactsOf(world))
      for (const key of [read(contact).email, ...read(contact).phones].filter(Boolean)) {
        expect(owners.get(key) ?? contact.personId).toBe(contact.personId);
        owners.set(key, contact.personId!);
      }
    const names = world.people
      .filter(({ companyId }) => companyId)
      .map(
        ({ companyId, name }) =>
          `${companyId} ${name.familyReading || name.family} ${name.givenReading || name.given}`,
      );
    expect(new Set(names).size).toBe(names.length);
  });

  test('every written number can be read as the true one', () => {
    const world = generateWorld({ seed: 13, ...overlapping(1500, 500), companies: 100 });
    const truth = new Map(
      world.people.map((person) => [
        person.id,
        [person.phone, person.mobile].flatMap((phone) => (phone ? [`+${phoneDigits(phone)}`] : [])),
      ]),
    );
    for (const contact of contactsOf(world))
      for (const phone of read(contact).phones) expect(truth.get(contact.personId!)).toContain(phone);
  });

  test('the two spellings do differ', () => {
    const world = generateWorld({ seed: 17, ...overlapping(2000, 1000), companies: 100 });
    const crm = new Map(world.crm.contacts.map((contact) => [contact.personId, contact]));
    const pairs = world.ma.contacts.flatMap((ma) => {
      const other = crm.get(ma.personId);
      return other ? [[other, ma] as const] : [];
    });
    expect(pairs).toHaveLength(1000);
    const share = (differs: (a: Seed, b: Seed) => boolean) =>
      pairs.filter(([a, b]) => differs(a, b)).length / 1000;
    expect(share((a, b) => text(a, 'LastName') !== text(b, 'lastname'))).toBeGreaterThan(0.15);
    expect(share((a, b) => text(a, 'Email') !== text(b, 'email'))).toBeGreaterThan(0.2);
    expect(share((a, b) => text(a, 'Phone') !== text(b, 'phone') && text(b, 'phone') !== '')).toBeGreaterThan(
      0.2,
    );
    expect(share((a, b) => text(a, 'Email') === '' || text(b, 'email') === '')).toBeGreaterThan(0.08);
  });

  test('companies can be joined by their site, and have no other in common', () => {
    const world = generateWorld({ seed: 19, people: 3000, companies: 500, shared: 0.3 });
    const site = (url: string) => new URL(url).hostname.replace(/^www\./, '');
    const crm = new Map(
      world.crm.accounts.map((account) => [site(text(account, 'Website')), account.companyId]),
    );
    expect(crm.size).toBe(world.crm.accounts.length);
    for (const company of world.ma.companies) {
      const found = crm.get(text(company, 'domain'));
      if (found !== undefined) expect(found).toBe(company.companyId);
    }
    expect(world.ma.companies.filter((company) => crm.has(text(company, 'domain'))).length).toBeGreaterThan(
      300,
    );
  });
});

describe('the messy world', () => {
  const world = generateWorld({
    seed: 23,
    people: 6000,
    companies: 500,
    shared: 0.4,
    messiness: 1,
    duplicates: 0.03,
    cards: 1500,
  });
  const crm = world.crm.contacts;
  const ma = world.ma.contacts;
  const rows = world.cards.map(({ row }) => row);
  const shows = (seeds: Seed[], field: string, pattern: RegExp) =>
    seeds.filter((seed) => pattern.test(text(seed, field))).length;

  test('has every hard case', () => {
    const cases = new Set([...world.people, ...world.companies].map(({ hardCase }) => hardCase));
    expect([...cases].filter(Boolean).sort()).toEqual([
      'changed-company',
      'family-firm',
      'household',
      'namesake-near-company',
      'namesake-other-company',
      'namesake-same-company',
      'same-name',
      'subsidiary',
      'surname-change',
    ]);
  });

  test.each([
    ['half-width kana', () => shows(ma, 'kana_last', /[\uff66-\uff9f]/)],
    ['hiragana', () => shows(ma, 'lastname', /^[ぁ-ん]+$/)],
    ['full-width Latin', () => shows(ma, 'lastname', /[Ａ-Ｚａ-ｚ]/)],
    ['old kanji', () => shows(crm, 'LastName', /[髙﨑邊邉齋齊澤廣濱濵國龍橫黑]/)],
    ['romaji with macrons', () => shows(ma, 'lastname', /[āīūēōĀŌ]/)],
    ['names in one field', () => ma.filter((seed) => !seed.fields.firstname && seed.fields.lastname).length],
    ['honorifics', () => shows(ma, 'firstname', /様|殿|さん|Mr\.|Ms\./)],
    ['letters set apart', () => shows(crm, 'LastName', /^[一-龠] [一-龠]$/)],
    ['㈱', () => shows(ma, 'company', /㈱/)],
    ['(株)', () => shows(ma, 'company', /\(株\)|（株）/)],
    [
      'the legal form left out',
      () => ma.filter(({ variations }) => variations.includes('legal-omitted')).length,
    ],
    ['branches in the company field', () => shows(ma, 'company', /支店|営業所|本社/)],
    ['English company names', () => shows(ma, 'company', /Co\., Ltd\.|CO\., LTD\.|K\.K\./)],
    ['+81', () => shows(ma, 'phone', /^\+81/)],
    ['full-width numbers', () => shows(crm, 'Phone', /[０-９]/)],
    ['extensions', () => shows(crm, 'Phone', /内線|（内）|代/)],
    ['numbers that are none', () => shows(ma, 'phone', /^0+(-0+)*$|^03-0000-0000$/)],
    ['addresses in kanji numbers', () => shows(crm, 'MailingStreet', /[一二三四五六七]丁目/)],
    ['addresses in romaji', () => shows(ma, 'address', /^[\d-]+ [A-Z]/)],
    ['prefectures left out', () => ma.filter((seed) => seed.fields.city && !seed.fields.state).length],
    [
      'whole addresses in one field',
      () => ma.filter((seed) => seed.fields.address && !seed.fields.city).length,
    ],
    ['postal codes with 〒', () => shows(ma, 'zip', /^〒/)],
    ['upper-case addresses', () => shows(ma, 'email', /^[A-Z.0-9_-]+@[A-Z]/)],
    ['full-width addresses', () => shows(crm, 'Email', /＠/)],
    ['tags in addresses', () => shows(ma, 'email', /\+\w+@/)],
    ['role addresses', () => shows(crm, 'Email', /^(info|sales|contact|soumu)@/i)],
    ['placeholder addresses', () => shows(crm, 'Email', /nomail|aaa@|test@|noemail/)],
    ['no address at all', () => crm.filter((seed) => !seed.fields.Email).length],
    ['role contacts', () => shows(crm, 'LastName', /担当者|総務部|代表/)],
    ['test rows', () => crm.filter(({ personId }) => personId === '').length],
    ['codes without their department', () => shows(world.ma.companies, 'customer_code', /^\d+$|^[０-９]+$/)],
    [
      'accounts held twice',
      () => world.crm.accounts.length - new Set(world.crm.accounts.map((a) => a.companyId)).size,
    ],
    ['cards with the name in Latin letters', () => rows.filter((row) => row.full_name_roman !== '').length],
    ['cards with a whole address', () => rows.filter((row) => /^〒?[\d０-９]/.test(row.address)).length],
  ])('has %s', (_, count) => {
    expect(count()).toBeGreaterThan(3);
  });

  test('swapped names are the true ones the other way round', () => {
    const byId = new Map(world.people.map((person) => [person.id, person]));
    const swapped = crm.filter(({ fields, personId }) => {
      const name = byId.get(personId!)?.name;
      return name && fields.LastName === name.given && fields.FirstName === name.family;
    });
    expect(swapped.length).toBeGreaterThan(10);
  });

  test('mailboxes and numbers are shared within households and firms', () => {
    const owners = new Map<string, Set<string>>();
    for (const contact of crm)
      for (const key of [read(contact).email, ...read(contact).phones].filter(Boolean))
        owners.set(key, (owners.get(key) ?? new Set()).add(contact.personId!));
    const families = world.people.filter(
      ({ hardCase }) => hardCase === 'household' || hardCase === 'family-firm',
    );
    const ids = new Set(families.map(({ id }) => id));
    const between = [...owners.values()].filter((all) => [...all].filter((id) => ids.has(id)).length > 1);
    expect(between.length).toBeGreaterThan(10);
  });

  test('people who changed companies stand with the old one in the CRM', () => {
    const moved = new Map(
      world.people.flatMap((p) => (p.former ? [[p.id, p.former.companyId] as const] : [])),
    );
    const old = crm.filter(
      ({ personId, companyId }) => moved.has(personId!) && moved.get(personId!) === companyId,
    );
    expect(old.length).toBeGreaterThan(20);
  });

  test('a little messiness is less than much', () => {
    const missing = (messiness: number) =>
      generateWorld({ seed: 29, people: 2000, companies: 100, shared: 0.3, messiness }).crm.contacts.filter(
        ({ fields }) => !fields.Email,
      ).length;
    expect(missing(0.3)).toBeLessThan(missing(1));
  });
});
