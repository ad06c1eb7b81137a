import type { AskedDeletion } from '../../core/store/deletions.ts';
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
