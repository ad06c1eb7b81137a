import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { DECIDING, DECIDING_DETAILS, decideHere } from './decide/run.ts';
import { findGolden } from './explain/find.ts';

export const splitCommand: Command = {
  name: 'split',
  usage: 'split ID [RECORD …] [--reason TEXT] [--sync]',
  summary: 'takes records out of a golden record; without names, each record becomes its own',
  details: `  ID as for explain; RECORD is connection/object/id, or the tool's own id. Records named go out together.
  Each part gets its own values back: what another record had given it is taken out of its tool again, where the tool allows.
${DECIDING_DETAILS}`,
  options: DECIDING,
  words: {
    min: 1,
    max: 200,
    missing:
      "say which golden record, as in 'nayose split jan@weber.de', and, to take out some of its records alone, which ones",
  },
  run: (session, args) =>
    withHub(session, async (hub) => {
      const [word, ...records] = args.positionals;
      const { golden } = await findGolden(hub.store.db, word!);
      return decideHere(session, hub, { kind: 'split', golden: golden.id, records }, args);
    }),
};
