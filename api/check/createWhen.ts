import { parseCondition } from '../../mappings/alert.ts';
import { parseExpression } from '../../mappings/expression.ts';
import { list } from '../../mappings/problem.ts';
import { nameOf } from '../../mappings/sampled.ts';
import type { HubConfig, MemberConfig } from '../config/types.ts';
import type { Reported } from './mappings.ts';
import type { Read } from './records.ts';

/**
 * What `create.when` says of the sampled records of the other tools, each by itself: one that holds for none creates nobody, one
 * that holds for all is no rule, and one that fails cannot tell. A golden record may know more than any one tool does.
 */
export async function checkCreateWhen(
  config: HubConfig,
  read: ReadonlyMap<string, Read>,
): Promise<Reported[]> {
  const findings: Reported[] = [];
  for (const { members } of Object.values(config.syncs))
    for (const member of members) {
      const to = read.get(member.mapping);
      if (member.createWhen === undefined || !to?.creates) continue;
      // Whoever is in the tool already, in whichever object, is not created there.
      const others = members
        .flatMap(({ mapping }) => read.get(mapping) ?? [])
        .filter(({ reads, spec }) => reads && spec.connection !== to.spec.connection);
      findings.push(...(await weigh(member, to, others)));
    }
  return findings;
}

async function weigh(
  { createWhen: when = '', createPlace: place }: MemberConfig,
  to: Read,
  others: readonly Read[],
): Promise<Reported[]> {
  const parsed = parseCondition(when, undefined, []);
  if ('message' in parsed) throw new Error(`${parsed.message}: ${when}`);
  let count = 0;
  const failed: string[] = [];
  const records = others.flatMap((from) => from.records.map((record) => ({ ...record, from })));
  for (const { id, values, from } of records) {
    const held = await parsed.condition.holds(values, undefined);
    if (!held.ok) failed.push(`${nameOf(from)} ${id}: ${held.message}`);
    else if (held.value) count++;
  }
  const of = records.length;
  if (of === 0) return [];
  const about = {
    connection: to.spec.connection,
    mapping: to.spec.name,
    object: to.spec.object,
    kind: 'create-when' as const,
    of,
    ...(place ? { place } : {}),
  };
  const shown = `create.when of ${to.spec.name}`;
  const whose = `${of} records of ${[...new Set(others.map(nameOf))].join(' and ')}`;
  const findings: Reported[] = [];
  if (failed[0] !== undefined)
    findings.push({
      ...about,
      severity: 'warning',
      message: `${shown} cannot tell for ${failed.length} of ${whose}: they would not be created in ${nameOf(to)}`,
      fix: 'write a condition that gives true or false for them too, such as amount > 100 in place of amount',
      count: failed.length,
      example: failed[0],
    });
  if (count === 0 && failed.length < of) {
    const { reads } = readsOf(when);
    const unknown = reads.filter(
      (name) => !others.some(({ mapping }) => mapping.readAttributes.includes(name)),
    );
    findings.push({
      ...about,
      severity: 'warning',
      message: `${shown} holds for none of ${whose}: as it is, nobody would be created in ${nameOf(to)}`,
      fix:
        unknown.length > 0
          ? `map ${list(unknown)} in ${list(others.map(({ spec }) => spec.name))}, which read no such attribute, or correct the condition`
          : `correct the condition: it reads ${list(reads)}`,
      count,
    });
  } else
    findings.push({
      ...about,
      severity: 'info',
      message: `${shown} holds for ${count} of ${whose}${count === of ? ': as far as these go, create: true says the same' : ''}`,
      count,
    });
  return findings;
}

function readsOf(when: string): { reads: string[] } {
  const parsed = parseExpression(when, []);
  return 'expression' in parsed ? parsed.expression : { reads: [] };
}
