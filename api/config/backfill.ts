import type { Connector } from '../../connectors/contract.ts';
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
  /** API calls that reading takes at least: of the object, and where it takes a full sync, of all objects of that sync. By connection. */
  calls: Record<string, number>;
}

/** How much one call of each type of connection reads. */
type Pages = Record<string, Pick<Connector, 'readPage'>>;

/** From `before` to `after`, whichever of both can be read. Mappings that are new are read whole anyway. */
export async function backfillsOf(
  db: Db,
  before: ConfigFiles,
  after: ConfigFiles,
  connectors: Pages,
): Promise<Backfill[]> {
  const [old, now] = [specsOf(before), specsOf(after)];
  const changed = [...now].flatMap(([name, spec]) => {
    const was = old.get(name);
    if (!was || was.connection !== spec.connection || was.object !== spec.object) return [];
    const change = changeOf(was, spec);
    return change ? [{ name, spec, change }] : [];
  });
  const { syncs, types } = hubOf(after);
  const counts = new Map<string, Promise<number>>();
  const countOf = ({ connection, object }: MappingSpec) => {
    const key = `${connection}/${object}`;
    const count = counts.get(key) ?? countLive(db, connection, object);
    counts.set(key, count);
    return count;
  };
  const callsFor = async (specs: readonly MappingSpec[]) => {
    const calls: Record<string, number> = {};
    for (const spec of specs) {
      const page = connectors[types[spec.connection] ?? '']?.readPage;
      // Even an empty object takes a call to see that it is.
      if (page !== undefined)
        calls[spec.connection] =
          (calls[spec.connection] ?? 0) + Math.max(1, Math.ceil((await countOf(spec)) / page));
    }
    return calls;
  };
  return Promise.all(
    changed.map(async ({ name, spec, change }) => {
      const own = syncs.filter(({ reads, writes }) => [...reads, ...writes].includes(name));
      const whole = own[0]?.reads.flatMap((mapping) => now.get(mapping) ?? []) ?? [spec];
      return {
        mapping: name,
        connection: spec.connection,
        object: spec.object,
        ...change,
        syncs: own.map((sync) => sync.name),
        records: await countOf(spec),
        calls: await callsFor(change.kind === 'again' ? [spec] : whole),
      };
    }),
  );
}

/** A line each, for people. */
export const backfillText = (backfills: readonly Backfill[]) =>
  backfills.map(({ mapping, connection, object, kind, because, syncs, records, calls }) => {
    const known = `${records.toLocaleString('en')} ${records === 1 ? 'record is' : 'records are'} known`;
    const what = `${object} of ${connection} (${known})`;
    return kind === 'again'
      ? `  ${mapping}: the next sync reads ${what} anew: ${because.join(', ')}${callsText(calls)}`
      : `  ${mapping}: ${because.join(', ')} of ${what} stay as they were read. To have them read again: nayose sync ${syncs[0] ?? ''} --full${callsText(calls)}`;
  });

/** `. It takes at least 12 API calls to crm, 3 to ma`; nothing where no tool counts calls. */
function callsText(calls: Record<string, number>): string {
  const each = Object.entries(calls).map(
    ([connection, n], i) =>
      `${n.toLocaleString('en')}${i > 0 ? '' : n === 1 ? ' API call' : ' API calls'} to ${connection}`,
  );
  return each.length === 0 ? '' : `. It takes at least ${each.join(', ')}`;
}

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

/** What counts here of hub.yaml, whether or not the rest of it can be read. */
function hubOf(files: ConfigFiles): {
  syncs: { name: string; reads: string[]; writes: string[] }[];
  types: Record<string, string>;
} {
  const text = files['hub.yaml'] ?? files['hub.yml'] ?? '';
  const { connections, syncs } = (parseYaml('hub.yaml', text).source?.data ?? {}) as {
    connections?: Record<string, { type?: unknown } | null> | null;
    syncs?: Record<string, { members?: unknown } | null> | null;
  };
  return {
    types: Object.fromEntries(
      Object.entries(connections ?? {}).map(([name, own]) => [name, String(own?.type)]),
    ),
    syncs: Object.entries(syncs ?? {}).map(([name, sync]) => {
      const members = (Array.isArray(sync?.members) ? sync.members : []).map((member: unknown) => {
        const { mapping, mode } = (
          typeof member === 'object' && member !== null ? member : { mapping: member }
        ) as { mapping?: unknown; mode?: unknown };
        return { mapping: String(mapping), reads: mode !== 'write' };
      });
      const named = (reads: boolean) =>
        members.filter((member) => member.reads === reads).map(({ mapping }) => mapping);
      return { name, reads: named(true), writes: named(false) };
    }),
  };
}
