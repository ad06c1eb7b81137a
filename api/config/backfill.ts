import type { Db } from '../../core/store/db.ts';
import { countLive } from '../../core/store/tally.ts';
import { ready } from '../../mappings/pipeline.ts';
import { parseYaml } from '../../mappings/source.ts';
import { type FieldSpec, type MappingSpec, parseMapping } from '../../mappings/spec.ts';
import { type ConfigFiles, neighboursIn } from './read.ts';

/** What a changed mapping means for the records that the hub knows already. */
export interface Backfill {
  mapping: string;
  connection: string;
  object: string;
  /** again: the next sync reads the object anew by itself. full: known records keep their values until somebody asks for a full sync. */
  kind: 'again' | 'full';
  /** Fields that are read now and were not, or whose reading has changed. */
  because: string[];
  /** The syncs that it takes part in. */
  syncs: string[];
  /** Records that the hub knows of the object: as many are read again. */
  records: number;
}

/** From `before` to `after`, whichever of both can be read. Mappings that are new are read whole anyway. */
export async function backfillsOf(db: Db, before: ConfigFiles, after: ConfigFiles): Promise<Backfill[]> {
  const [old, now] = [specsOf(before), specsOf(after)];
  const changed = [...now].flatMap(([name, spec]) => {
    const was = old.get(name);
    if (!was || was.connection !== spec.connection || was.object !== spec.object) return [];
    const change = changeOf(was, spec);
    return change ? [{ name, spec, change }] : [];
  });
  const syncs = membersOf(after);
  return Promise.all(
    changed.map(async ({ name, spec: { connection, object }, change }) => ({
      mapping: name,
      connection,
      object,
      ...change,
      syncs: syncs.filter(({ members }) => members.includes(name)).map((sync) => sync.name),
      records: await countLive(db, connection, object),
    })),
  );
}

/** A line each, for people. */
export const backfillText = (backfills: readonly Backfill[]) =>
  backfills.map(({ mapping, connection, object, kind, because, syncs, records }) => {
    const known = `${records.toLocaleString('en')} ${records === 1 ? 'record is' : 'records are'} known`;
    const what = `${object} of ${connection} (${known})`;
    return kind === 'again'
      ? `  ${mapping}: the next sync reads ${what} anew: ${because.join(', ')}`
      : `  ${mapping}: ${because.join(', ')} of ${what} stay as they were read. To have them read again: nayose sync ${syncs[0] ?? ''} --full`;
  });

function specsOf(files: ConfigFiles): Map<string, MappingSpec> {
  const neighbours = neighboursIn(files);
  return new Map(
    Object.entries(files).flatMap(([path, text]) => {
      const name = /^mappings\/([^/]+)\.ya?ml$/.exec(path)?.[1];
      const { spec } = name === undefined ? {} : parseMapping(path, text, neighbours);
      return name !== undefined && spec ? [[name, spec] as const] : [];
    }),
  );
}

function changeOf(was: MappingSpec, is: MappingSpec): Pick<Backfill, 'kind' | 'because'> | undefined {
  const [old, now] = [readsOf(was), readsOf(is)];
  const fields = [...now].filter((field) => !old.has(field));
  const gone = [...old].filter((field) => !now.has(field));
  const where = JSON.stringify(was.where) === JSON.stringify(is.where) ? [] : ['where'];
  const again = [...where, ...fields, ...gone.map((field) => `no longer ${field}`)];
  if (again.length > 0) return { kind: 'again', because: again };
  const anew = Object.entries(is.fields)
    .filter(
      ([name, entry]) =>
        entry.direction !== 'out' && was.fields[name] && readingOf(was.fields[name]) !== readingOf(entry),
    )
    .map(([name]) => name);
  return anew.length > 0 ? { kind: 'full', because: anew } : undefined;
}

const readsOf = ({ fields, where }: MappingSpec) =>
  new Set([
    ...Object.keys(where ?? {}),
    ...Object.values(fields)
      .filter(({ direction }) => direction !== 'out')
      .flatMap((entry) => [...(entry.field === undefined ? [] : [entry.field]), ...ready(entry.in).reads]),
  ]);

const readingOf = ({ field, in: way, values, reference }: FieldSpec) =>
  JSON.stringify([field, way, values, reference]);

function membersOf(files: ConfigFiles): { name: string; members: string[] }[] {
  const text = files['hub.yaml'] ?? files['hub.yml'] ?? '';
  const data = parseYaml('hub.yaml', text).source?.data as
    | { syncs?: Record<string, { members?: unknown }> }
    | null
    | undefined;
  return Object.entries(data?.syncs ?? {}).map(([name, sync]) => ({
    name,
    members: (Array.isArray(sync?.members) ? sync.members : []).map((member: unknown) =>
      String(
        typeof member === 'object' && member !== null ? (member as { mapping?: unknown }).mapping : member,
      ),
    ),
  }));
}
