import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiOfHub, type HubApi } from './hub.ts';

let api: HubApi;
beforeAll(async () => {
  api = await apiOfHub();
});
afterAll(() => api.end());

const get = async (path: string) => {
  const response = await api.fetch(path, { as: 'viewer' });
  return { status: response.status, body: await response.json() };
};
const post = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await api.fetch(path, {
    as: 'operator',
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json(), headers: response.headers };
};

test('a plan lists what would be written, a run writes it, and its events end with it', async () => {
  const { body: syncs } = await get('/v1/syncs');
  const sync = syncs.items.find(({ entity }: { entity: string }) => entity === 'person').name as string;
  const planned = await post(`/v1/syncs/${sync}/plan`);
  expect([planned.status, planned.body.mode]).toEqual([202, 'plan']);
  await api.launcher.idle();
  const { body: plan } = await get(`/v1/runs/${planned.body.id}`);
  expect(plan).toMatchObject({ status: 'complete', counts: { read: 12 } });
  const writes: { op: string; connection: string; changes: { field: string; why: string }[] }[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body } = await get(`/v1/runs/${plan.id}/writes?limit=5${next ? `&cursor=${next}` : ''}`);
    writes.push(...body.items);
    next = body.next;
  }
  const creates = writes.filter(({ op, connection }) => op === 'create' && connection === 'crm');
  expect(creates).toHaveLength(12);
  expect(creates[0]!.changes.find(({ field }) => field === 'LastName')).toMatchObject({
    to: 'Family0',
    why: expect.any(String),
  });
  expect(api.world.boxes.salesforce.records('Contact')).toHaveLength(0);

  const key = { 'Idempotency-Key': 'run-1' };
  // Slow enough to be still in hand when the next one is asked for.
  api.world.boxes.salesforce.fault = () => ({ slow: 1_000 });
  const first = await post(`/v1/syncs/${sync}/runs`, { plan: plan.id }, key);
  expect([first.status, first.headers.get('location')]).toEqual([202, `/v1/runs/${first.body.id}`]);
  const again = await post(`/v1/syncs/${sync}/runs`, { plan: plan.id }, key);
  expect([again.body.id, again.headers.get('idempotency-replayed')]).toEqual([first.body.id, 'true']);
  expect((await post(`/v1/syncs/${sync}/runs`, {})).status).toBe(409);
  api.world.boxes.salesforce.fault = undefined;
  const events = await api.fetch(`/v1/runs/${first.body.id}/events`, { as: 'viewer' });
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  const said = (await events.text()).trim().split('\n\n');
  expect(said.at(-1)).toMatch(/^event: end\ndata: .*"status":"complete"/);
  const last = /id: (\S+)/.exec(said.at(-1)!)![1]!;
  const resumed = await api.fetch(`/v1/runs/${first.body.id}/events`, {
    as: 'viewer',
    headers: { 'Last-Event-ID': last },
  });
  expect((await resumed.text()).trim().split('\n\n')).toHaveLength(1);
  expect(api.world.boxes.salesforce.records('Contact')).toHaveLength(12);
  expect((await get(`/v1/runs/${first.body.id}/writes`)).status).toBe(409);
  const stale = await post(`/v1/syncs/${sync}/runs`, { plan: plan.id });
  await api.launcher.idle();
  expect((await get(`/v1/runs/${stale.body.id}`)).body).toMatchObject({
    status: 'incomplete',
    reasons: [{ code: 'plan-moved', message: expect.stringContaining('is not needed any more') }],
    counts: { created: 0, updated: 0 },
  });
  for (const [body, title] of [
    [{ plan: first.body.id }, 'has no such plan'],
    [{ plan: 'nobody' }, 'has no such plan'],
    [{ plan: plan.id, full: true }, '`full` goes with the plan'],
  ] as const) {
    const refused = await post(`/v1/syncs/${sync}/runs`, body);
    expect([refused.status, refused.body.title]).toEqual([422, expect.stringContaining(title)]);
  }
  const wrong = await post(`/v1/syncs/${sync}/runs`, { approve: first.body.id });
  expect([wrong.status, wrong.body.title]).toEqual([422, expect.stringContaining('was not halted')]);
  expect((await get(`/v1/syncs/${sync}/runs`)).body.items.map(({ mode }: { mode: string }) => mode)).toEqual([
    'sync',
    'sync',
    'plan',
  ]);

  const contact = api.world.boxes.salesforce.records('Contact')[0]!;
  api.world.boxes.salesforce.recalculate('Contact', contact.id, { Department: 'Sales' });
  const begun = await post(`/v1/syncs/${sync}/reconciles`, {});
  expect([begun.status, begun.headers.get('location')]).toEqual([
    202,
    `/v1/reconciles/${begun.body.reconcile}`,
  ]);
  expect((await post(`/v1/syncs/${sync}/reconciles`, {})).status).toBe(409);
  await api.launcher.idle();
  const { body: compared } = await get(`/v1/reconciles/${begun.body.reconcile}`);
  expect(compared).toMatchObject({ status: 'complete', records: { compared: 24 }, classes: { formula: 1 } });
  const listed = await get(`/v1/reconciles/${begun.body.reconcile}/differences?class=formula&limit=1`);
  expect(listed.body).toMatchObject({
    items: [{ record: `crm/Contact/${contact.id}`, attribute: 'department', class: 'formula' }],
    next: null,
  });
  expect((await get(`/v1/syncs/${sync}/reconciles`)).body.items).toHaveLength(1);

  const { body: found } = await get('/v1/golden?email=P3@mail3.example');
  expect(found.items).toMatchObject([{ values: { familyName: 'Family3' }, records: [{}, {}] }]);
  const [golden] = found.items;
  const { body: why } = await get(`/v1/golden/${golden.id}/explain`);
  expect(why.provenance.familyName.source).toMatch(/^ma\//);
  expect((await get(`/v1/golden/${golden.id}/history`)).body.items[0]).toMatchObject({ kind: 'created' });
  const { connection, object, id } = golden.records[0];
  const byRecord = await get(`/v1/golden?record=${encodeURIComponent(`${connection}/${object}/${id}`)}`);
  expect(byRecord.body.items.map((one: { id: string }) => one.id)).toEqual([golden.id]);
});

test('connections tell their schema and their state, and nothing of their credentials', async () => {
  const { body } = await get('/v1/connections');
  expect(body.items.map(({ name }: { name: string }) => name).sort()).toEqual(['crm', 'ma']);
  const { budgets } = body.items.find(({ name }: { name: string }) => name === 'ma');
  expect(budgets).toEqual([
    expect.objectContaining({
      name: 'daily',
      limit: 250_000,
      used: expect.any(Number),
      forecast: expect.objectContaining({ at: expect.any(String), runsOutAt: null }),
    }),
  ]);
  const secrets = Object.values(api.world.env).filter((value) => value.length > 12);
  expect(secrets.length).toBeGreaterThan(2);
  for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret);
  const schema = await api.fetch('/v1/connections/crm/schema?object=Contact', { as: 'operator' });
  const { streams } = await schema.json();
  expect(streams).toMatchObject([{ name: 'Contact', readable: true }]);
  expect(streams[0].fields.map(({ name }: { name: string }) => name)).toContain('LastName');
  const checked = await post('/v1/connections/ma/check');
  expect(checked.body).toMatchObject({
    status: 'ok',
    score: 100,
    connections: [
      {
        name: 'ma',
        state: 'ok',
        budgets: [{ name: 'daily', resetsAt: expect.any(String), forecast: { share: expect.any(Number) } }],
      },
    ],
  });
  const { findings } = checked.body as { findings: { connection: string }[] };
  expect(new Set(findings.map(({ connection }) => connection))).toEqual(new Set(['ma']));
  const one = await post('/v1/mappings/crm-contact/check', { sample: 0 });
  expect(one.body).toMatchObject({ score: 100, mappings: [{ name: 'crm-contact', connection: 'crm' }] });
  expect((await post('/v1/mappings/none/check', {})).body.detail).toContain('crm-contact');
  expect((await post('/v1/mappings/crm-contact/check', { sample: 10_001 })).status).toBe(400);
  expect((await get('/v1/connections/none')).body.detail).toContain('crm');
});

test('a mapping is tried on real records, one that is not in force too, and its mistakes are named', async () => {
  const { body } = await get('/v1/mappings');
  const mapping = body.items.find(
    ({ connection, entity }: { connection: string; entity: string }) =>
      connection === 'ma' && entity === 'person',
  );
  const shown = await post(`/v1/mappings/${mapping.name}/preview`, { limit: 2 });
  expect(shown.status).toBe(200);
  expect(shown.body.records).toHaveLength(2);
  expect(shown.body.records[0].values.familyName).toMatch(/^Family/);
  const id = api.world.contacts[4]!;
  const other = `connection: ma\nobject: ${mapping.object}\nentity: person\nfields:\n  familyName: firstname\n`;
  const tried = await post(`/v1/mappings/${mapping.name}/preview`, { ids: [id], text: other });
  expect(tried.body.records).toMatchObject([{ id, values: { familyName: 'Given4' } }]);
  const wrong = await post(`/v1/mappings/${mapping.name}/preview`, {
    text: 'connection: nowhere\nfields: [',
  });
  expect([wrong.status, wrong.body.errors[0].where]).toEqual([422, 'body.text']);
});

test('a list is deduplicated by the command itself, and a bad one is refused with why', async () => {
  const send = (csv: string, query = '') =>
    api.fetch(`/v1/cleanse${query}`, {
      as: 'operator',
      method: 'POST',
      body: csv,
      headers: { 'content-type': 'text/csv' },
    });
  const done = await send(
    'id,name,email\n1,Taro Yamada,taro@yamada.example\n2,Taro Yamada,taro@yamada.example\n3,Hanako Sato,hanako@sato.example\n',
  );
  const { clusters, report } = await done.json();
  expect(clusters).toMatchObject([
    { recordId: '1', clusterId: '1' },
    { recordId: '2', clusterId: '1' },
    { recordId: '3', clusterId: '3', score: null },
  ]);
  expect(report).toMatchObject({ records: 3, clusters: 2 });
  const bad = await send('a,b\n1,2\n');
  expect([bad.status, (await bad.json()).detail]).toEqual([422, expect.stringContaining('no column')]);
  expect((await send('id,name\n1,x\n', '?mapping=fields%3A%20%5B')).status).toBe(422);
});

test('failures are shown as the command shows them, and tried again', async () => {
  expect((await get('/v1/failures')).body).toEqual({ groups: [] });
  expect((await post('/v1/failures/retry')).body).toEqual({ values: 0, records: 0, webhooks: 0 });
  expect((await get('/v1/reviews')).body).toEqual({ items: [], next: null });
});
