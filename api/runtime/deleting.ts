import type { Db } from '../../core/store/db.ts';
import { type AskedDeletion, askedDeletions } from '../../core/store/deletions.ts';
import type { HubConfig } from '../config/types.ts';

/** What becomes of the records of each stream when somebody deletes their counterparts, where anything does. */
export function deletePolicies(config: HubConfig): { connection: string; object: string; policy: string }[] {
  return Object.values(config.syncs).flatMap(({ members }) =>
    members.flatMap(({ mapping, mode, deletes = 'unlink' }) => {
      const { connection, object } = config.mappings[mapping]!;
      return deletes === 'unlink' || mode === 'read' ? [] : [{ connection, object, policy: deletes }];
    }),
  );
}

/** The form in which a deletion that waits for a person is shown, on the command line and over HTTP. */
export const shownDeletion = ({ record, goldenId, entity, at, state, targets }: AskedDeletion) => ({
  record,
  golden: goldenId,
  entity,
  at,
  presumed: state === 'presumed',
  targets,
});

/** More are not listed either. */
export const MOST_ASKED = 1000;

/** Deletions that wait for a person; of very many, the first. */
export async function countAsked(db: Db, config: HubConfig): Promise<number> {
  const policies = deletePolicies(config);
  return policies.length === 0 ? 0 : (await askedDeletions(db, policies, null, MOST_ASKED)).length;
}

/** What to do about them. */
export const askedText = (n: number): string =>
  `${n} ${n === 1 ? 'deletion in one tool waits' : 'deletions in one tool wait'} for a person before the others delete, too: 'nayose deletes' shows them, '--approve RECORD' or '--refuse RECORD' answers.`;
