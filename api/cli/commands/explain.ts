import { explainPair } from '../../../core/sync/explainPair.ts';
import { createMatchers } from '../../runtime/matchers.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { explainGolden } from './explain/account.ts';
import { findGolden } from './explain/find.ts';
import { pairMeant } from './explain/pair.ts';
import { pairText } from './explain/pairText.ts';
import { explanationText } from './explain/text.ts';

export const explainCommand: Command = {
  name: 'explain',
  usage: 'explain ID   |   explain A B',
  summary:
    'says where every value of a golden record comes from, and why its records are one; of any two records why they are one, two, or in doubt',
  details: `  ID, A and B are each a golden id (g_…; old ones too), a record as connection/object/id, a tool's own id, or an e-mail address.
  Of two golden records the two records are shown that are in doubt, otherwise those that are most alike.
  No tool is asked: this is what the hub knows since its last sync.`,
  options: {},
  words: {
    min: 1,
    max: 2,
    missing:
      "say whom: a golden id, a record, the id that a tool gave it, or an e-mail address, as in 'nayose explain jan@weber.de' or 'nayose explain crm/Contact/0035g00000AbCdE'",
  },
  run: (session, { positionals }) =>
    withHub<0>(session, async ({ config, store: { db } }) => {
      const [found, other] = [
        await findGolden(db, positionals[0]!),
        positionals[1] === undefined ? undefined : await findGolden(db, positionals[1]),
      ];
      const entity = config.entities[found.golden.entity];
      if (!entity)
        throw new Error(
          `golden record ${found.golden.id} is a ${found.golden.entity}, which hub.yaml does not know`,
        );
      if (other === undefined) {
        const explanation = await explainGolden(db, entity, found);
        session.out.result(explanation, explanationText(entity, explanation));
        return 0;
      }
      const matcher = (await createMatchers(db)([entity])).get(entity.name)!;
      const [a, b] = await pairMeant(db, matcher, found, other);
      const pair = await explainPair(db, entity, matcher, a, b);
      if (!pair) throw new UsageError(`${a} or ${b} has gone meanwhile`);
      session.out.result(pair, pairText(entity, pair));
      return 0;
    }),
};
