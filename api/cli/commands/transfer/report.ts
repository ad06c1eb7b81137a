import type { Session } from '../../session.ts';

/** Progress of an export or import, as the runs of syncs show theirs. */
export const transferring =
  (session: Session, what: string) =>
  (done: number, total: number): void =>
    session.out.progress({ run: '', sync: what, phase: 'rows', done, total });

/** What whoever starts a hub on a copy must know. */
export const AFTERWARDS =
  'Let only one hub go on: two that know the same records would both write to your tools. Then run: nayose plan';
