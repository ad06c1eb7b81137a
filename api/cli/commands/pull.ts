import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { activeRevision, recordedFiles, revisionByNumber } from '../../../core/store/revisions.ts';
import { ConfigError } from '../../config/error.ts';
import { readFolder } from '../../config/load.ts';
import type { ConfigFiles } from '../../config/read.ts';
import { CONFIG_PATH } from '../../config/revisions.ts';
import type { Command } from '../command.ts';
import { withStore } from '../session.ts';
import { revisionNumber } from './apply.ts';

export const pullCommand: Command = {
  name: 'pull',
  usage: 'pull [--revision N] [--force]',
  summary: 'hub → config folder: writes the files of the active revision',
  details: `  --revision N   of that revision instead
  --force        overwrites files that were changed here and never applied
  Files that only this folder has, and that no revision ever had, are left alone and named.`,
  options: { revision: { type: 'string' }, force: { type: 'boolean', default: false } },
  words: { min: 0, max: 0 },
  run(session, { values }) {
    const wanted = revisionNumber(values.revision);
    return withStore<0>(session, async ({ db }) => {
      const revision = wanted === undefined ? await activeRevision(db) : await revisionByNumber(db, wanted);
      if (!revision)
        throw new ConfigError(
          wanted === undefined
            ? 'the hub has no config yet\nBring it one with: nayose apply'
            : `there is no revision ${wanted}`,
        );
      const here = await readFolder(session.dir);
      const plan = planPull(here, revision.files, await recordedFiles(db, here));
      if (plan.changed.length > 0 && !values.force)
        throw new ConfigError(
          [
            `${plan.changed.join(', ')}: changed here and never applied, so nothing was written`,
            "Look at it with 'nayose diff', bring it to the hub with 'nayose apply', or give it up with --force.",
          ].join('\n'),
        );
      for (const path of plan.write) await writeWhole(join(session.dir, path), revision.files[path]!);
      for (const path of plan.remove) await rm(join(session.dir, path));
      if (plan.left.length > 0)
        session.out.warn(`only here, in no revision, and left alone: ${plan.left.join(', ')}`);
      const { number } = revision;
      session.out.result(
        { revision: number, written: plan.write, removed: plan.remove, left: plan.left },
        plan.write.length + plan.remove.length === 0
          ? `The folder has revision ${number} already.`
          : [
              `The folder has revision ${number} now.`,
              ...plan.write.map((path) => `  wrote ${path}`),
              ...plan.remove.map((path) => `  removed ${path}`),
            ].join('\n'),
      );
      return 0;
    });
  },
};

/** `recorded`: files that some revision has exactly so: nothing is lost when they are overwritten or removed. */
function planPull(here: ConfigFiles, there: ConfigFiles, recorded: ReadonlySet<string>) {
  // What the API took was checked too; a path that leaves the folder is never worth a second chance.
  const write = Object.keys(there).filter((path) => CONFIG_PATH.test(path) && here[path] !== there[path]);
  const extra = Object.keys(here).filter((path) => !Object.hasOwn(there, path));
  return {
    write,
    changed: write.filter((path) => Object.hasOwn(here, path) && !recorded.has(path)),
    remove: extra.filter((path) => recorded.has(path)),
    left: extra.filter((path) => !recorded.has(path)),
  };
}

/** Never half a file, whenever the process dies. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
