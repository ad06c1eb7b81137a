import { CONNECTORS } from '../../../connectors/registry.ts';
import { activeRevision, revisionByNumber } from '../../../core/store/revisions.ts';
import { type Backfill, backfillsOf, backfillText } from '../../config/backfill.ts';
import { type ConfigDiff, diffConfigs, type PartDiff } from '../../config/diff.ts';
import { ConfigError } from '../../config/error.ts';
import { sealLiterals } from '../../config/literals.ts';
import type { Command } from '../command.ts';
import { folderFiles, withStore } from '../session.ts';
import { revisionNumber } from './apply.ts';

export const diffCommand: Command = {
  name: 'diff',
  usage: 'diff [--revision N]',
  summary: 'what `apply` would change: the config folder against the hub',
  details: `  --revision N   against that revision instead of the active one
  Secrets that stand in clear in the folder are shown as the references that 'apply --seal' would make of them.`,
  options: { revision: { type: 'string' } },
  words: { min: 0, max: 0 },
  run(session, { values }) {
    const wanted = revisionNumber(values.revision);
    return withStore<0>(session, async ({ db }) => {
      const folder = sealLiterals(await folderFiles(session)).files;
      const revision = wanted === undefined ? await activeRevision(db) : await revisionByNumber(db, wanted);
      if (wanted !== undefined && !revision) throw new ConfigError(`there is no revision ${wanted}`);
      const diff = diffConfigs(revision?.files ?? {}, folder);
      const backfills = await backfillsOf(db, revision?.files ?? {}, folder, CONNECTORS);
      session.out.result(
        { revision: revision?.number ?? null, ...diff, backfills },
        [text(diff, revision?.number), ...followed(backfills)].join('\n'),
      );
      return 0;
    });
  },
};

/** What the change means for records that are known already. */
export const followed = (backfills: readonly Backfill[]) =>
  backfills.length === 0 ? [] : ['', 'What follows for known records:', ...backfillText(backfills)];

const SIGNS = { added: '+', changed: '~', removed: '-' };

/** `+ sync people`, a line each. */
export const partsText = (parts: readonly PartDiff[]) =>
  parts.map(({ kind, name, change }) => `  ${SIGNS[change]} ${kind} ${name}`).join('\n');

function text({ files, parts }: ConfigDiff, number: number | undefined): string {
  if (files.length === 0) return `The folder and revision ${number} are the same.`;
  return [
    number === undefined
      ? "Nothing was applied yet: 'nayose apply' would bring all of this to the hub."
      : `What the folder has that revision ${number} has not:`,
    ...(parts.length > 0 ? [partsText(parts)] : ['  (comments and layout only)']),
    ...files.flatMap(({ path, change, lines }) => ['', `${path} (${change})`, ...lines]),
  ].join('\n');
}
