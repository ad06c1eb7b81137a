import { hostname } from 'node:os';
import { CONNECTORS } from '../../../connectors/registry.ts';
import { activeRevision } from '../../../core/store/revisions.ts';
import { formatProblem } from '../../../mappings/problem.ts';
import { backfillsOf } from '../../config/backfill.ts';
import { diffConfigs } from '../../config/diff.ts';
import { ConfigError } from '../../config/error.ts';
import { type Applied, activateRevision, applyConfig } from '../../config/revisions.ts';
import type { Store } from '../../runtime/store.ts';
import { keyringOf } from '../../secrets/vault.ts';
import { UsageError } from '../args.ts';
import type { Command } from '../command.ts';
import { folderFiles, type Session, withStore } from '../session.ts';
import { followed, partsText } from './diff.ts';

export const applyCommand: Command = {
  name: 'apply',
  usage: 'apply [--note TEXT] [--seal] [--undo | --revision N]',
  summary: 'config folder → hub: checked, kept as a revision, and taken up by all that serve',
  details: `  --note TEXT    why, for the history of revisions
  --seal         secrets that stand in clear are stored sealed (NAYOSE_KEY) and referred to as \${secret:NAME};
                 without it they are refused. The folder itself is not changed: 'nayose pull --force' does that.
  --undo         brings back what the active revision replaced; once more undoes the undoing
  --revision N   brings back revision N
  What is brought back becomes a new revision. Sealed secrets keep the value they have now.`,
  options: {
    note: { type: 'string' },
    seal: { type: 'boolean', default: false },
    undo: { type: 'boolean', default: false },
    revision: { type: 'string' },
  },
  words: { min: 0, max: 0 },
  run(session, { values }) {
    const wanted = revisionNumber(values.revision);
    if (wanted !== undefined && values.undo) throw new UsageError('--undo and --revision do not go together');
    if (values.seal && (values.undo || wanted !== undefined))
      throw new UsageError('--seal is for a folder: an older revision has no secret in clear');
    return withStore<0>(session, async (store) => {
      const before = await activeRevision(store.db);
      const note = values.note === undefined ? '' : String(values.note);
      const applied =
        values.undo || wanted !== undefined
          ? await bringBack(session, store, wanted ?? undone(before), note)
          : await applyConfig(store.db, {
              ...(await circumstances(session)),
              files: await folderFiles(session),
              note,
              seal: values.seal === true,
            });
      if (applied.status === 'refused')
        throw new ConfigError(applied.problems.map(formatProblem).join('\n\n'));
      if (applied.status === 'outdated') throw new Error('apply expects no revision');
      for (const warning of applied.warnings) session.out.warn(formatProblem(warning));
      const { number, replaced, copyOf, digest } = applied.revision;
      const parts =
        applied.status === 'applied' ? diffConfigs(before?.files ?? {}, applied.revision.files).parts : [];
      const sealed = applied.status === 'applied' ? applied.sealed : [];
      const backfills =
        applied.status === 'applied'
          ? await backfillsOf(store.db, before?.files ?? {}, applied.revision.files, CONNECTORS)
          : [];
      session.out.result(
        { status: applied.status, revision: number, replaced, copyOf, digest, sealed, parts, backfills },
        [text(applied, sealed, partsText(parts)), ...followed(backfills)].join('\n'),
      );
      return 0;
    });
  },
};

async function bringBack(session: Session, store: Store, number: number, note: string) {
  const applied = await activateRevision(store.db, number, { ...(await circumstances(session)), note });
  if (applied.status === 'unknown')
    throw new ConfigError(`there is no revision ${number}\nThe active one is told by: nayose diff`);
  return applied;
}

function undone(active: { replaced: number | null } | undefined): number {
  if (active?.replaced == null)
    throw new ConfigError('there is nothing to undo: no revision was replaced yet');
  return active.replaced;
}

/** How and by whom a command applies a config. */
export async function circumstances({ env, now }: Session) {
  return {
    env,
    connectors: CONNECTORS,
    keys: await keyringOf(env),
    by: `${env.USER ?? env.LOGNAME ?? 'somebody'}@${hostname()}`,
    now: now(),
  };
}

type Done = Extract<Applied, { status: 'applied' | 'unchanged' }>;

function text(applied: Done, sealed: readonly string[], parts: string): string {
  const { number, replaced, copyOf } = applied.revision;
  if (applied.status === 'unchanged')
    return `Nothing to apply: the hub has revision ${number}, which is the same.`;
  return [
    `Revision ${number} is active${replaced === null ? '' : `, in place of ${replaced}`}${copyOf === null ? '' : ` (a copy of ${copyOf})`}.`,
    ...(parts ? [parts] : []),
    ...(sealed.length > 0 ? [`Sealed: ${sealed.join(', ')}`] : []),
    'Hubs that serve from this database take it up within a minute.',
  ].join('\n');
}

export function revisionNumber(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1 || number > 2_147_483_647)
    throw new UsageError(`'${String(given)}' is not the number of a revision`);
  return number;
}
