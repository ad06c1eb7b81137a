import { askedDeletions } from '../../../core/store/deletions.ts';
import { decideDeletion } from '../../../core/sync/decideDeletion.ts';
import { deletePolicies, MOST_ASKED, shownDeletion } from '../../runtime/deleting.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { table } from '../out.ts';
import { withHub } from '../session.ts';
import { userOf } from './decide/run.ts';
import { syncsOf } from './decide/syncs.ts';

export const deletesCommand: Command = {
  name: 'deletes',
  usage: 'deletes [--approve | --refuse] [RECORD …]',
  summary: 'deletions in one tool that wait for a person before they go to the others',
  details: `  For syncs that say deletes: ask (or archive, where somebody changed the counterpart since, or the tool has not said that the
  record is deleted and it was only not found). RECORD is connection/object/id.
  --approve has its counterparts deleted by the next sync; --refuse lets them stay, and nobody is asked again.`,
  options: { approve: { type: 'boolean' }, refuse: { type: 'boolean' } },
  words: { min: 0, max: 200 },
  run: (session, { positionals, values }) =>
    withHub<0>(session, async (hub) => {
      if (values.approve && values.refuse) throw new UsageError('say --approve or --refuse, not both');
      const answer = values.approve ? 'approve' : values.refuse ? 'refuse' : undefined;
      if ((answer === undefined) !== (positionals.length === 0))
        throw new UsageError(
          answer === undefined ? 'say --approve or --refuse' : 'name the records that were deleted',
        );
      if (answer === undefined) {
        const rows = await askedDeletions(hub.store.db, deletePolicies(hub.config), null, MOST_ASKED);
        const deletions = rows.map(shownDeletion);
        session.out.result(
          { deletions },
          deletions.length === 0
            ? 'No deletion waits for anybody.'
            : table(
                ['deleted', 'at', 'known from', 'would be deleted too'],
                deletions.map(({ record, at, presumed, targets }) => [
                  record,
                  at,
                  presumed ? 'not found' : 'its tool',
                  targets.join(', '),
                ]),
              ),
        );
        return 0;
      }
      const decided = [];
      for (const record of positionals) {
        const who = { by: userOf(session) };
        const { goldenId, state } = await decideDeletion(hub.engine, syncsOf(hub), record, answer, who);
        decided.push({ record, golden: goldenId, state });
      }
      session.out.result(
        { decided },
        decided.map(({ record, state }) => `${record}: ${state}`).join('\n') +
          (answer === 'approve' ? "\nRun 'nayose sync' to delete their counterparts now." : ''),
      );
      return 0;
    }),
};
