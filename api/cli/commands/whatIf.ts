import { CONNECTORS } from '../../../connectors/registry.ts';
import { type Verdict, type WhatIf, whatIf } from '../../../core/sync/whatIf.ts';
import { didYouMean } from '../../../mappings/nearest.ts';
import { formatProblem } from '../../../mappings/problem.ts';
import { ConfigError } from '../../config/error.ts';
import { type ActiveConfig, readActiveConfig } from '../../config/revisions.ts';
import type { HubConfig } from '../../config/types.ts';
import { type BothEntities, entitiesOfBoth, ruledOtherwise } from '../../config/whatIf.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { readConfigFolder, withStore } from '../session.ts';

/** Of each attribute. */
const SAMPLES = 5;

export const whatIfCommand: Command = {
  name: 'what-if',
  usage: 'what-if [ENTITY]',
  summary: 'which golden values the survivorship rules of the config folder would change; writes nothing',
  details: `  What is stored is merged twice, by the rules of the active revision and by those of the folder; ENTITY limits it to one.
  Records are linked as they are: rules of survivorship say whose value wins, never who is one.`,
  options: {},
  words: { min: 0, max: 1 },
  async run(session, { positionals: [name] }) {
    const folder = await readConfigFolder(session);
    return withStore<0>(session, async ({ db }) => {
      const active = await readActiveConfig(db, session.env, CONNECTORS);
      const both = entitiesOfBoth(configAtWork(active), folder);
      const wanted = name === undefined ? ruledOtherwise(both) : [chosen(both, name)];
      const entities: WhatIf[] = [];
      for (const pair of wanted)
        entities.push(
          await whatIf(db, pair, { after: '', most: Number.POSITIVE_INFINITY, samples: SAMPLES }),
        );
      const revision = active!.revision.number;
      session.out.result(
        { revision, entities: entities.map(({ next: _, ...rest }) => rest) },
        text(revision, entities),
      );
      return 0;
    });
  },
};

function configAtWork(active: ActiveConfig | undefined): HubConfig {
  if (!active)
    throw new ConfigError(
      "nothing was applied yet, so there are no rules to compare with\nBring the rules of now to the hub with 'nayose apply', then change the folder.",
    );
  const { revision, result } = active;
  if ('config' in result) return result.config;
  throw new ConfigError(
    `revision ${revision.number}, which is active, cannot be read here:\n${result.problems.map(formatProblem).join('\n\n')}`,
  );
}

function chosen(both: ReadonlyMap<string, BothEntities>, name: string): BothEntities {
  const found = both.get(name);
  if (found) return found;
  const names = [...both.keys()];
  throw new UsageError(
    `no entity "${name}" is both in the folder and in the active revision; ${didYouMean(name, names) ?? `both have ${names.join(', ')}`}`,
  );
}

function text(revision: number, entities: readonly WhatIf[]): string {
  const changed = entities.filter(({ attributes }) => attributes.length > 0);
  if (changed.length === 0)
    return `The folder and revision ${revision} choose values by the same rules: no golden value would differ.`;
  return [
    ...changed.flatMap(entityText),
    "Nothing has changed. After 'nayose apply', a golden record takes these rules when one of its records next changes.",
  ].join('\n');
}

const many = (n: number, one: string, more: string) => `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

function entityText({ entity, golden, differ, attributes }: WhatIf): string[] {
  return [
    `${entity}: ${differ.toLocaleString('en')} of ${many(golden, 'golden record', 'golden records')} would hold other values.`,
    ...attributes.flatMap(({ attribute, before, after, differ, samples }) => [
      `  ${attribute}: ${before === after ? `${after} as before` : `${before ?? '(no such attribute)'} → ${after ?? '(no such attribute)'}`}: ${many(differ, 'value', 'values')}`,
      ...samples.map(
        ({ golden, name, from, to, was, wouldBe }) =>
          `    ${golden}  ${name || '(no name)'}: ${shown(from, was)} → ${shown(to, wouldBe)}`,
      ),
      ...(differ > samples.length
        ? [`    … and ${(differ - samples.length).toLocaleString('en')} more`]
        : []),
    ]),
  ];
}

const shown = (value: unknown, by: Verdict | null) =>
  `${value === null ? '(empty)' : JSON.stringify(value)}${by ? ` (${by.rule}; ${by.source})` : ''}`;
