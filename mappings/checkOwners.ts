import type { Person } from '../connectors/contract.ts';
import { isEmptyField } from './fields.ts';
import type { Finding } from './finding.ts';
import { at, countOf, nameOf, type Sampled, type Tally, tally, valueCounts } from './sampled.ts';

/** The users of each connection; absent: the tool does not tell them. */
export type People = ReadonlyMap<string, readonly Person[]>;

const LINES = 5;

/** Attributes that hold a user of the tool on both sides: each owner of a record needs the partner with the same e-mail. */
export async function checkOwners(from: Sampled, to: Sampled, people: People): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [attribute, entry] of Object.entries(to.spec.fields)) {
    const [source, target] = [fieldOf(from, attribute), fieldOf(to, attribute)];
    if (!source?.owner || !target || entry.direction === 'in') continue;
    if (!from.mapping.readAttributes.includes(attribute)) continue;
    if (!target.owner)
      findings.push(
        at(to, attribute, {
          kind: 'owner',
          severity: 'warning',
          message: `${source.name} of ${nameOf(from)} holds users, and ${target.name} does not: their ids mean nothing there`,
          fix: 'map a field that holds users, or write direction: in',
        }),
      );
    else findings.push(...(await partnersOf(from, to, attribute, people)));
  }
  return findings;
}

async function partnersOf(from: Sampled, to: Sampled, attribute: string, people: People): Promise<Finding[]> {
  const [own, theirs] = [people.get(from.spec.connection), people.get(to.spec.connection)];
  const [source, target] = [fieldOf(from, attribute)!, fieldOf(to, attribute)!];
  if (!own || !theirs) return [];
  const known = new Map(own.map((person) => [person.id, person]));
  const wrong = new Map<string, Tally & { id: string }>();
  for (const { id, fields, values } of from.records) {
    const raw = fields[source.name];
    if (isEmptyField(raw)) continue;
    const owner = known.get(String(raw));
    const { fields: written } = await to.mapping.out(values, [attribute], () => undefined);
    const given = theirs.find((person) => person.id === String(written[target.name] ?? ''));
    if (given && owner?.email !== undefined && sameMail(given.email, owner.email)) continue;
    const key = owner?.email ?? owner?.name ?? String(raw);
    Object.assign(
      tally(wrong, key, () => id),
      { id: String(raw) },
    );
  }
  if (wrong.size === 0) return [];
  const count = [...wrong.values()].reduce((sum, one) => sum + one.count, 0);
  const counts = new Map([...wrong].map(([key, one]) => [key, one.count]));
  return [
    at(to, attribute, {
      kind: 'owner',
      severity: 'warning',
      message: `${target.name} gets no owner with the same e-mail for ${countOf(count, from.records.length, from)}: ${valueCounts(counts)}`,
      fix: fixFor(from, to, wrong, theirs),
      count,
      of: from.records.length,
      example: [...wrong.values()][0]!.example,
    }),
  ];
}

/** The lines of `values` for those who are in both tools, and what to do about the others. */
function fixFor(
  from: Sampled,
  to: Sampled,
  wrong: ReadonlyMap<string, { id: string }>,
  theirs: readonly Person[],
): string {
  const pairs = [...wrong].map(([email, { id }]) => ({
    email,
    id,
    partner: theirs.find((person) => sameMail(person.email, email)),
  }));
  const both = pairs.filter(({ partner }) => partner).slice(0, LINES);
  const alone = pairs.filter(({ partner }) => !partner).map(({ email }) => email);
  const lines = (of: (pair: (typeof both)[number]) => string) =>
    both.map((pair) => `"${of(pair)}": ${pair.email}`).join(', ');
  return [
    ...(both.length > 0
      ? [
          `write values: { ${lines(({ id }) => id)} } in ${from.spec.name}, and { ${lines(({ partner }) => partner!.id)} } in ${to.spec.name}`,
        ]
      : []),
    ...(alone.length > 0
      ? [
          `invite ${alone.slice(0, LINES).join(', ')} to ${to.spec.connection}, or give their records to somebody in values`,
        ]
      : []),
  ].join('; ');
}

const fieldOf = ({ spec, stream }: Sampled, attribute: string) => {
  const name = spec.fields[attribute]?.field;
  return stream.fields.find((field) => field.name === name);
};

const sameMail = (a: string | undefined, b: string | undefined) =>
  a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
