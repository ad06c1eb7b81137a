import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUB_DEFAULTS } from '../../../api/config/types.ts';
import type { Hub } from '../../../api/runtime/hub.ts';
import type { Db } from '../../../core/store/db.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { type MemoryHub, MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';
import { type Api, apiOver } from './harness.ts';

const OKAFOR = { familyName: 'Okafor', givenName: 'Ngozi' };

let db: Db;
let api: Api;
let hub: MemoryHub;
let a: MemoryTool;
let b: MemoryTool;
/** Two cards that are in doubt, and one of somebody else. */
let x: string;
let y: string;
let z: string;

const sync = () => runSync(hub.engine, hub.sync, { mode: 'sync', signal: new AbortController().signal });

beforeAll(async () => {
  db = await DATABASES[0]!.open();
  [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  hub = memoryHub(db, [a, b]);
  const config = {
    hub: HUB_DEFAULTS,
    entities: { person: hub.sync.entity },
    syncs: { people: { entity: 'person' } },
    order: ['people'],
  };
  const served = { config, engine: hub.engine, syncs: async () => [hub.sync] } as unknown as Hub;
  api = await apiOver(db, { hub: () => served });
  x = recordKey(a, a.put({ ...OKAFOR, email: 'n@okafor.example' }));
  y = recordKey(b, b.put({ ...OKAFOR, email: 'ngozi@lagos.example' }));
  z = recordKey(b, b.put({ familyName: '勅使河原', givenName: '誠' }));
  await sync();
});
afterAll(() => db.close());

const goldenOf = async (key: string) =>
  (await db.query<{ golden_id: string }>(`select golden_id from source_record where key = $1`, [key]))[0]!
    .golden_id;
const call = async (
  path: string,
  body?: unknown,
  more: { as?: string; ifMatch?: string; method?: string } = {},
) => {
  const response = await api.fetch(path, {
    as: more.as ?? 'operator',
    method: more.method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: more.ifMatch ? { 'if-match': more.ifMatch } : {},
  });
  return {
    status: response.status,
    data: (await response.json()) as Record<string, unknown> & { detail: string },
  };
};

test('a pair is explained, step by step; what is no pair is refused', async () => {
  const pairs = (a: string, b: string) =>
    call(`/v1/pairs?a=${encodeURIComponent(a)}&b=${encodeURIComponent(b)}`, undefined, { as: 'viewer' });
  const { status, data } = await pairs(y, x);
  expect(status).toBe(200);
  expect(data).toMatchObject({ verdict: 'in doubt', why: 'doubt', a: { record: x }, b: { record: y } });
  const [review] = await db.query<{ weight: number }>(`select weight from review`);
  expect((data.steps as { sum: number }[]).at(-1)!.sum).toBeCloseTo(review!.weight, 9);
  expect((await pairs(x, z)).data).toMatchObject({ verdict: 'two', why: 'no key' });
  expect((await pairs(x, x)).status).toBe(400);
  expect((await pairs(x, 'a/people/nobody')).status).toBe(404);
  expect((await call(`/v1/pairs?a=${encodeURIComponent(x)}`)).status).toBe(400);
});

describe('what cannot be is refused, and changes nothing', () => {
  test.each([
    ['/v1/golden/nope/split', {}, 404],
    ['/v1/golden/GX/split', { records: ['zz'] }, 404],
    ['/v1/golden/GX/split', { records: 'zz' }, 400],
    ['/v1/golden/GX/link', {}, 400],
    ['/v1/golden/GX/link', { with: 'nobody' }, 404],
    ['/v1/golden/GX/link', { with: 'GX' }, 422],
    ['/v1/golden/GX/pin', { attribute: 'titel', value: 'x' }, 404],
    ['/v1/golden/GX/pin', { attribute: 'email', value: 'x' }, 422],
    ['/v1/golden/GX/pin', { attribute: 'title', value: { deep: 1 } }, 400],
    ['/v1/decisions', { kind: 'pin', a: 'GX', b: 'GX' }, 400],
    ['/v1/decisions/nope/undo', {}, 404],
    ['/v1/reviews/nope/decide', { answer: 'link' }, 400],
  ])('%s %j: %i', async (path, body, status) => {
    const gx = await goldenOf(x);
    const sent = JSON.parse(JSON.stringify(body).replaceAll('GX', gx)) as unknown;
    expect((await call(path.replace('GX', gx), sent)).status).toBe(status);
    expect((await call('/v1/decisions')).data.items).toEqual([]);
  });

  test('a viewer may look, and not decide', async () => {
    expect((await call(`/v1/golden/${await goldenOf(x)}/split`, {}, { as: 'viewer' })).status).toBe(403);
    expect((await call('/v1/decisions', undefined, { as: 'viewer' })).status).toBe(200);
  });
});

test('a doubt is shown side by side, put off, decided once, undone, and open again', async () => {
  const list = async () => (await call('/v1/reviews')).data.items as { id: string }[];
  const [review] = await list();
  const path = `/v1/reviews/${review!.id}`;
  expect((await call(path)).data).toMatchObject({ state: 'open', a: { record: x }, b: { record: y } });
  expect((await call(`${path}/decide`, { answer: 'later' })).data).toEqual({ outcome: null });
  expect(await list()).toEqual([]);
  const first = await call(`${path}/decide`, { answer: 'link', reason: 'met her' });
  expect(first.data.outcome).toMatchObject({ decision: { by: 'the operator', reason: 'met her' } });
  expect(await goldenOf(x)).toBe(await goldenOf(y));
  const second = await call(`${path}/decide`, { answer: 'apart' }, { as: 'admin' });
  expect([second.status, (second.data as { title?: string }).title]).toEqual([
    409,
    expect.stringContaining('the operator decided at'),
  ]);
  const { id } = (first.data.outcome as { decision: { id: string } }).decision;
  expect((await call(`/v1/decisions/${id}/undo`, {})).status).toBe(200);
  expect((await call(`/v1/decisions/${id}/undo`, {})).status).toBe(409);
  expect(await goldenOf(x)).not.toBe(await goldenOf(y));
  expect(await list()).toHaveLength(1);
});

test('link and apart of golden records: a contradiction is a 409 that names who decided', async () => {
  const [gx, gz] = [await goldenOf(x), await goldenOf(z)];
  const apart = await call(`/v1/golden/${gx}/apart`, { with: gz });
  expect(apart.data).toMatchObject({ decision: { kind: 'apart' }, writes: [] });
  const barred = await call('/v1/decisions', { kind: 'link', a: x, b: z }, { as: 'admin' });
  expect(barred.status).toBe(409);
  expect(barred.data.detail).toMatch(/are kept apart, by the operator/);
  const forced = await call('/v1/decisions', { kind: 'link', a: x, b: z, force: true });
  expect([forced.status, (forced.data.golden as unknown[]).length]).toEqual([200, 1]);
  expect((await call(`/v1/golden/${await goldenOf(x)}/split`, { records: [z] })).status).toBe(200);
  expect(await goldenOf(x)).not.toBe(await goldenOf(z));
  const audit = (await call('/v1/audit', undefined, { as: 'admin' })).data.items as { action: string }[];
  expect(audit.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['keepApart', 'decideRecords', 'splitGolden', 'undoDecision']),
  );
});

test('pin on the version that was looked at; DELETE ends it; decisions are paged', async () => {
  const id = await goldenOf(x);
  const shown = await api.fetch(`/v1/golden/${id}`, { as: 'viewer' });
  const tag = shown.headers.get('etag')!;
  const body = { attribute: 'title', value: '部長' };
  expect((await call(`/v1/golden/${id}/pin`, body, { ifMatch: '"999"' })).status).toBe(412);
  expect((await call(`/v1/golden/${id}/pin`, body, { ifMatch: tag })).status).toBe(200);
  expect((await call(`/v1/golden/${id}/pin`, body, { ifMatch: tag })).status).toBe(412);
  expect((await call(`/v1/golden/${id}/pin`, body)).data.decision).toBe(null);
  await sync();
  expect(a.records.get('a1')!.fields.title).toBe('部長');
  const ended = await call(`/v1/golden/${id}/pin?attribute=title`, undefined, { method: 'DELETE' });
  expect(ended.data.decision).toMatchObject({ kind: 'unpin', attribute: 'title' });
  await sync();
  expect(a.records.get('a1')!.fields.title).toBe(null);

  const all = (await call('/v1/decisions')).data.items as { id: string }[];
  const pages: string[] = [];
  let cursor = '';
  for (;;) {
    const { data } = await call(`/v1/decisions?limit=2${cursor}`);
    pages.push(...(data.items as { id: string }[]).map((one) => one.id));
    if (data.next === null) break;
    cursor = `&cursor=${data.next as string}`;
  }
  expect(pages).toEqual(all.map((one) => one.id));
});
