import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { explainGolden } from './explain/account.ts';
import { findGolden } from './explain/find.ts';
import { explanationText } from './explain/text.ts';

export const explainCommand: Command = {
  name: 'explain',
  usage: 'explain ID',
  summary: 'says where every value of a golden record comes from, and why its records are one',
  details: `  ID is a golden id (g_…; old ones too), a record as connection/object/id, a tool's own id, or an e-mail address.
  No tool is asked: this is what the hub knows since its last sync.`,
  options: {},
  words: {
    min: 1,
    max: 1,
    missing:
      "say whom: a golden id, a record, the id that a tool gave it, or an e-mail address, as in 'nayose explain jan@weber.de' or 'nayose explain crm/Contact/0035g00000AbCdE'",
  },
  run: (session, { positionals }) =>
    withHub<0>(session, async ({ config, store }) => {
      const found = await findGolden(store.db, positionals[0]!);
      const entity = config.entities[found.golden.entity];
      if (!entity)
        throw new Error(
          `golden record ${found.golden.id} is a ${found.golden.entity}, which hub.yaml does not know`,
        );
      const explanation = await explainGolden(store.db, entity, found);
      session.out.result(explanation, explanationText(entity, explanation));
      return 0;
    }),
};
