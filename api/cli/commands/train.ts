import { type Learnt, learn } from '../../../core/sync/learn.ts';
import { didYouMean } from '../../../mappings/nearest.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { userOf } from './decide/run.ts';
import { sayRestored, sayVersions, versionNumber } from './train/versions.ts';

/** More teach nothing new, and take minutes. */
const SAMPLE = 50_000;

export const trainCommand: Command = {
  name: 'train',
  usage: 'train ENTITY [--apply]   |   train ENTITY --versions   |   train ENTITY --restore N',
  summary: 'learns match weights from the stored records and from decisions; shows before and after',
  details: `  Nothing changes without --apply. With it the weights are put to use, and every record of the entity is matched anew by the
  next sync: look at 'nayose plan' before it. Earlier weights are kept: --versions lists them, and
  --restore N puts them to use again (0: the shipped ones).`,
  options: { apply: { type: 'boolean' }, versions: { type: 'boolean' }, restore: { type: 'string' } },
  words: { min: 1, max: 1, missing: "say which entity, as in 'nayose train person'" },
  run(session, { positionals, values }) {
    const restore = versionNumber(values.restore);
    if ([values.apply === true, values.versions === true, restore !== undefined].filter(Boolean).length > 1)
      throw new UsageError('--apply, --versions and --restore do not go together');
    return withHub<0>(session, async ({ config, store }) => {
      const name = positionals[0]!;
      const entity = Object.hasOwn(config.entities, name) ? config.entities[name] : undefined;
      const names = Object.keys(config.entities);
      if (!entity)
        throw new UsageError(
          `hub.yaml has no entity "${name}"; ${didYouMean(name, names) ?? `it has ${names.join(', ')}`}`,
        );
      if (values.versions === true) return sayVersions(session, store.db, entity);
      if (restore !== undefined) return sayRestored(session, store.db, entity, restore);
      const learnt = await learn(store.db, entity, {
        apply: values.apply === true,
        by: userOf(session),
        now: session.now(),
        sample: SAMPLE,
      });
      session.out.result(learnt, text(learnt));
      return 0;
    });
  },
};

function text(it: Learnt): string {
  const bits = (n: number) => `${n >= 0 ? '+' : ''}${n.toFixed(1)}`;
  const from = it.versionBefore === null ? 'the shipped weights' : `version ${it.versionBefore}`;
  return [
    `${it.entity}: learnt from ${it.records.toLocaleString('en')} records, ${it.pairs.toLocaleString('en')} pairs and ${it.decisions.toLocaleString('en')} ${it.decisions === 1 ? 'decision' : 'decisions'} of people; before: ${from}.`,
    table(
      ['comparison', 'level', 'before', 'after'],
      [
        ...it.weights.map(({ comparison, level, before, after }) => [
          comparison,
          level,
          bits(before),
          bits(after),
        ]),
        ['before any evidence', '', bits(it.prior.before), bits(it.prior.after)],
      ],
    ),
    table(
      ['pairs', 'one', 'in doubt', 'two'],
      [
        ['before', it.before.link, it.before.review, it.before.apart],
        ['after', it.after.link, it.after.review, it.after.apart],
      ],
    ),
    `${it.changed.toLocaleString('en')} pairs are decided otherwise.`,
    it.version === null
      ? 'Nothing has changed; --apply puts these weights to use.'
      : `In use as version ${it.version}; ${it.reopened.toLocaleString('en')} records are matched anew by the next sync.`,
  ].join('\n');
}
