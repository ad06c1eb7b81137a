/** The kit is worth something only if it fails: a sound little connector, then the same with one defect each. */
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Change,
  type Connector,
  ConnectorError,
  type Context,
  type Fields,
  type Outcome,
  type Page,
} from '../../../connectors/contract.ts';
import { type Harness, Rig } from './harness.ts';
import { hookProperties } from './hook.ts';
import { goOffline } from './offline.ts';
import { readProperties } from './reading.ts';
import { failureProperties, writeProperties } from './writing.ts';

type Defect =
  | 'never done'
  | 'remembers its place itself'
  | 'pages by offset'
  | 'starts after the newest time'
  | 'takes errors for nothing'
  | 'takes a lost answer for a refusal'
  | 'fails the whole batch'
  | 'forgets an outcome'
  | 'believes every hook'
  | 'finds anything'
  | 'drops null';

interface Row {
  id: string;
  fields: Fields;
  /** Position in the tool's log of changes: every change moves the record to its end. */
  seq: number;
  at: string;
  deleted: boolean;
}

const PAGE = 3;
const config = z.strictObject({ secret: z.string() });
type Config = z.infer<typeof config>;

function shelf(defect?: Defect): Harness<Config> {
  const memory = new WeakMap<object, number>();

  const ask = async <T>(ctx: Context<Config>, path: string, body: unknown): Promise<T> => {
    const response = await ctx.fetch(`http://shelf.test/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const kinds = { 401: 'auth', 429: 'quota' } as const;
    if (!response.ok) {
      if (defect === 'takes errors for nothing') return [] as T;
      const kind = kinds[response.status as 401] ?? 'transient';
      throw new ConnectorError(kind, `status ${response.status}`, { maybeApplied: response.status >= 500 });
    }
    const parsed = z
      .array(z.unknown())
      .min(0)
      .safeParse(await response.json().catch(() => undefined));
    if (!parsed.success || response.headers.get('shelf') !== '1') {
      if (defect === 'takes errors for nothing') return [] as T;
      throw new ConnectorError('transient', 'not an answer of the shelf');
    }
    return parsed.data as T;
  };

  const page = (rows: Row[], cursor: Page['cursor'], done: boolean): Page => ({
    changes: rows.map(
      ({ id, fields, at, deleted }): Change =>
        deleted ? { stream: 's', id, at, op: 'delete' } : { stream: 's', id, at, op: 'upsert', fields },
    ),
    cursor,
    done: done && defect !== 'never done',
  });

  const connector: Connector<Config> = {
    type: 'shelf',
    config,
    readOnly: (_, url) => url.pathname !== '/write',
    discover: async (ctx) => {
      await ask(ctx, 'log', {});
      const field = { type: 'text', required: false, writable: true, unique: false } as const;
      return [
        {
          name: 's',
          label: 's',
          fields: ['a', 'b'].map((name) => ({ ...field, name, label: name })),
          read: { incremental: true, deletes: 'feed', merges: false, lookupBy: ['id', 'b'] },
          write: { ops: ['create', 'update', 'delete'], maxBatch: 5, idempotency: 'lookup' },
        },
      ];
    },
    async read(ctx, _, select) {
      const all = await ask<Row[]>(ctx, 'log', {});
      if ('by' in select) {
        const value = (row: Row) => (select.by === 'id' ? row.id : String(row.fields[select.by]));
        const found = all.filter((row) => defect === 'finds anything' || select.in.includes(value(row)));
        return page(found, { seq: 0 }, true);
      }
      const parsed = z
        .strictObject({ seq: z.number(), at: z.string().optional() })
        .nullable()
        .safeParse(select.since);
      if (!parsed.success) throw new ConnectorError('rejected', 'not a cursor of the shelf');
      const seq = parsed.data?.seq ?? 0;
      if (defect === 'pages by offset') {
        const live = all.filter((row) => !row.deleted);
        const rows = live.slice(seq, seq + PAGE);
        return page(rows, { seq: seq + rows.length }, rows.length < PAGE);
      }
      if (defect === 'starts after the newest time') {
        const later = all
          .filter((row) => row.at > (parsed.data?.at ?? ''))
          .sort((x, y) => (x.at < y.at ? -1 : 1));
        const rows = later.slice(0, PAGE);
        return page(rows, { seq, at: rows.at(-1)?.at ?? parsed.data?.at ?? '' }, rows.length < PAGE);
      }
      const from = defect === 'remembers its place itself' ? (memory.get(ctx.config) ?? 0) : seq;
      const rows = all.filter((row) => row.seq > from).slice(0, PAGE);
      memory.set(ctx.config, rows.at(-1)?.seq ?? from);
      return page(rows, { seq: rows.at(-1)?.seq ?? from }, rows.length < PAGE);
    },
    async write(ctx, _, ops) {
      let outcomes: Outcome[];
      const sent = ops.map((op) =>
        defect === 'drops null' && 'fields' in op
          ? {
              ...op,
              fields: Object.fromEntries(Object.entries(op.fields).filter(([, value]) => value !== null)),
            }
          : op,
      );
      try {
        outcomes = await ask<Outcome[]>(ctx, 'write', sent);
      } catch (error) {
        if (!(error instanceof ConnectorError) || !error.maybeApplied) throw error;
        return ops.map(({ key }) =>
          defect === 'takes a lost answer for a refusal'
            ? { key, status: 'failed', kind: 'rejected', message: 'lost' }
            : { key, status: 'unknown' },
        );
      }
      const bad = outcomes.find((outcome) => outcome.status === 'failed');
      if (bad && defect === 'fails the whole batch') return ops.map(({ key }) => ({ ...bad, key }));
      return defect === 'forgets an outcome' ? outcomes.slice(1) : outcomes;
    },
    hook: {
      verify: async (hook, ctx) =>
        defect === 'believes every hook' ||
        (hook.headers.proof ===
          `${ctx.config.secret}${hook.headers.at}${new TextDecoder().decode(hook.body)}` &&
          Math.abs(Number(hook.headers.at) - ctx.now().getTime()) < 300_000),
      parse: (hook, ctx) => {
        if (new TextDecoder().decode(hook.body) !== '{}') throw new ConnectorError('rejected', 'no sense');
        return [{ stream: 's', id: '1', at: ctx.now().toISOString(), op: 'touch' }];
      },
    },
  };

  const hook = (secret: string) => (at: Date) => ({
    method: 'POST',
    url: 'http://hub.test/hooks/shelf',
    headers: { at: String(at.getTime()), proof: `${secret}${at.getTime()}{}` },
    body: new TextEncoder().encode('{}'),
  });

  return {
    connector,
    stream: 's',
    sample: (n) => ({ a: `a${n}`, b: `b${n}` }),
    changed: 'a',
    key: 'b',
    many: 8,
    poison: { a: 'poison', b: 'x' },
    missingId: 'none',
    hook: { genuine: hook('right'), forged: hook('wrong') },
    start: (clock) => {
      const rows = new Map<string, Row>();
      let seq = 0;
      let made = 0;
      const put = (id: string, fields: Fields, at = clock.now().toISOString(), deleted = false) => {
        rows.delete(id);
        seq += 1;
        rows.set(id, { id, fields, seq, at, deleted });
        return id;
      };
      const apply = (op: { key: string; op: string; id?: string; fields?: Fields }): Outcome => {
        const row = rows.get(op.id ?? '');
        if (op.fields?.a === 'poison')
          return { key: op.key, status: 'failed', kind: 'rejected', message: 'poison' };
        if (op.op !== 'create' && (row === undefined || row.deleted))
          return { key: op.key, status: 'failed', kind: 'gone', message: 'gone' };
        const id = put(
          row?.id ?? `r${++made}`,
          { ...row?.fields, ...op.fields },
          undefined,
          op.op === 'delete',
        );
        return { key: op.key, status: 'ok', id };
      };
      return {
        config: { secret: 'right' },
        fetch: async (call) => {
          const body = await call.json();
          const answer = call.url.endsWith('/write') ? body.map(apply) : [...rows.values()];
          return Response.json(answer, { headers: { shelf: '1' } });
        },
        seed: (records) => records.map(({ fields, at }) => put(`r${++made}`, fields, at)),
        edit: (id, fields) => void put(id, { ...rows.get(id)?.fields, ...fields }),
        remove: (id) => void put(id, rows.get(id)!.fields, undefined, true),
        records: () => [...rows.values()].filter((row) => !row.deleted),
      };
    },
  };
}

/** The names of the properties that do not hold. */
async function broken(harness: Harness<Config>): Promise<string[]> {
  const found: string[] = [];
  const holds = new Map<string, (rig: Rig<Config>) => Promise<void>>();
  const collect = (name: string, property: (rig: Rig<Config>) => Promise<void>) =>
    void holds.set(name, property);
  readProperties(harness, collect);
  writeProperties(harness, collect);
  failureProperties(harness, collect);
  hookProperties(harness, harness.hook!, collect);
  for (const [name, property] of holds)
    await property(new Rig(harness)).catch(() => {
      found.push(name);
    });
  return found;
}

describe('the kit', () => {
  test('finds no fault with a sound connector', async () => {
    expect(await broken(shelf())).toEqual([]);
  });

  test.each<[Defect, string]>([
    ['never done', 'paging ends, each page in a new context, and every record comes as it is'],
    [
      'remembers its place itself',
      'paging ends, each page in a new context, and every record comes as it is',
    ],
    [
      'pages by offset',
      'records changed, made and deleted in the middle of a scan from a full read are not lost',
    ],
    [
      'starts after the newest time',
      'records that share one time are all read, in a full read and after a cursor',
    ],
    ['takes errors for nothing', '401 on a read is auth'],
    ['takes errors for nothing', 'an answer that is not what it should be is a failure, never an empty page'],
    [
      'takes a lost answer for a refusal',
      'a create whose answer is lost is unknown, and can then be found: it is made once',
    ],
    ['fails the whole batch', 'a poisoned row fails alone'],
    ['forgets an outcome', 'a whole batch has one outcome per key, and each id is that of its own record'],
    ['believes every hook', 'a tampered hook is refused'],
    ['believes every hook', 'a stale hook is refused, and so is one replayed later'],
    ['finds anything', 'records are found by id and by key, as many as there are, and no others'],
    ['drops null', 'what was written reads back equal: created, updated, cleared'],
  ])('a connector that %s: %s', async (defect, property) => {
    expect(await broken(shelf(defect))).toContain(property);
  });

  test('cuts off every way to the network but ctx.fetch, and gives it back', async () => {
    const { fetch } = globalThis;
    const offline = goOffline();
    try {
      await expect(globalThis.fetch('http://127.0.0.1:9/')).rejects.toThrow('ctx.fetch');
      expect(() => createConnection(9, '127.0.0.1')).toThrow('ctx.fetch');
      await expect(
        new Promise((_, reject) => {
          request('http://127.0.0.1:9/').on('error', reject).end();
        }),
      ).rejects.toThrow('ctx.fetch');
      expect(offline.attempts).toHaveLength(3);
    } finally {
      offline.restore();
    }
    expect(globalThis.fetch).toBe(fetch);
  });
});
