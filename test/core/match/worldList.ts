import { generateWorld, type Seed, type World, type WorldOptions } from '../../../api/demo/world/index.ts';
import { cluster } from '../../../core/match/cluster.ts';
import { buildBlocks, eachPair } from '../../../core/match/pairs.ts';
import type { Edge, Matcher, MatchInput } from '../../../core/match/types.ts';
import { BUILTIN_ENTITIES } from '../../../core/model/builtin.ts';
import { isEmpty } from '../../../core/model/value.ts';
import { compileMapping } from '../../../mappings/compile.ts';
import { parseMapping } from '../../../mappings/spec.ts';

/** A list of records as the engine hands them to matching, and whose each one is ('' for the records of nobody). */
export interface WorldList {
  inputs: MatchInput[];
  truth: Map<string, string>;
  seeds: Map<string, Seed>;
}

const MAPPINGS = {
  crm: {
    person:
      'connection: crm\npreset: salesforce/contact\nfields: { familyNameKana: LastNameKana__c, givenNameKana: FirstNameKana__c }',
    company:
      'connection: crm\npreset: salesforce/account\nfields: { customerCode: CustomerCode__c, corporateNumber: CorporateNumber__c }',
  },
  ma: {
    person:
      'connection: ma\npreset: hubspot/contact\nfields: { familyNameKana: kana_last, givenNameKana: kana_first }',
    company:
      'connection: ma\npreset: hubspot/company\nfields: { customerCode: customer_code, corporateNumber: corporate_number }',
  },
};

function compile(tool: 'crm' | 'ma', entity: 'person' | 'company') {
  const { spec, problems } = parseMapping(`${tool}-${entity}.yaml`, MAPPINGS[tool][entity]);
  if (spec === undefined) throw new Error(JSON.stringify(problems));
  return compileMapping(spec, {
    entity: BUILTIN_ENTITIES[entity],
    objectOf: () => 'company',
    region: 'JP',
    timeZone: 'Asia/Tokyo',
  });
}

async function read(
  tool: 'crm' | 'ma',
  entity: 'person' | 'company',
  seeds: readonly Seed[],
): Promise<MatchInput[]> {
  const mapping = compile(tool, entity);
  return Promise.all(
    seeds.map(async ({ key, fields }) => {
      const { values } = await mapping.in(fields);
      const filled = Object.entries(values).filter(([, value]) => !isEmpty(value));
      return { id: `${tool}/${key}`, source: tool, values: Object.fromEntries(filled) };
    }),
  );
}

function listOf(lists: [MatchInput[], readonly Seed[]][], owner: (seed: Seed) => string): WorldList {
  const seeds = new Map<string, Seed>();
  for (const [inputs, from] of lists)
    for (const [i, input] of inputs.entries()) seeds.set(input.id, from[i]!);
  return {
    inputs: lists.flatMap(([inputs]) => inputs),
    truth: new Map([...seeds].map(([id, seed]) => [id, owner(seed)])),
    seeds,
  };
}

/** The world's companies and people through the presets; people already point to their company's golden record. */
export async function worldLists(options: WorldOptions): Promise<{
  people: WorldList;
  companies: WorldList;
  world: World;
}> {
  const world = generateWorld(options);
  const companies = listOf(
    [
      [await read('crm', 'company', world.crm.accounts), world.crm.accounts],
      [await read('ma', 'company', world.ma.companies), world.ma.companies],
    ],
    ({ companyId }) => companyId ?? '',
  );
  const names = new Map<string, string>();
  for (const { id, values } of companies.inputs)
    if (typeof values.name === 'string' && !names.has(companies.truth.get(id)!))
      names.set(companies.truth.get(id)!, values.name);
  const people = listOf(
    [
      [await read('crm', 'person', world.crm.contacts), world.crm.contacts],
      [await read('ma', 'person', world.ma.contacts), world.ma.contacts],
    ],
    ({ personId }) => personId ?? '',
  );
  for (const { id, values } of people.inputs) {
    const employer = people.seeds.get(id)!.companyId;
    if (employer === undefined) continue;
    values.company = `golden-${employer}`;
    const name = names.get(employer);
    if (isEmpty(values.companyName) && name !== undefined) values.companyName = name;
  }
  return { people, companies, world };
}

export interface Resolution {
  clusters: string[][];
  edges: Edge[];
  /** Candidate pairs compared. */
  pairs: number;
  keys: number;
}

/** Everything at once, as the engine decides it: links only, human decisions none, clusters of at most 100. */
export function resolveAll<P>(matcher: Matcher<P>, inputs: readonly MatchInput[]): Resolution {
  const records = inputs.map((input) => matcher.prepare(input));
  const keys = records.map((record) => matcher.keys(record));
  const edges: Edge[] = [];
  const pairs = eachPair(buildBlocks(keys, matcher.limit), (i, j) => {
    const { weight, decision } = matcher.compare(records[i]!, records[j]!);
    const [a, b] = [inputs[i]!.id, inputs[j]!.id].sort() as [string, string];
    if (decision !== 'apart') edges.push({ a, b, weight, decision });
  });
  const index = new Map(inputs.map(({ id }, i) => [id, i]));
  const { clusters } = cluster({
    ids: inputs.map(({ id }) => id),
    edges,
    contradicts: (a, b) =>
      matcher.compare(records[index.get(a)!]!, records[index.get(b)!]!).contradiction !== undefined,
    decisions: { links: [], aparts: [] },
    maxSize: 100,
  });
  return { clusters, edges, pairs, keys: keys.reduce((n, list) => n + list.length, 0) };
}
