/** A plan as a file: what `plan --out plan.json` writes and `sync --plan plan.json` reads. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { PlannedWrite, PlanResult } from '../../../../core/sync/dry.ts';
import type { KeptPlan } from '../../../../core/sync/recheck.ts';
import { UsageError } from '../../args.ts';
import { writeWhole } from '../../whole.ts';
import type { Cost } from './cost.ts';

const VERSION = 1;
/** A text of more cannot be held in one piece. */
const LARGEST = 400 * 1024 * 1024;
/** Writes turned into text at once. */
const CHUNK = 5_000;
/** Values of people are in it. */
const MODE = 0o600;

const LISTS = ['writes', 'links', 'merges', 'splits', 'reviews'] as const;

export interface PlanFile {
  at: string;
  full: boolean;
  /** By sync, in the order of running: see `shapeOf`. */
  syncs: Record<string, string>;
  /** Was everything read? What was not, a sync would read, and then write more. */
  whole: boolean;
  cost: Cost[];
  lists: Pick<PlanResult, (typeof LISTS)[number]>;
}

const digestOf = (writes: readonly unknown[]) => {
  const hash = createHash('sha256');
  for (const write of writes) hash.update(`${JSON.stringify(write)}\n`);
  return hash.digest('hex');
};

/** Writes JSON with a line for each write, link, merge, split and review. Throws UsageError when the place cannot be written to. */
export async function writePlanFile(path: string, plan: PlanFile): Promise<void> {
  const { lists, ...head } = plan;
  await writeWhole(
    [path],
    async ([draft]) => {
      const say = (text: string) => draft!.bytes(Buffer.from(text));
      const about = { nayosePlan: VERSION, ...head, digest: digestOf(lists.writes) };
      await say(`${JSON.stringify(about, null, 1).replace(/\n\}$/, '')}`);
      for (const name of LISTS) {
        await say(`,\n "${name}": [`);
        const list: readonly object[] = lists[name];
        for (let i = 0; i < list.length; i += CHUNK)
          await say(
            list
              .slice(i, i + CHUNK)
              .map((one, n) => `${i + n > 0 ? ',' : ''}\n${JSON.stringify(one)}`)
              .join(''),
          );
        await say('\n]');
      }
      await say('\n}\n');
    },
    MODE,
  );
}

const CHANGE = z.object({
  attribute: z.string(),
  field: z.string(),
  from: z.json(),
  to: z.json(),
  why: z.string(),
});
const WRITE = z.object({
  sync: z.string(),
  connection: z.string(),
  object: z.string(),
  mapping: z.string(),
  op: z.enum(['create', 'update', 'delete', 'merge']),
  goldenId: z.string(),
  id: z.string().nullable(),
  into: z.string().optional(),
  records: z.array(z.string()),
  why: z.string(),
  changes: z.array(CHANGE),
  without: z.array(z.object({ attribute: z.string(), field: z.string(), holder: z.string() })).optional(),
});
const FILE = z.object({
  nayosePlan: z.literal(VERSION),
  at: z.iso.datetime(),
  full: z.boolean(),
  syncs: z.record(z.string(), z.string()),
  whole: z.boolean(),
  digest: z.string(),
  writes: z.array(z.unknown()),
});

const MAKE = `'nayose plan --out plan.json' makes one.`;

/** Throws UsageError: it cannot be read, is no plan, was cut off or changed, or cannot be carried out as a whole. */
export async function readPlanFile(path: string): Promise<KeptPlan> {
  const found = await stat(path).catch(cannotRead(path));
  if (!found.isFile()) throw new UsageError(`${path} is no file. ${MAKE}`);
  if (found.size > LARGEST)
    throw new UsageError(
      `${path} has ${Math.round(found.size / 1_048_576)} MB; a plan that is to be carried out has at most ${LARGEST / 1_048_576}. Plan one sync at a time.`,
    );
  const text = await readFile(path, 'utf8').catch(cannotRead(path));
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    const isCut = /^\s*\{\s*"nayosePlan"/.test(text);
    throw new UsageError(
      isCut
        ? `${path} is a plan that was cut off or damaged: it is not whole JSON. Make it again, or copy it again.`
        : `${path} is no plan: it is not JSON${path.endsWith('.csv') ? ' (a CSV is for reading only)' : ''}. ${MAKE}`,
    );
  }
  const version = (data as { nayosePlan?: unknown } | null)?.nayosePlan;
  if (version === undefined) throw new UsageError(`${path} is JSON, and no plan. ${MAKE}`);
  if (version !== VERSION)
    throw new UsageError(
      `${path} is a plan of format ${JSON.stringify(version)}, and this nayose knows ${VERSION}: make it again with this one`,
    );
  const file = FILE.safeParse(data);
  const writes = file.success ? z.array(WRITE).safeParse(file.data.writes) : undefined;
  const wrong = file.error?.issues[0] ?? writes?.error?.issues[0];
  if (!file.success || !writes?.success)
    throw new UsageError(
      `${path} is a plan with something wrong in it${wrong?.path.length ? ` (${writes ? 'writes.' : ''}${wrong.path.join('.')}: ${wrong.message})` : ''}: make it again`,
    );
  if (digestOf(file.data.writes) !== file.data.digest)
    throw new UsageError(
      `${path} was changed after it was made: a plan is carried out as it is or not at all. To write less, change the config and plan again.`,
    );
  if (!file.data.whole)
    throw new UsageError(
      `${path} was made while not everything could be read, and what is missing may lead to more writes: see the reasons that 'nayose plan' gave, and plan again`,
    );
  const { full, syncs } = file.data;
  return { full, shapes: syncs, writes: writes.data as PlannedWrite[] };
}

const cannotRead =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    const why = { ENOENT: 'there is no such file', EACCES: 'this user may not read it' }[cause.code ?? ''];
    throw new UsageError(`${path} cannot be read: ${why ?? cause.code}`);
  };
