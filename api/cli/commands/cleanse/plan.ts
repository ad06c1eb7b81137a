import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Field, Stream } from '../../../../connectors/contract.ts';
import { BUILTIN_ENTITIES } from '../../../../core/model/builtin.ts';
import type { Entity } from '../../../../core/model/entity.ts';
import { checkMapping } from '../../../../mappings/check.ts';
import { compileMapping } from '../../../../mappings/compile.ts';
import { asProblem } from '../../../../mappings/finding.ts';
import { didYouMean } from '../../../../mappings/nearest.ts';
import { formatProblem } from '../../../../mappings/problem.ts';
import { parseYaml } from '../../../../mappings/source.ts';
import { readMapping } from '../../../../mappings/spec.ts';
import type { CompiledMapping } from '../../../../mappings/types.ts';
import { csvBeside } from '../../../config/beside.ts';
import { ConfigError } from '../../../config/error.ts';
import { HUB_DEFAULTS } from '../../../config/types.ts';
import { UsageError } from '../../args.ts';
import { guessColumns, guessEntity, guessId } from './headers.ts';

/** How one file is read: what each column means, and which one names its records. */
export interface ListPlan {
  entity: Entity;
  mapping: CompiledMapping;
  /** undefined: records are named by their line. */
  idColumn: string | undefined;
  /** attribute → column, where it was guessed by the names of the columns. */
  guessed?: Record<string, string>;
  /** Columns that nothing was guessed of, where that was done: they take no part. */
  ignored?: string[];
}

export interface PlanOptions {
  /** A mapping file; absent: guessed from the columns' names. */
  mapping?: string | undefined;
  entity?: string | undefined;
  /** ISO 3166 code: the country of phone numbers that name none. */
  region: string;
}

const ENTITIES = ['person', 'company'] as const;

/** Called once per file, with its header. Throws ConfigError or UsageError when the mapping does not fit it. */
export async function planList(columns: readonly string[], options: PlanOptions): Promise<ListPlan> {
  if (options.entity !== undefined && !ENTITIES.some((name) => name === options.entity))
    throw new UsageError(`--entity is person or company, not '${options.entity}'`);
  if (options.mapping !== undefined) return fromFile(options.mapping, columns, options);
  const name = (options.entity as (typeof ENTITIES)[number] | undefined) ?? guessEntity(columns);
  const guessed = guessColumns(name, columns);
  if (Object.keys(guessed).length === 0)
    throw new UsageError(
      `no column says by its name what it holds (${columns.slice(0, 8).join(', ')}): write a mapping and name it with --mapping`,
    );
  const data = { connection: 'list', object: 'list', entity: name, fields: guessed };
  const idColumn = guessId(columns);
  const used = new Set([...Object.values(guessed), idColumn]);
  return {
    ...compiled('the guessed mapping', data, columns, options.region),
    idColumn,
    guessed,
    ignored: columns.filter((column) => !used.has(column)),
  };
}

async function fromFile(
  path: string,
  columns: readonly string[],
  { entity, region }: PlanOptions,
): Promise<ListPlan> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`the mapping ${path} cannot be read (${cause.code})`);
  });
  const { source, problems } = parseYaml(path, text);
  if (!source) throw new ConfigError(problems.map(formatProblem).join('\n\n'));
  const { id, ...rest } = (source.data ?? {}) as { id?: unknown } & Record<string, unknown>;
  if (id !== undefined && typeof id !== 'string')
    throw new ConfigError(`${path}: id names one column of the file`);
  if (id !== undefined && !columns.includes(id)) throw new ConfigError(`${path}: ${noColumn(id, columns)}`);
  const preset = typeof rest.preset === 'string' ? {} : { entity: entity ?? 'person' };
  const data = { connection: 'list', object: 'list', ...preset, ...rest, ...(entity ? { entity } : {}) };
  return { ...compiled(path, data, columns, region, source), idColumn: id ?? guessId(columns) };
}

function compiled(
  file: string,
  data: object,
  columns: readonly string[],
  region: string,
  source = parseYaml(file, '').source!,
): Pick<ListPlan, 'entity' | 'mapping'> {
  const { spec, problems } = readMapping({ ...source, data }, existsSync(file) ? csvBeside(file) : undefined);
  if (!spec) throw new ConfigError(problems.map(formatProblem).join('\n\n'));
  const entity = BUILTIN_ENTITIES[spec.entity as (typeof ENTITIES)[number]];
  if (!entity || !ENTITIES.some((name) => name === spec.entity))
    throw new ConfigError(`${file}: cleanse knows the entities person and company, not "${spec.entity}"`);
  const unknown = Object.keys(spec.fields).find((name) => !Object.hasOwn(entity.attributes, name));
  if (unknown !== undefined)
    throw new ConfigError(
      `${file}: ${spec.entity} has no attribute "${unknown}"; ${didYouMean(unknown, Object.keys(entity.attributes)) ?? `it has ${Object.keys(entity.attributes).join(', ')}`}`,
    );
  const schema = columns.map(
    (name): Field => ({
      name,
      label: name,
      type: 'text',
      required: false,
      writable: false,
      unique: false,
    }),
  );
  const stream: Stream = {
    name: 'list',
    label: file,
    fields: schema,
    read: { incremental: false, deletes: 'none', merges: false, lookupBy: [] },
    write: false,
  };
  const locale = { ...HUB_DEFAULTS, region };
  const context = { entity, objectOf: () => undefined };
  const misfits = checkMapping(spec, { ...context, stream, create: false, write: false, locale }).filter(
    ({ severity }) => severity === 'error',
  );
  if (misfits.length > 0)
    throw new ConfigError(
      misfits
        .map((finding) => {
          const column = finding.field !== undefined && !columns.includes(finding.field);
          const problem = asProblem(
            column
              ? {
                  ...finding,
                  message: `the file has no column "${finding.field}"`,
                  fix: nearOrAll(finding.field!, columns),
                }
              : finding,
          );
          return problem ? formatProblem(problem) : finding.message;
        })
        .join('\n\n'),
    );
  return { entity, mapping: compileMapping(spec, { ...context, schema, ...locale }) };
}

const nearOrAll = (name: string, columns: readonly string[]) =>
  didYouMean(name, columns) ?? `its columns are ${columns.join(', ')}`;

const noColumn = (name: string, columns: readonly string[]) =>
  `the file has no column "${name}"; ${nearOrAll(name, columns)}`;
