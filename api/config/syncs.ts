import type { WebhookConfig } from '../../connectors/webhook/config.ts';
import type { Entity } from '../../core/model/entity.ts';
import { parseCondition } from '../../mappings/alert.ts';
import { didYouMean } from '../../mappings/nearest.ts';
import { type ConfigProblem, list } from '../../mappings/problem.ts';
import type { Path, Source } from '../../mappings/source.ts';
import type { MappingSpec } from '../../mappings/spec.ts';
import type { HubFile } from './schema.ts';
import type { AlertConfig, ConnectionConfig, MemberConfig, SyncConfig } from './types.ts';

export interface Known {
  mappings: Record<string, MappingSpec>;
  /** Files that are there but could not be read: known names, all the same. */
  brokenMappings: readonly string[];
  connections: readonly string[];
  entities: readonly string[];
}

/** `there is no x "y"`, with the nearest right name. */
export function unknownName(
  kind: string,
  name: string,
  names: readonly string[],
  source: Source,
  at: Path,
): ConfigProblem {
  const fix = didYouMean(name, names);
  return {
    severity: 'error',
    place: source.place(at),
    message: `there is no ${kind} "${name}"`,
    expected: names.length === 0 ? `a ${kind}; none is defined yet` : `one of ${list([...names])}`,
    ...(fix === undefined ? {} : { fix }),
  };
}

export function readSyncs(
  file: HubFile,
  source: Source,
  known: Known,
  entities: Record<string, Entity>,
): { syncs: Record<string, SyncConfig>; problems: ConfigProblem[] } {
  const syncs: Record<string, SyncConfig> = {};
  const problems: ConfigProblem[] = [];
  const names = [...Object.keys(known.mappings), ...known.brokenMappings].sort();
  for (const [name, own] of Object.entries(file.syncs ?? {})) {
    const at = ['syncs', name];
    if (!known.entities.includes(own.entity))
      problems.push(unknownName('entity', own.entity, known.entities, source, [...at, 'entity']));
    const members: MemberConfig[] = [];
    own.members.forEach((form, i) => {
      const here = [...at, 'members', i];
      const given = typeof form === 'string' ? { mapping: form, mode: 'both' as const, create: false } : form;
      const condition = typeof given.create === 'boolean' ? undefined : given.create.when;
      const member: MemberConfig = {
        ...given,
        create: given.create !== false,
        ...(condition === undefined
          ? {}
          : { createWhen: condition, createPlace: source.place([...here, 'create', 'when']) }),
      };
      const its = typeof form === 'string' ? here : [...here, 'mapping'];
      const spec = Object.hasOwn(known.mappings, member.mapping) ? known.mappings[member.mapping] : undefined;
      if (!names.includes(member.mapping)) {
        problems.push(unknownName('mapping', member.mapping, names, source, its));
        return;
      }
      if (
        spec &&
        known.entities.includes(own.entity) &&
        known.entities.includes(spec.entity) &&
        spec.entity !== own.entity
      )
        problems.push({
          severity: 'error',
          place: source.place(its),
          message: `the mapping "${member.mapping}" brings ${spec.entity}, and this sync is of ${own.entity}`,
          fix: `put it in a sync of ${spec.entity}`,
        });
      const twin = members.find(
        ({ mapping }) =>
          mapping === member.mapping ||
          (spec &&
            known.mappings[mapping]?.connection === spec.connection &&
            known.mappings[mapping].object === spec.object),
      );
      if (twin)
        problems.push({
          severity: 'error',
          place: source.place(its),
          message:
            twin.mapping === member.mapping
              ? `the mapping "${member.mapping}" is twice in this sync`
              : `"${twin.mapping}" and "${member.mapping}" both bring ${spec!.object} of ${spec!.connection}`,
          fix: 'keep one of the two',
        });
      const attributes = Object.hasOwn(entities, own.entity)
        ? Object.keys(entities[own.entity]!.attributes)
        : undefined;
      const parsed = condition === undefined ? undefined : parseCondition(condition, attributes, []);
      if (parsed && 'message' in parsed)
        problems.push({
          severity: 'error',
          place: source.place([...here, 'create', 'when']),
          message: parsed.message,
          found: JSON.stringify(condition),
          expected: 'a JSONata expression over golden values, such as lifecycle = "customer"',
          ...(parsed.fix === undefined ? {} : { fix: parsed.fix }),
        });
      if (member.mode === 'read' && member.create)
        problems.push({
          severity: 'error',
          place: source.place([...here, 'create']),
          message: '"create" does nothing with mode: read',
          fix: 'write mode: both, or remove create',
        });
      const deletes = member.deletes ?? own.deletes;
      const { deletes: _, mergeInTool: __, ...rest } = member;
      const mergeInTool = member.mergeInTool ?? own.mergeInTool;
      members.push({
        ...rest,
        ...(deletes === 'unlink' ? {} : { deletes }),
        ...(mergeInTool === 'never' ? {} : { mergeInTool }),
      });
    });
    syncs[name] = {
      name,
      entity: own.entity,
      ...(own.schedule === undefined ? {} : { schedule: own.schedule }),
      ...(own.reconcile === undefined
        ? {}
        : {
            reconcile:
              typeof own.reconcile === 'string' ? { schedule: own.reconcile, repair: false } : own.reconcile,
          }),
      realtime: own.realtime,
      guards: {
        maxChanged: own.guards.maxChanged,
        maxDeleted: own.guards.maxDeleted,
        maxMissing: own.guards.maxMissing,
        maxGrowth: own.guards.maxGrowth,
      },
      edits: own.edits,
      members,
      place: source.place(at, 'key'),
    };
  }
  return { syncs, problems };
}

export function readAlerts(
  file: HubFile,
  source: Source,
  known: Known,
  read: { entities: Record<string, Entity>; connections: Record<string, ConnectionConfig> },
): { alerts: Record<string, AlertConfig>; problems: ConfigProblem[] } {
  const alerts: Record<string, AlertConfig> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, { format, ...own }] of Object.entries(file.alerts ?? {})) {
    const at = ['alerts', name];
    const wrong = (key: string, message: string, more: Pick<ConfigProblem, 'found' | 'expected' | 'fix'>) =>
      problems.push({ severity: 'error', place: source.place([...at, key]), message, ...more });
    const entity = Object.hasOwn(read.entities, own.entity) ? read.entities[own.entity] : undefined;
    if (!entity) problems.push(unknownName('entity', own.entity, known.entities, source, [...at, 'entity']));
    if (!known.connections.includes(own.to))
      problems.push(unknownName('connection', own.to, known.connections, source, [...at, 'to']));
    const connection = Object.hasOwn(read.connections, own.to) ? read.connections[own.to] : undefined;
    const webhook = connection?.type === 'webhook' ? (connection.config as WebhookConfig) : undefined;
    if (connection && webhook?.url === undefined)
      wrong('to', `the connection "${own.to}" cannot be told anything`, {
        expected: 'a connection of type webhook with a url',
      });
    else if (webhook && (format ?? webhook.format) === 'standard' && webhook.secret === undefined)
      wrong('format', `"${own.to}" has no secret to sign standard messages with`, {
        fix: 'leave format out, or give the connection a secret',
      });
    const parsed = parseCondition(own.when, entity && Object.keys(entity.attributes));
    if ('message' in parsed)
      wrong('when', parsed.message, {
        found: JSON.stringify(own.when),
        expected: 'a JSONata expression such as score >= 80 and $previous.score < 80',
        ...(parsed.fix === undefined ? {} : { fix: parsed.fix }),
      });
    alerts[name] = { name, ...own, ...(format === undefined ? {} : { format }) };
  }
  return { alerts, problems };
}
