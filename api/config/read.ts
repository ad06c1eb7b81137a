import { checkSpec } from '../../mappings/checkSpec.ts';
import { schemaProblems } from '../../mappings/issues.ts';
import { didYouMean } from '../../mappings/nearest.ts';
import { type ConfigProblem, list, type Place } from '../../mappings/problem.ts';
import { parseYaml, type Source } from '../../mappings/source.ts';
import { type MappingSpec, readMapping } from '../../mappings/spec.ts';
import type { Neighbours } from '../../mappings/valueFile.ts';
import { type ConnectorSchemas, readConnections } from './connections.ts';
import { readEntities } from './entities.ts';
import { type Env, fillEnvironment, type Secrets } from './env.ts';
import { orderSyncs, unsyncedReferences } from './order.ts';
import { overlay } from './overlay.ts';
import { HUB_FILE } from './schema.ts';
import { readAlerts, readSyncs, unknownName } from './syncs.ts';
import { HUB_DEFAULTS, type HubConfig } from './types.ts';
import { readWebhooks } from './webhooks.ts';

/** The text files of a config folder by their path in it, with `/` between folders. */
export type ConfigFiles = Record<string, string>;

export interface ReadOptions {
  env: Env;
  /** What `${secret:NAME}` stands for; absent: the hub that keeps them is not at hand, and none can be used. */
  secrets?: Secrets;
  connectors: ConnectorSchemas;
  /** `production` lays hub.production.yaml over hub.yaml. */
  overlay?: string;
  /** The config folder, which relative paths in it start from; absent: they are taken as they are. */
  folder?: string;
}

export type ConfigResult = { config: HubConfig } | { problems: ConfigProblem[] };

/** Reads a config folder that is already in memory. All problems of all files at once. */
export function readConfig(files: ConfigFiles, options: ReadOptions): ConfigResult {
  const problems: ConfigProblem[] = [];
  const source = readHub(files, options, problems);
  const { mappings, broken } = readMappings(files, problems);
  if (!source) return { problems };
  const filled = fillEnvironment(source, options.env, options.secrets);
  problems.push(...filled.problems);
  const parsed = HUB_FILE.safeParse(filled.source.data, { reportInput: true });
  if (!parsed.success) {
    problems.push(...schemaProblems(parsed.error.issues, filled.source, [], HUB_FILE));
    // Connections stand on their own: what is wrong in them is told in the same breath.
    const alone = HUB_FILE.pick({ connections: true }).strip().safeParse(filled.source.data);
    if (alone.success)
      problems.push(
        ...newOnes(readConnections(alone.data, filled.source, options.connectors).problems, problems),
      );
    return { problems: inOrder(problems) };
  }
  const file = parsed.data;
  const hub = filled.source;
  const connectionNames = Object.keys(file.connections);
  // A variable that is not set is told once, not again by the schema that misses its value.
  const connections = readConnections(file, hub, options.connectors, options.folder);
  problems.push(
    ...connections.problems.filter(
      ({ place }) => !filled.problems.some((told) => samePlace(told.place, place)),
    ),
  );
  const { entities, problems: entityProblems } = readEntities(file, hub, connectionNames);
  const entityNames = Object.keys(entities);
  const known = { mappings, brokenMappings: broken, connections: connectionNames, entities: entityNames };
  const { syncs, problems: syncProblems } = readSyncs(file, hub, known, entities);
  const { alerts, problems: alertProblems } = readAlerts(file, hub, known, {
    entities,
    connections: connections.connections,
  });
  const { webhooks, problems: webhookProblems } = readWebhooks(file, hub, known, connections.connections);
  problems.push(...entityProblems, ...syncProblems, ...alertProblems, ...webhookProblems);

  for (const spec of Object.values(mappings)) {
    const its = (place: Place): Source => ({ file: spec.file, data: {}, place: () => place });
    if (!connectionNames.includes(spec.connection))
      problems.push(
        unknownName('connection', spec.connection, connectionNames, its(spec.places.connection), []),
      );
    const entity = Object.hasOwn(entities, spec.entity) ? entities[spec.entity] : undefined;
    if (!entity) problems.push(unknownName('entity', spec.entity, entityNames, its(spec.places.entity), []));
    else problems.push(...checkSpec(spec, entity, entityNames));
  }
  if (problems.length > 0) return { problems: inOrder(problems) };

  const used = new Set(Object.values(syncs).flatMap(({ members }) => members.map(({ mapping }) => mapping)));
  const unused = Object.values(mappings)
    .filter(({ name }) => !used.has(name))
    .map(
      ({ name, places }): ConfigProblem => ({
        severity: 'warning',
        place: places.file,
        message: `no sync uses the mapping "${name}"`,
        fix: 'add it to the members of a sync, or remove the file',
      }),
    );
  return {
    config: freeze({
      hub: {
        region: file.hub?.region ?? HUB_DEFAULTS.region,
        timeZone: file.hub?.timeZone ?? HUB_DEFAULTS.timeZone,
      },
      connections: connections.connections,
      entities,
      mappings,
      syncs,
      order: orderSyncs(syncs, mappings, entities),
      alerts,
      webhooks,
      sealed: filled.sealed,
      warnings: inOrder([...unused, ...unsyncedReferences(syncs, mappings, entities)]),
    }),
  };
}

const nowhere = (file: string): Place => ({ file, line: 1, column: 1, text: '' });

function readHub(files: ConfigFiles, options: ReadOptions, problems: ConfigProblem[]): Source | undefined {
  const read = (name: string): Source | undefined => {
    const file = [`${name}.yaml`, `${name}.yml`].find((path) => Object.hasOwn(files, path));
    if (file === undefined) {
      const others = Object.keys(files).flatMap((path) => /^hub\.([\w-]+)\.ya?ml$/.exec(path)?.[1] ?? []);
      const guess = didYouMean(options.overlay ?? '', others);
      problems.push({
        severity: 'error',
        place: nowhere(`${name}.yaml`),
        message: `there is no ${name}.yaml in this folder`,
        ...(name === 'hub' || others.length === 0 ? {} : { expected: `one of ${list(others)}` }),
        fix:
          name === 'hub'
            ? 'make one with: nayose init'
            : (guess ?? 'write the file, or take NAYOSE_ENV out of the environment'),
      });
      return undefined;
    }
    const twin = file.replace(/yaml$/, 'yml');
    if (twin !== file && Object.hasOwn(files, twin))
      problems.push({
        severity: 'error',
        place: nowhere(twin),
        message: `there are both ${file} and ${twin}`,
        fix: 'keep one of the two',
      });
    const parsed = parseYaml(file, files[file]!);
    problems.push(...parsed.problems);
    return parsed.source;
  };
  const base = read('hub');
  if (options.overlay === undefined) return base;
  const over = read(`hub.${options.overlay}`);
  if (!base || !over) return undefined;
  const laid = overlay(base, over);
  problems.push(...laid.problems);
  return laid.source;
}

/** The csv files that mappings of this folder may take values from. */
export const neighboursIn = (files: ConfigFiles): Neighbours => ({
  names: Object.keys(files).flatMap((path) => /^mappings\/([^/]+\.csv)$/i.exec(path)?.[1] ?? []),
  read: (name) => (Object.hasOwn(files, `mappings/${name}`) ? files[`mappings/${name}`] : undefined),
});

function readMappings(files: ConfigFiles, problems: ConfigProblem[]) {
  const mappings: Record<string, MappingSpec> = {};
  const broken: string[] = [];
  const neighbours = neighboursIn(files);
  for (const path of Object.keys(files).sort()) {
    const name = /^mappings\/([^/]+)\.ya?ml$/.exec(path)?.[1];
    if (name === undefined) continue;
    if (Object.hasOwn(mappings, name) || broken.includes(name)) {
      problems.push({
        severity: 'error',
        place: nowhere(path),
        message: `there are two mappings called "${name}"`,
        fix: 'keep one of the .yaml and .yml files',
      });
      continue;
    }
    const parsed = parseYaml(path, files[path]!);
    const read = parsed.source ? readMapping(parsed.source, neighbours) : { problems: parsed.problems };
    problems.push(...read.problems);
    if ('spec' in read && read.spec) mappings[name] = read.spec;
    else broken.push(name);
  }
  return { mappings, broken };
}

const samePlace = (a: Place, b: Place) => a.file === b.file && a.line === b.line && a.column === b.column;

const newOnes = (problems: ConfigProblem[], told: ConfigProblem[]) =>
  problems.filter(({ place }) => !told.some((other) => samePlace(other.place, place)));

function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  return problems.toSorted(
    (a, b) =>
      (a.place.file === b.place.file ? 0 : a.place.file < b.place.file ? -1 : 1) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
}

/** Deep, but for what connectors made of their own part: a schema may put live objects there. */
function freeze<T extends object>(value: T): T {
  for (const [key, inner] of Object.entries(value))
    if (key !== 'config' && typeof inner === 'object' && inner !== null && !Object.isFrozen(inner))
      freeze(inner);
  return Object.freeze(value);
}
