import type { Entity } from '../../../../core/model/entity.ts';
import { when } from '../../../../core/model/when.ts';
import type { Db } from '../../../../core/store/db.ts';
import { type ModelVersion, modelVersions } from '../../../../core/store/models.ts';
import { type Restored, restoreModel } from '../../../../core/sync/restoreModel.ts';
import { UsageError } from '../../args.ts';
import { table } from '../../out.ts';
import type { Session } from '../../session.ts';

/** Versions that are listed: the newest. */
const LISTED = 100;

/** Lists the learnt weights of an entity, newest first, and the shipped ones as version 0. */
export async function sayVersions(session: Session, db: Db, entity: Entity): Promise<0> {
  const versions = await modelVersions(db, entity.name, { before: null, limit: LISTED });
  session.out.result({ entity: entity.name, versions }, versionsText(versions));
  return 0;
}

/** Puts a version to use again. Throws DecisionError as restoreModel does. */
export async function sayRestored(session: Session, db: Db, entity: Entity, version: number): Promise<0> {
  const restored = await restoreModel(db, entity, version);
  session.out.result(restored, restoredText(restored));
  return 0;
}

/** The N of --restore; undefined: it is not asked for. */
export function versionNumber(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,9}$/.test(String(given)))
    throw new UsageError(
      `'${String(given)}' is not the number of a version; 0 stands for the shipped weights`,
    );
  return Number(given);
}

function versionsText(versions: readonly ModelVersion[]): string {
  const inUse = (active: boolean) => (active ? 'in use' : '');
  return table(
    ['version', '', 'records', 'pairs', 'by', 'learnt at'],
    [
      ...versions.map(({ version, at, by, records, pairs, active }) => [
        ...[version, inUse(active), records ?? '', pairs ?? ''],
        ...[by, when(at)],
      ]),
      [0, inUse(!versions.some(({ active }) => active)), '', '', 'shipped', ''],
    ],
  );
}

const called = (version: number) => (version === 0 ? 'the shipped weights' : `version ${version}`);

function restoredText({ entity, version, versionBefore, reopened }: Restored): string {
  if (version === versionBefore) return `${entity}: ${called(version)} in use already. Nothing has changed.`;
  return `${entity}: ${called(version)} in use again, instead of ${called(versionBefore)}; ${reopened.toLocaleString('en')} records are matched anew by the next sync. Look at 'nayose plan' before it.`;
}
