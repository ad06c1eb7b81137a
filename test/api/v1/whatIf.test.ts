import { afterAll, beforeAll, expect, test } from 'vitest';
import { demoConfig } from '../../../api/demo/config.ts';
import { apiOfHub, type HubApi } from './hub.ts';

let api: HubApi;
let files: Record<string, string>;
beforeAll(async () => {
  api = await apiOfHub();
  files = demoConfig(api.world.boxes);
});
afterAll(() => api.end());

const send = async (method: string, path: string, body: object) => {
  const response = await api.fetch(path, { as: 'admin', method, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};
const ask = (entity: string, given: Record<string, string>) =>
  send('POST', `/v1/entities/${entity}/what-if`, { files: given });
const ruled = (rules: string) => ({
  ...files,
  'hub.yaml': files['hub.yaml']!.replace(/survivorship: .*latest\] \}/, `survivorship: { ${rules} }`),
});

test('the same as the command; what cannot be tried is refused with what to do', async () => {
  expect(await ask('person', files)).toMatchObject({
    status: 409,
    body: {
      title: expect.stringContaining('nothing was applied yet'),
      detail: expect.stringContaining('apply'),
    },
  });
  expect((await send('PUT', '/v1/config', { files, expectedRevision: 0 })).status).toBe(200);
  const run = await send('POST', '/v1/syncs/people/runs', {});
  expect(run.status).toBe(202);
  await api.launcher.idle();
  const { id } = api.world.boxes.salesforce.records('Contact')[0]!;
  api.world.boxes.salesforce.edit('Contact', id, { Title: 'Boss' });
  await send('POST', '/v1/syncs/people/runs', {});
  await api.launcher.idle();

  expect(await ask('person', ruled('title: [{ prefer: [ma] }]'))).toMatchObject({
    status: 200,
    body: {
      ...{ revision: 1, entity: 'person', golden: 12, differ: 1, next: null },
      attributes: [
        { attribute: 'phone', differ: 0 },
        { attribute: 'title', differ: 1, samples: [{ from: 'Boss', to: 'Engineer' }] },
      ],
    },
  });
  expect(await ask('nobody', files)).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('person') },
  });
  expect(await ask('person', ruled('title: [{ prefer: [hubspot] }]'))).toMatchObject({
    status: 422,
    body: { errors: [{ message: expect.stringContaining('there is no connection "hubspot"') }] },
  });
});
