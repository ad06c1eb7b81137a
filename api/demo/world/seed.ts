import type { Fields } from '../../../connectors/contract.ts';
import type { Sandbox, SeedRecord } from '../../../connectors/sandbox.ts';
import { companySigns, type Evidence, learn, personSigns } from './evidence.ts';
import type { Seed, World } from './types.ts';

/** The sandboxes' names for the streams that hold people and companies. */
export const STREAMS = {
  salesforce: { people: 'Contact', companies: 'Account' },
  hubspot: { people: 'contacts', companies: 'companies' },
} as const;
export type ToolName = keyof typeof STREAMS;
export type Kind = 'people' | 'companies';

/** Whose record each seeded record is, by the tool's own id; '' for the records of nobody. */
export type Owners = Record<Kind, Map<string, string>>;

export interface Truth {
  owners: Record<ToolName, Owners>;
  evidence: Record<Kind, Evidence>;
  /** Which companies a person works for, as the seeded records say. */
  employers: Map<string, Set<string>>;
}

/** A record that is in a sandbox, and whose it is. */
export interface Known {
  tool: ToolName;
  kind: Kind;
  id: string;
  owner: string;
  fields: Fields;
  /** For people: the company they work for, as this record has it. */
  employer?: string | undefined;
}

export function truthOf(known: Known[]): Truth {
  const owners: Truth['owners'] = {
    salesforce: { people: new Map(), companies: new Map() },
    hubspot: { people: new Map(), companies: new Map() },
  };
  const employers: Truth['employers'] = new Map();
  for (const { tool, kind, id, owner, employer } of known) {
    owners[tool][kind].set(id, owner);
    if (kind === 'people' && employer) {
      const all = employers.get(owner);
      if (all) all.add(employer);
      else employers.set(owner, new Set([employer]));
    }
  }
  const of = (kind: Kind) => known.filter((record) => record.kind === kind);
  return {
    owners,
    evidence: {
      people: learn(personSigns, of('people')),
      companies: learn(companySigns, of('companies')),
    },
    employers,
  };
}

/** Puts the world's records into the sandboxes: companies first, then the people who point to them. */
export function seedSandboxes(world: World, sandboxes: Record<ToolName, Sandbox>): Truth {
  const known: Known[] = [];
  const seed = (
    tool: ToolName,
    kind: Kind,
    seeds: Seed[],
    link: (seed: Seed) => Fields,
  ): Map<string, string> => {
    const records: SeedRecord[] = seeds.map((one) => ({
      fields: { ...one.fields, ...link(one) },
      at: one.at,
    }));
    const ids = sandboxes[tool].seed(STREAMS[tool][kind], records);
    const idOf = new Map<string, string>();
    seeds.forEach((one, i) => {
      const id = ids[i]!;
      idOf.set(one.key, id);
      const owner = (kind === 'people' ? one.personId : one.companyId) ?? '';
      known.push({ tool, kind, id, owner, fields: one.fields, employer: one.companyId });
    });
    return idOf;
  };
  const alone = (): Fields => ({});
  const accounts = seed('salesforce', 'companies', world.crm.accounts, alone);
  const companies = seed('hubspot', 'companies', world.ma.companies, alone);
  const linked = new Map(world.ma.associations.map(({ contact, company }) => [contact, company]));
  const target = (ids: Map<string, string>, key: string | undefined, field: string): Fields => {
    if (key === undefined) return {};
    const id = ids.get(key);
    if (id === undefined) throw new Error(`the world has no company record ${key}`);
    return { [field]: id };
  };
  seed('salesforce', 'people', world.crm.contacts, (one) => target(accounts, one.parent, 'AccountId'));
  seed('hubspot', 'people', world.ma.contacts, (one) =>
    target(companies, linked.get(one.key), 'associations.companies'),
  );
  return truthOf(known);
}
