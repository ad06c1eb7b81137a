import type { Fields } from '../../../connectors/contract.ts';
import type { Sandbox, SandboxRecord } from '../../../connectors/sandbox.ts';
import { ownerByValues, strangers } from './evidence.ts';
import { type Kind, STREAMS, type ToolName, type Truth } from './seed.ts';

/** How the owner of a record is known. `seed` and `link` are certain, `own` nearly so, `likely` is a guess. */
export type How = 'seed' | 'link' | 'own' | 'likely';

export interface Several {
  owner: string;
  records: string[];
}

export interface ToolAudit {
  /** How many owners have exactly one record here. */
  once: number;
  missing: string[];
  /** More records than were seeded: duplicates of a sync's making. */
  duplicated: Several[];
  /** Already held more than once when it was seeded, and still. */
  wereTwice: Several[];
  /** One record with the values, or the golden record, of two owners. */
  mixed: { record: string; owners: string[]; why: 'golden' | 'values' }[];
  /** Made by somebody, and its values speak for nobody, or for two. */
  unidentified: string[];
  /** Records of nobody: test rows and copies of them. */
  nobody: number;
  how: Record<How, number>;
}

export interface KindAudit {
  /** Owners that should be in every tool. */
  expected: number;
  salesforce: ToolAudit;
  hubspot: ToolAudit;
}

export interface Audit {
  people: KindAudit;
  companies: KindAudit;
  /** Whether people point to the company they work for. */
  employers: Record<ToolName, { right: number; wrong: string[]; missing: string[] }>;
  /** Everybody and every company exactly once in each tool, nothing mixed, nothing unexplained. */
  everyOnce: boolean;
}

const TOOLS: ToolName[] = ['salesforce', 'hubspot'];
const GOLDEN_ID = { salesforce: 'Nayose_Id__c', hubspot: 'nayose_id' } as const;

/**
 * Reads what the sandboxes hold after a sync and says who is there once, twice, or not at all. A record the sync
 * made is known by the golden id it shares with a seeded record, else by the values it shows.
 */
export function auditWorld(truth: Truth, salesforce: Sandbox, hubspot: Sandbox): Audit {
  const held = (kind: Kind): Held => ({
    salesforce: salesforce.records(STREAMS.salesforce[kind]).filter(({ deleted }) => !deleted),
    hubspot: hubspot.records(STREAMS.hubspot[kind]).filter(({ deleted }) => !deleted),
  });
  const people = inspect(truth, 'people', held('people'));
  const companies = inspect(truth, 'companies', held('companies'));
  const employers = {
    salesforce: checkEmployers(truth, 'salesforce', 'AccountId', people, companies),
    hubspot: checkEmployers(truth, 'hubspot', 'associations.companies', people, companies),
  };
  const clean = [people.audit, companies.audit].every(({ expected, ...tools }) =>
    TOOLS.every((tool) => {
      const { once, mixed, unidentified } = tools[tool];
      return once === expected && mixed.length === 0 && unidentified.length === 0;
    }),
  );
  return { people: people.audit, companies: companies.audit, employers, everyOnce: clean };
}

type Held = Record<ToolName, SandboxRecord[]>;
interface Inspected {
  audit: KindAudit;
  held: Held;
  owner: Record<ToolName, Map<string, string>>;
}

function inspect(truth: Truth, kind: Kind, held: Held): Inspected {
  const golden = ownersByGolden(truth, kind, held);
  const expected = new Set<string>();
  for (const tool of TOOLS)
    for (const owner of truth.owners[tool][kind].values()) if (owner !== '') expected.add(owner);
  const owner = { salesforce: new Map<string, string>(), hubspot: new Map<string, string>() };
  const of = (tool: ToolName): ToolAudit => {
    const seeded = truth.owners[tool][kind];
    const before = countOf(seeded.values());
    const records = new Map<string, string[]>();
    const audit: ToolAudit = {
      once: 0,
      missing: [],
      duplicated: [],
      wereTwice: [],
      mixed: [],
      unidentified: [],
      nobody: 0,
      how: { seed: 0, link: 0, own: 0, likely: 0 },
    };
    for (const { id, fields } of held[tool]) {
      const known = identify(truth, kind, seeded.get(id), golden.get(goldenId(tool, fields)), fields);
      if (!known) {
        audit.unidentified.push(id);
        continue;
      }
      audit.how[known.how]++;
      owner[tool].set(id, known.owner);
      if (known.owner === '') {
        audit.nobody++;
        continue;
      }
      const own = records.get(known.owner);
      if (own) own.push(id);
      else records.set(known.owner, [id]);
      const shared = golden.get(goldenId(tool, fields));
      const others = [...(shared ?? [])].filter((other) => other !== known.owner && other !== '');
      const foreign = strangers(truth.evidence[kind], known.owner, fields).filter((other) => other !== '');
      if (others.length > 0)
        audit.mixed.push({ record: id, owners: [known.owner, ...others], why: 'golden' });
      else if (foreign.length > 0)
        audit.mixed.push({ record: id, owners: [known.owner, ...foreign], why: 'values' });
    }
    for (const one of expected) {
      const own = records.get(one) ?? [];
      if (own.length === 0) audit.missing.push(one);
      else if (own.length === 1) audit.once++;
      else if (own.length <= (before.get(one) ?? 1)) audit.wereTwice.push({ owner: one, records: own });
      else audit.duplicated.push({ owner: one, records: own });
    }
    return audit;
  };
  return {
    audit: { expected: expected.size, salesforce: of('salesforce'), hubspot: of('hubspot') },
    held,
    owner,
  };
}

const goldenId = (tool: ToolName, fields: Fields): string => {
  const id = fields[GOLDEN_ID[tool]];
  return typeof id === 'string' ? id.toLowerCase() : '';
};

/** Owners of the seeded records of each golden id. */
function ownersByGolden(truth: Truth, kind: Kind, held: Held): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  for (const tool of TOOLS)
    for (const { id, fields } of held[tool]) {
      const owner = truth.owners[tool][kind].get(id);
      const golden = goldenId(tool, fields);
      if (owner === undefined || golden === '') continue;
      const all = owners.get(golden);
      if (all) all.add(owner);
      else owners.set(golden, new Set([owner]));
    }
  return owners;
}

function identify(
  truth: Truth,
  kind: Kind,
  seeded: string | undefined,
  linked: Set<string> | undefined,
  fields: Fields,
): { owner: string; how: How } | undefined {
  if (seeded !== undefined) return { owner: seeded, how: 'seed' };
  if (linked?.size === 1) return { owner: [...linked][0]!, how: 'link' };
  const found = ownerByValues(truth.evidence[kind], fields);
  // Of two people under one golden id, the one whose values won.
  if (linked && !(found && linked.has(found.owner))) return { owner: [...linked][0]!, how: 'likely' };
  return found && { owner: found.owner, how: found.strong ? 'own' : 'likely' };
}

function countOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function checkEmployers(
  truth: Truth,
  tool: ToolName,
  field: string,
  people: Inspected,
  companies: Inspected,
) {
  const found = { right: 0, wrong: [] as string[], missing: [] as string[] };
  for (const { id, fields } of people.held[tool]) {
    const employers = truth.employers.get(people.owner[tool].get(id) ?? '');
    if (!employers) continue;
    const target = fields[field];
    if (target === undefined || target === null) found.missing.push(id);
    else if (employers.has(companies.owner[tool].get(String(target)) ?? '')) found.right++;
    else found.wrong.push(id);
  }
  return found;
}
