import { duplicatesIn } from '../../../core/store/tool-merges.ts';
import { decideToolMerge } from '../../../core/sync/toolMerges.ts';
import { mergeRules, mergeStreams } from '../../runtime/merging.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { userOf } from './decide/run.ts';

const MOST = 1000;
const ANSWERS = ['approve', 'refuse', 'undo'] as const;

export const mergesCommand: Command = {
  name: 'merges',
  usage: 'merges [--approve | --refuse | --undo] [WINNER LOSER]',
  summary: 'duplicates within one tool that may be merged there, once a person says so',
  details: `  For members that say mergeInTool: review. WINNER and LOSER are records as connection/object/id.
  --approve has the next sync fold LOSER into WINNER by the tool's own merge, which no tool can undo; --refuse leaves them
  two there; --undo takes an answer back that was not carried out yet.`,
  options: Object.fromEntries(ANSWERS.map((name) => [name, { type: 'boolean' as const }])),
  words: { min: 0, max: 2 },
  run: (session, { positionals: [winner, loser], values }) =>
    withHub<0>(session, async (hub) => {
      const said = ANSWERS.filter((name) => values[name]);
      if (said.length > 1) throw new UsageError('say one of --approve, --refuse and --undo');
      const [answer] = said;
      if (
        (answer === undefined) !== (winner === undefined) ||
        (winner === undefined) !== (loser === undefined)
      )
        throw new UsageError(
          'name the record that stays and the one that goes, and say --approve, --refuse or --undo',
        );
      if (answer === undefined || winner === undefined || loser === undefined) {
        const duplicates = await duplicatesIn(hub.store.db, mergeStreams(hub.config), '', MOST);
        session.out.result(
          { duplicates, loses: mergeRules(hub.config).loses() },
          duplicates.length === 0
            ? 'No duplicates within a tool wait for anybody.'
            : `${table(
                ['golden record', 'records, the likeliest winner first'],
                duplicates.map(({ goldenId, records }) => [goldenId, records.join(', ')]),
              )}\n${mergeRules(hub.config).loses()}.`,
        );
        return 0;
      }
      const who = { by: userOf(session) };
      await decideToolMerge(hub.engine, { winner, loser }, answer, who, mergeRules(hub.config));
      const then = {
        approve: `The next sync folds ${loser} into ${winner}. ${mergeRules(hub.config).loses()}.`,
        refuse: `${winner} and ${loser} stay two records there.`,
        undo: `Nothing is decided of ${loser} any more.`,
      };
      session.out.result({ winner, loser, answer }, then[answer]);
      return 0;
    }),
};
