/**
 * The smallest tool that fulfils the connector contract, in memory: for property tests of the engine, which need thousands
 * of worlds. The real connectors run against their sandboxes elsewhere.
 */
import { z } from 'zod';
import type {
  Change,
  Connector,
  Context,
  Field,
  Fields,
  Op,
  Outcome,
  Stream,
} from '../../connectors/contract.ts';
import { ConnectorError } from '../../connectors/contract.ts';
import { createMatcher } from '../../core/match/matcher.ts';
import { BUILTIN_ENTITIES } from '../../core/model/builtin.ts';
import type { Entity } from '../../core/model/entity.ts';
import { keyText } from '../../core/model/record.ts';
import type { Values } from '../../core/model/value.ts';
import type { Db } from '../../core/store/db.ts';
import type { Engine, Mapping, Member, Sync, Tool } from '../../core/sync/ports.ts';

export interface MemoryRecord {
  id: string;
  fields: Fields;
  /** Counts up with every change of the tool: its clock. */
  tick: number;
  deleted: boolean;
  /** Set on a record that the tool folded into another. */
  into?: string;
}

export type Answer = 'ok' | 'lost' | 'transient' | 'not-sent';

export class MemoryTool {
  readonly name: string;
  records = new Map<string, MemoryRecord>();
  tick = 0;
  calls = 0;
  created = 0;
  updated = 0;
  deleted = 0;
  noops = 0;
  pageSize = 3;
  /** Asked before every write: what becomes of it. */
  fate: () => Answer = () => 'ok';
  /** What the tool makes of a value it is given (trims, changes case …). */
  normalise: (field: string, value: Fields[string]) => Fields[string] = (_, value) => value;
  /** Whether an answer tells what the tool made of a write. */
  tells = true;
  private next = 1;

  constructor(name: string) {
    this.name = name;
  }

  put(fields: Fields, id = `${this.name}${this.next++}`): string {
    const before = this.records.get(id);
    this.records.set(id, { id, fields: { ...before?.fields, ...fields }, tick: ++this.tick, deleted: false });
    return id;
  }

  remove(id: string): void {
    const record = this.records.get(id);
    if (record) this.records.set(id, { ...record, tick: ++this.tick, deleted: true });
  }

  /** A person merges two records in the tool: the winner keeps what it shows. */
  merge(winner: string, loser: string): void {
    this.remove(loser);
    this.records.get(loser)!.into = winner;
    this.put({}, winner);
  }

  live(): MemoryRecord[] {
    return [...this.records.values()].filter((record) => !record.deleted);
  }

  write(op: Op): Outcome {
    if (op.op === 'create') {
      const fields = this.normalised(op.fields);
      const id = this.put(fields);
      this.created++;
      return { key: op.key, status: 'ok', id, ...(this.tells ? { fields } : {}) };
    }
    if (op.op === 'delete') {
      const there = this.records.get(op.id)?.deleted === false;
      if (!there) return { key: op.key, status: 'failed', kind: 'gone', message: 'no such record' };
      this.remove(op.id);
      this.deleted++;
      return { key: op.key, status: 'ok', id: op.id };
    }
    if (op.op !== 'update')
      return { key: op.key, status: 'failed', kind: 'rejected', message: 'not supported' };
    const record = this.records.get(op.id);
    if (!record || record.deleted)
      return { key: op.key, status: 'failed', kind: 'gone', message: 'no such record' };
    const fields = this.normalised(op.fields);
    this.updated++;
    if (Object.entries(fields).every(([name, value]) => (record.fields[name] ?? null) === value))
      this.noops++;
    this.put(fields, op.id);
    return { key: op.key, status: 'ok', id: op.id, ...(this.tells ? { fields } : {}) };
  }

  private normalised(fields: Fields): Fields {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, this.normalise(name, value)]),
    );
  }
}

/** A tool's clock as a time: one tick a second. */
export const atTick = (tick: number) => new Date(Date.UTC(2026, 0, 1) + tick * 1000).toISOString();

const asChange = (record: MemoryRecord): Change => ({
  stream: 'people',
  id: record.id,
  at: atTick(record.tick),
  ...(record.into !== undefined
    ? { op: 'merge' as const, into: { stream: 'people', id: record.into } }
    : record.deleted
      ? { op: 'delete' as const }
      : { op: 'upsert' as const, fields: record.fields }),
});

export function memoryConnector(tool: MemoryTool, fields: readonly string[]): Connector {
  return {
    type: 'memory',
    config: z.unknown(),
    discover: async () => [memoryStream(fields)],
    async read(_ctx, _stream, select) {
      tool.calls++;
      if ('by' in select) {
        const found = tool
          .live()
          .filter((r) => select.in.includes(select.by === 'id' ? r.id : String(r.fields[select.by] ?? '')));
        return { changes: found.map(asChange), cursor: 0, done: true };
      }
      const since = Number(select.since ?? -1);
      const rest = [...tool.records.values()].filter((r) => r.tick > since).sort((a, b) => a.tick - b.tick);
      const page = rest.slice(0, tool.pageSize);
      return {
        changes: page.map(asChange),
        cursor: page.at(-1)?.tick ?? since,
        done: rest.length <= tool.pageSize,
      };
    },
    async write(_ctx, _stream, ops) {
      tool.calls++;
      const fate = tool.fate();
      if (fate === 'not-sent')
        throw new ConnectorError('transient', 'no connection', { maybeApplied: false });
      if (fate === 'transient') throw new ConnectorError('transient', '503', { maybeApplied: false });
      const outcomes = ops.map((op) => tool.write(op));
      if (fate === 'lost') return ops.map(({ key }) => ({ key, status: 'unknown' }));
      return outcomes;
    },
  };
}

function memoryStream(fields: readonly string[]): Stream {
  const field = (name: string): Field => ({
    name,
    label: name,
    type: 'text',
    required: false,
    writable: true,
    unique: name === 'hubId',
  });
  return {
    name: 'people',
    label: 'People',
    fields: [...fields, 'hubId'].map(field),
    read: { incremental: true, deletes: 'feed', merges: false, lookupBy: ['id', 'hubId', 'email'] },
    write: { ops: ['create', 'update', 'delete'], maxBatch: 4, idempotency: 'lookup' },
  };
}

/** A mapping that keeps names and values as they are. */
export function plainMapping(
  name: string,
  connection: string,
  entity: Entity,
  attributes: readonly string[],
): Mapping {
  return {
    name,
    connection,
    object: 'people',
    entity,
    readFields: [...attributes],
    readAttributes: [...attributes],
    sources: Object.fromEntries(attributes.map((attribute) => [attribute, [attribute]])),
    writeAttributes: attributes.map((attribute) => ({ attribute, fields: [attribute] })),
    in: async (fields) => ({
      values: Object.fromEntries(attributes.map((a) => [a, (fields[a] as Values[string]) ?? null])),
      problems: [],
    }),
    out: async (values, wanted) => ({
      fields: Object.fromEntries(wanted.map((a) => [a, values[a] ?? null])),
      waiting: [],
      problems: [],
    }),
    sameField: (_, a, b) => (a ?? null) === (b ?? null),
  };
}

export const ATTRIBUTES = ['email', 'familyName', 'givenName', 'phone', 'title', 'department'] as const;

export interface MemoryHub {
  engine: Engine;
  sync: Sync;
}

/** An engine over these tools, each of which is read, written and created in. */
export function memoryHub(
  db: Db,
  tools: readonly MemoryTool[],
  options: { owner?: string; hubId?: boolean; survivorship?: Entity['survivorship'] } = {},
): MemoryHub {
  const entity: Entity = { ...BUILTIN_ENTITIES.person, survivorship: options.survivorship ?? {} };
  const members = tools.map((tool): Member => {
    const connector = memoryConnector(tool, ATTRIBUTES);
    const handed: Tool = {
      name: tool.name,
      connector,
      context: (signal): Context => ({
        config: {},
        fetch: () => Promise.reject(new Error('no network in memory')),
        now: () => new Date(),
        signal,
        log: { debug() {}, info() {}, warn() {} },
      }),
      calls: () => tool.calls,
    };
    return {
      mapping: plainMapping(`${tool.name}-people`, tool.name, entity, ATTRIBUTES),
      tool: handed,
      stream: memoryStream(ATTRIBUTES),
      reads: true,
      writes: true,
      creates: true,
      idField: options.hubId ? 'hubId' : undefined,
    };
  });
  const sync: Sync = {
    name: 'people',
    entity,
    matcher: createMatcher(entity),
    members,
    guards: { maxChanged: 1_000_000, maxDeleted: undefined },
  };
  let id = 0;
  const owner = options.owner ?? 'test';
  const engine: Engine = {
    db,
    syncs: [sync],
    now: () => new Date(),
    newId: () => `${owner}-${Date.now().toString(36)}-${(id++).toString(36).padStart(6, '0')}`,
    owner,
    isAlive: async (other) => other === owner,
    objectOf: () => undefined,
    creates: () => false,
    random: () => 0,
    progress: () => undefined,
    dry: false,
  };
  return { engine, sync };
}

export const recordKey = (tool: MemoryTool, id: string) =>
  keyText({ connection: tool.name, object: 'people', id });
