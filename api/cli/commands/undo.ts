import { when } from '../../../core/model/when.ts';
import { type ActRow, actPage, decisionsOfActs } from '../../../core/store/decisions.ts';
import { undo } from '../../../core/sync/undo.ts';
import type { Command } from '../command.ts';
import { withHub } from '../session.ts';
import { DECIDING, sayOutcome, userOf } from './decide/run.ts';
import { syncsOf } from './decide/syncs.ts';

/** Decisions that are listed. */
const LISTED = 20;

export const undoCommand: Command = {
  name: 'undo',
  usage: 'undo [DECISION] [--reason TEXT] [--sync]',
  summary: 'takes back what a person decided by hand; without a name, lists what was decided last',
  details: `  DECISION is the id that split, link, apart, pin and reviews tell. What it had overruled is in force again, as far as nothing newer
  contradicts it. The outcome says what the tools cannot give back. Tools are told by the next sync; --sync runs it now.`,
  options: { reason: DECIDING.reason!, sync: DECIDING.sync! },
  words: { min: 0, max: 1 },
  run: (session, { positionals: [id], values }) =>
    withHub(session, async (hub) => {
      if (id === undefined) {
        const decisions = await actPage(hub.store.db, { entity: null, before: null }, LISTED);
        const parts = await decisionsOfActs(
          hub.store.db,
          decisions.map((one) => one.id),
        );
        session.out.result({ decisions }, listText(decisions, parts));
        return 0;
      }
      const who = { by: userOf(session), reason: values.reason as string | undefined };
      const outcome = await undo(hub.engine, syncsOf(hub), id, who);
      return sayOutcome(session, hub, outcome, values.sync === true);
    }),
};

/** What became of a decision: a later one, made by force, may have ended it or a part of it. */
function fate(
  { id, undoneAt, undoneBy }: ActRow,
  parts: Awaited<ReturnType<typeof decisionsOfActs>>,
): string {
  if (undoneAt !== null) return ` (undone by ${undoneBy} at ${when(undoneAt)})`;
  const own = parts.filter(({ act }) => act === id);
  const ended = own.filter(({ endedBy }) => endedBy !== null);
  if (ended.length === 0) return '';
  const by = [...new Set(ended.map(({ endedBy }) => endedBy))].join(' and ');
  return ` (${ended.length < own.length ? 'partly ' : ''}ended by decision ${by})`;
}

function listText(decisions: readonly ActRow[], parts: Awaited<ReturnType<typeof decisionsOfActs>>): string {
  if (decisions.length === 0) return 'Nobody has decided anything by hand.';
  return decisions
    .map((one) => {
      const { id, kind, asked, attribute, value, by, at, reason } = one;
      const pinned = kind === 'pin' ? [`= ${JSON.stringify(value)}`] : [];
      const what = [kind, ...asked, ...(attribute === null ? [] : [attribute]), ...pinned].join(' ');
      return `${id}  ${when(at)}  ${what}, by ${by}${reason ? `: ${reason}` : ''}${fate(one, parts)}`;
    })
    .join('\n');
}
