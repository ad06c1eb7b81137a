import { z } from '@hono/zod-openapi';
import { CONNECTORS } from '../../connectors/registry.ts';
import { activeRevision, revisionByNumber, revisionHeads } from '../../core/store/revisions.ts';
import { type ConfigProblem, formatProblem } from '../../mappings/problem.ts';
import { backfillsOf } from '../config/backfill.ts';
import { diffConfigs } from '../config/diff.ts';
import { sealLiterals } from '../config/literals.ts';
import {
  type Applied,
  activateRevision,
  applyConfig,
  CONFIG_PATH,
  checkFiles,
  readStored,
} from '../config/revisions.ts';
import { SecretError } from '../secrets/key.ts';
import type { Configuring, V1Deps } from './deps.ts';
import { etag } from './frame/handle.ts';
import { type Call, operation } from './frame/operation.ts';
import { PAGE, page, pageOf, readCursor } from './frame/paging.ts';
import { notFound, notHere, Refusal, unprocessable } from './frame/refusal.ts';
import { TIME } from './shapes.ts';

const MOST_FILES = 500;
const LARGEST_NUMBER = 2_147_483_647;

export const FILES = z
  .record(
    z
      .string()
      .max(300)
      .regex(CONFIG_PATH, 'is not hub.yaml, hub.NAME.yaml, mappings/NAME.yaml or mappings/NAME.csv'),
    z.string(),
  )
  .refine((files) => Object.keys(files).length <= MOST_FILES, `more than ${MOST_FILES} files`)
  .openapi({
    description:
      'Text by path: `hub.yaml`, `hub.NAME.yaml`, `mappings/NAME.yaml`, and the `mappings/NAME.csv` that they take values from.',
  });

const NUMBER = z.coerce.number().int().min(1).max(LARGEST_NUMBER);
const EXPECTED = z
  .int()
  .min(0)
  .max(LARGEST_NUMBER)
  .openapi({ description: 'The revision that you know to be active; 0 for none. Another one answers 409.' });
const NOTE = z.string().max(1000).default('').openapi({ description: 'Why, for the list of revisions.' });

const HEAD = z
  .object({
    number: z.int(),
    digest: z.string(),
    note: z.string(),
    by: z.string(),
    at: TIME,
    replaced: z.int().nullable().openapi({ description: 'What was active before.' }),
    copyOf: z.int().nullable().openapi({ description: 'The older revision that it brought back.' }),
  })
  .openapi('Revision');
const WHOLE = HEAD.extend({ files: FILES }).openapi('RevisionWithFiles');
const SAID = z.array(z.string()).openapi({ description: 'As `nayose check` says it.' });
const BACKFILL = z
  .object({
    mapping: z.string(),
    connection: z.string(),
    object: z.string(),
    kind: z.enum(['again', 'full']).openapi({
      description:
        '`again`: the next sync reads the object anew by itself; `full`: known records keep their values until a full sync.',
    }),
    because: z.array(z.string()).openapi({ description: 'Fields or attributes that are read otherwise.' }),
    syncs: z.array(z.string()),
    records: z.int().openapi({ description: 'Records that the hub knows of the object.' }),
    calls: z
      .record(z.string(), z.int())
      .openapi({ description: 'By connection, the API calls that reading takes at least.' }),
  })
  .openapi('Backfill');
const PART = z
  .object({
    kind: z.enum(['hub', 'connection', 'entity', 'sync', 'alert', 'mapping', 'webhook', 'setting']),
    name: z.string(),
    change: z.enum(['added', 'changed', 'removed']),
  })
  .openapi('ConfigPart');
const DONE = z
  .object({
    status: z.enum(['applied', 'unchanged']),
    revision: HEAD,
    sealed: z.array(z.string()).openapi({ description: 'Names of secrets that are kept sealed since.' }),
    warnings: SAID,
    parts: z.array(PART),
  })
  .openapi('AppliedConfig');

const get = operation({
  method: 'get',
  path: '/v1/config',
  id: 'getConfig',
  summary: 'Shows the active revision of the config',
  description:
    'References to the environment and to sealed secrets are shown as they are: no secret is in the answer.',
  tag: 'Configuration',
  role: 'viewer',
  problems: [501],
  answer: {
    description: 'The active revision, or null before the first.',
    schema: z
      .object({
        revision: WHOLE.nullable(),
        atWork: z.int().openapi({ description: 'The revision that answers you; 0: one that is not kept.' }),
        warnings: SAID,
        problems: z
          .array(z.string())
          .openapi({ description: 'Why the revision cannot be at work here; the one before it goes on.' }),
      })
      .openapi('Config'),
    headers: { ETag: 'The number of the revision.' },
  },
  async handle(_, { deps }) {
    const { env, connectors, atWork } = configuring(deps);
    const revision = (await activeRevision(deps.db())) ?? null;
    const result = revision && (await readStored(deps.db(), revision.files, env, connectors));
    return {
      body: {
        revision,
        atWork: atWork(),
        warnings: said(result && 'config' in result ? result.config.warnings : []),
        problems: said(result && 'problems' in result ? result.problems : []),
      },
      headers: { ETag: etag(revision?.number ?? 0) },
    };
  },
});

const put = operation({
  method: 'put',
  path: '/v1/config',
  id: 'applyConfig',
  summary: 'Checks files and makes them the active revision',
  description:
    'All files, or nothing: what is not sent is not in the new revision. Hubs take it up within a minute, this one at once. Secrets in clear are refused, or kept sealed with `seal`.',
  tag: 'Configuration',
  role: 'admin',
  ifMatch: 'optional',
  problems: [409, 422, 501],
  body: z.strictObject({
    files: FILES,
    note: NOTE,
    expectedRevision: EXPECTED,
    seal: z.boolean().default(false),
  }),
  answer: { description: 'It is active.', schema: DONE, headers: { ETag: 'The number of the revision.' } },
  async handle({ body: { files, note, seal, expectedRevision } }, call) {
    const before = await activeRevision(call.deps.db());
    call.match(before?.number ?? 0);
    const applied = await refusing(async () =>
      applyConfig(call.deps.db(), { ...circumstances(call, note), files, seal, expected: expectedRevision }),
    );
    return done(call, applied, before?.files ?? {});
  },
});

const activate = operation({
  method: 'post',
  path: '/v1/config/revisions/{number}/activate',
  id: 'activateRevision',
  summary: 'Brings an older revision back, as a new one',
  description: 'Sealed secrets keep the value they have now.',
  tag: 'Configuration',
  role: 'admin',
  ifMatch: 'optional',
  params: { number: NUMBER },
  problems: [404, 409, 422, 501],
  body: z.strictObject({ note: NOTE, expectedRevision: EXPECTED.optional() }),
  answer: { description: 'It is active.', schema: DONE, headers: { ETag: 'The number of the revision.' } },
  async handle({ params: { number }, body: { note, expectedRevision } }, call) {
    const before = await activeRevision(call.deps.db());
    call.match(before?.number ?? 0);
    const applied = await refusing(async () =>
      activateRevision(call.deps.db(), number, { ...circumstances(call, note), expected: expectedRevision }),
    );
    if (applied.status === 'unknown') throw noRevision();
    return done(call, applied, before?.files ?? {});
  },
});

const check = operation({
  method: 'post',
  path: '/v1/config/check',
  id: 'checkConfig',
  summary: 'Says what is wrong with files, and changes nothing',
  tag: 'Configuration',
  role: 'admin',
  changes: false,
  problems: [501],
  body: z.strictObject({ files: FILES }),
  answer: {
    description: 'No problems: they can be applied.',
    schema: z.object({ problems: SAID, warnings: SAID }).openapi('CheckedConfig'),
  },
  async handle({ body: { files } }, { deps }) {
    const { env, connectors } = configuring(deps);
    const { problems, warnings } = await checkFiles(deps.db(), files, env, connectors);
    return { body: { problems: said(problems), warnings: said(warnings) } };
  },
});

const diff = operation({
  method: 'post',
  path: '/v1/config/diff',
  id: 'diffConfig',
  summary: 'Says what files would change',
  tag: 'Configuration',
  role: 'operator',
  changes: false,
  problems: [404],
  body: z.strictObject({
    files: FILES,
    revision: z
      .int()
      .min(1)
      .max(LARGEST_NUMBER)
      .optional()
      .openapi({ description: 'Against this one; absent: the active one.' }),
  }),
  answer: {
    description:
      'Per file and part. Secrets in clear are shown as the references that `seal` would make of them.',
    schema: z
      .object({
        revision: z.int().nullable(),
        files: z.array(
          z.object({
            path: z.string(),
            change: z.enum(['added', 'changed', 'removed']),
            lines: z
              .array(z.string())
              .openapi({ description: '`+` and `-` lines; `@`: lines are left out.' }),
          }),
        ),
        parts: z.array(PART),
        backfills: z.array(BACKFILL).openapi({
          description: 'What changed mappings mean for the records that the hub knows already.',
        }),
      })
      .openapi('ConfigDiff'),
  },
  async handle({ body: { files, revision: wanted } }, { deps }) {
    const db = deps.db();
    const revision = wanted === undefined ? await activeRevision(db) : await revisionByNumber(db, wanted);
    if (wanted !== undefined && !revision) throw noRevision();
    const before = revision?.files ?? {};
    const after = sealLiterals(files).files;
    return {
      body: {
        revision: revision?.number ?? null,
        ...diffConfigs(before, after),
        backfills: await backfillsOf(db, before, after, CONNECTORS),
      },
    };
  },
});

const list = operation({
  method: 'get',
  path: '/v1/config/revisions',
  id: 'listRevisions',
  summary: 'Lists revisions, newest first',
  tag: 'Configuration',
  role: 'viewer',
  query: PAGE,
  answer: { description: 'A page.', schema: pageOf(HEAD, 'RevisionPage') },
  async handle({ query: { cursor, limit } }, { deps }) {
    const before = readCursor(cursor, z.int().min(0).max(LARGEST_NUMBER)) ?? null;
    const rows = await revisionHeads(deps.db(), { before, limit: limit + 1 });
    return {
      body: page(
        rows,
        limit,
        ({ number }) => number,
        (row) => row,
      ),
    };
  },
});

const one = operation({
  method: 'get',
  path: '/v1/config/revisions/{number}',
  id: 'getRevision',
  summary: 'Shows a revision with its files',
  tag: 'Configuration',
  role: 'viewer',
  params: { number: NUMBER },
  problems: [404],
  answer: { description: 'The revision.', schema: WHOLE },
  async handle({ params: { number } }, { deps }) {
    const revision = await revisionByNumber(deps.db(), number);
    if (!revision) throw noRevision();
    return { body: revision };
  },
});

export const configOperations = [get, put, check, diff, list, one, activate];

const said = (problems: readonly ConfigProblem[]) => problems.map(formatProblem);

const noRevision = () => notFound('revision', 'GET /v1/config/revisions lists them.');

export function configuring(deps: V1Deps): Configuring {
  if (!deps.configuring)
    throw notHere('this hub takes no config over HTTP', 'Bring it one with: nayose apply');
  return deps.configuring;
}

function circumstances({ deps, who }: Call, note: string) {
  const { env, connectors, keys: ring } = configuring(deps);
  return { env, connectors, keys: ring, note, by: who.name, now: deps.now() };
}

/** A secret that cannot be sealed or opened is the caller's to know: the message holds nothing of it. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SecretError) throw unprocessable(error.message, error.hint);
    throw error;
  }
}

async function done({ deps, target }: Call, applied: Applied, before: Record<string, string>) {
  if (applied.status === 'outdated')
    throw new Refusal(409, `revision ${applied.active} is active, and not the one you expect`, {
      detail: 'Read GET /v1/config again, decide anew, and send its number as expectedRevision.',
    });
  if (applied.status === 'refused')
    throw unprocessable(
      'the config does not check',
      'Mend what `errors` names; the revision before it goes on.',
      applied.problems.map((problem) => ({
        where: `${problem.place.file}:${problem.place.line}:${problem.place.column}`,
        message: formatProblem(problem),
      })),
    );
  const { files, ...revision } = applied.revision;
  target(`config/revisions/${revision.number}`);
  if (applied.status === 'applied') await configuring(deps).applied();
  return {
    body: {
      status: applied.status,
      revision,
      sealed: applied.status === 'applied' ? applied.sealed : [],
      warnings: said(applied.warnings),
      parts: applied.status === 'applied' ? diffConfigs(before, files).parts : [],
    },
    headers: { ETag: etag(revision.number) },
  };
}
