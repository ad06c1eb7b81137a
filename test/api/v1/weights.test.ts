import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../core/match/model.ts';
import { activateModel } from '../../../core/store/models.ts';
import { apiOfHub, type HubApi } from './hub.ts';

let api: HubApi;
beforeAll(async () => {
  api = await apiOfHub();
  for (const by of ['mika', 'taro', 'jan'])
    await activateModel(api.db, {
      ...{ entity: 'person', by, at: '2026-03-01T00:00:00Z' },
      model: { ...DEFAULT_MODEL.person, trained: { records: 30, pairs: 40, iterations: 5 } },
    });
});
afterAll(() => api.end());

const ask = async (path: string, restored?: number) => {
  const post = { as: 'operator', method: 'POST', body: JSON.stringify({ version: restored }) };
  const response = await api.fetch(`/v1/entities/${path}`, restored === undefined ? { as: 'viewer' } : post);
  return { status: response.status, body: await response.json() };
};
const restore = (version: number, entity = 'person') => ask(`${entity}/weights/restore`, version);
const active = async () => {
  const { body } = await ask('person/weights');
  return body.items.find((one: { active: boolean }) => one.active)?.version;
};

test('versions are listed page by page; one of them, or the shipped ones, are put to use again', async () => {
  const { body } = await ask('person/weights?limit=2');
  expect(body.items).toMatchObject([
    { version: 3, by: 'jan', base: 'person', active: true, records: 30, pairs: 40 },
    { version: 2, by: 'taro', active: false },
  ]);
  const { body: rest } = await ask(`person/weights?limit=2&cursor=${body.next}`);
  expect(rest).toMatchObject({ items: [{ version: 1, by: 'mika' }], next: null });

  expect(await restore(1)).toMatchObject({
    status: 200,
    body: { versionBefore: 3, version: 1 },
  });
  expect(await active()).toBe(1);
  expect((await restore(0)).status).toBe(200);
  expect(await active()).toBe(undefined);

  for (const [version, entity, status] of [
    [4, 'person', 404],
    [1, 'nobody', 404],
    [-1, 'person', 400],
  ] as const)
    expect([version, entity, (await restore(version, entity)).status]).toEqual([version, entity, status]);
  const { items } = await (await api.fetch('/v1/audit?limit=10', { as: 'admin' })).json();
  expect(items).toContainEqual(
    expect.objectContaining({ action: 'restoreWeights', target: 'entities/person/weights/1' }),
  );
});
