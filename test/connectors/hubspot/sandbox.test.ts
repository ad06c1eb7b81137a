import { describe, expect, test } from 'vitest';
import { createHubspotSandbox, type HubspotSandbox } from '../../../connectors/hubspot/sandbox/index.ts';
import { people } from './harness.ts';

/** What HubSpot answers, for the calls that the connector itself never makes or never sees go wrong. */
async function ask(sandbox: HubspotSandbox, method: string, path: string, body?: object) {
  const answer = await sandbox.app.request(path, {
    method,
    headers: { authorization: 'Bearer sandbox-token', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) };
}
const CONTACTS = '/crm/v3/objects/contacts';

describe('the sandbox', () => {
  test('GET and PATCH of an old id answer with the winner of the merge', async () => {
    const sandbox = createHubspotSandbox();
    const [a, b] = sandbox.seed('contacts', people(2));
    const merged = await ask(sandbox, 'POST', `${CONTACTS}/merge`, {
      primaryObjectId: a,
      objectIdToMerge: b,
    });
    const winner = merged.json.id;
    expect([a, b]).not.toContain(winner);
    const got = await ask(sandbox, 'GET', `${CONTACTS}/${b}?properties=hs_merged_object_ids,email`);
    expect(got.json).toMatchObject({
      id: winner,
      properties: { hs_merged_object_ids: `${a};${b}`, email: 'person0@example.com' },
    });
    const patched = await ask(sandbox, 'PATCH', `${CONTACTS}/${a}`, { properties: { lastname: '林' } });
    expect(patched.json.id).toBe(winner);
    const batch = await ask(sandbox, 'POST', `${CONTACTS}/batch/update`, {
      inputs: [{ id: a, properties: { lastname: '森' } }],
    });
    expect([batch.status, batch.json.results]).toEqual([200, []]);
    for (const archived of [true, false]) {
      const { json } = await ask(sandbox, 'GET', `${CONTACTS}?archived=${archived}`);
      expect(json.results.map(({ id }: { id: string }) => id)).toEqual(archived ? [] : [winner]);
    }
  });

  test('merging again keeps every old id, links and secondary addresses', async () => {
    const sandbox = createHubspotSandbox();
    const [company] = sandbox.seed('companies', [{ fields: { name: '甲' } }]);
    const [a, b, c] = sandbox.seed('contacts', people(3));
    sandbox.edit('contacts', b!, { 'associations.companies': company! });
    sandbox.merge('contacts', a!, b!);
    sandbox.merge('contacts', a!, c!);
    const live = sandbox.records('contacts').filter(({ deleted }) => !deleted);
    expect(live).toHaveLength(1);
    expect(live[0]!.fields).toMatchObject({
      email: 'person0@example.com',
      hs_additional_emails: 'person1@example.com;person2@example.com',
      'associations.companies': company,
    });
    expect(String(live[0]!.fields.hs_merged_object_ids).split(';')).toEqual(
      expect.arrayContaining([a, b, c]),
    );
    const taken = await ask(sandbox, 'POST', CONTACTS, { properties: { email: 'Person2@example.com' } });
    expect(taken.status).toBe(409);
    expect(taken.json).toMatchObject({
      status: 'error',
      category: 'CONFLICT',
      message: `Contact already exists. Existing ID: ${live[0]!.id}`,
    });
  });

  test('a batch without trace ids is all or nothing; duplicate ids refuse it', async () => {
    const sandbox = createHubspotSandbox();
    const [id] = sandbox.seed('contacts', people(1));
    const inputs = [
      { properties: { email: 'new@example.com' } },
      { properties: { email: 'person0@example.com' } },
    ];
    const whole = await ask(sandbox, 'POST', `${CONTACTS}/batch/create`, { inputs });
    expect([whole.status, sandbox.records('contacts').length]).toEqual([409, 1]);
    const same = inputs.map((input) => ({ ...input, objectWriteTraceId: 'x' }));
    expect((await ask(sandbox, 'POST', `${CONTACTS}/batch/create`, { inputs: same })).status).toBe(409);
    const traced = inputs.map((input, i) => ({ ...input, objectWriteTraceId: `t${i}` }));
    const partial = await ask(sandbox, 'POST', `${CONTACTS}/batch/create`, { inputs: traced });
    expect([partial.status, partial.json.numErrors]).toEqual([207, 1]);
    expect(partial.json.errors[0].context.objectWriteTraceId).toEqual(['t1']);
    const twice = [id, id].map((each) => ({ id: each, properties: {} }));
    expect((await ask(sandbox, 'POST', `${CONTACTS}/batch/update`, { inputs: twice })).status).toBe(400);
    const many = Array.from({ length: 101 }, () => ({ properties: {} }));
    expect((await ask(sandbox, 'POST', `${CONTACTS}/batch/create`, { inputs: many })).status).toBe(400);
  });

  test('upserts by e-mail or a unique property only, and answers in another order', async () => {
    const sandbox = createHubspotSandbox();
    sandbox.seed('contacts', people(1));
    const upsert = (type: string, idProperty: string, ids: string[]) =>
      ask(sandbox, 'POST', `/crm/v3/objects/${type}/batch/upsert`, {
        inputs: ids.map((id) => ({ id, idProperty, properties: {} })),
      });
    const both = await upsert('contacts', 'email', ['PERSON0@example.com', 'fresh@example.com']);
    expect(both.json.results.map((r: { new: boolean; properties: object }) => r.new)).toEqual([true, false]);
    expect((await upsert('companies', 'domain', ['a.jp'])).status).toBe(400);
    expect((await upsert('deals', 'hs_object_id', ['1'])).status).toBe(400);
  });

  test('search offers a next page at its cap, refuses it, and hides archived records', async () => {
    const sandbox = createHubspotSandbox({ searchCap: 400 });
    const seeded = sandbox.seed('contacts', people(450));
    sandbox.remove('contacts', seeded[0]!);
    const page = await ask(sandbox, 'POST', `${CONTACTS}/search`, { limit: 200, after: 200 });
    expect([page.json.total, page.json.paging.next.after]).toEqual([449, '400']);
    expect((await ask(sandbox, 'POST', `${CONTACTS}/search`, { limit: 200, after: '400' })).status).toBe(400);
    expect((await ask(sandbox, 'POST', `${CONTACTS}/search`, { limit: 201 })).status).toBe(400);
    expect(page.headers.get('x-hubspot-ratelimit-max')).toBeNull();
  });

  test('search filters and sorts by what a property is', async () => {
    const sandbox = createHubspotSandbox();
    const scores = [9, 10, 100, null];
    const ids = sandbox.seed(
      'contacts',
      scores.map((score, i) => ({ fields: { score, lastname: `L${i}` } })),
    );
    const find = async (filter: object, sorts: unknown[] = []) => {
      const body = { filterGroups: [{ filters: [filter] }], sorts, limit: 10 };
      const { json } = await ask(sandbox, 'POST', `${CONTACTS}/search`, body);
      return json.results.map(({ id }: { id: string }) => ids.indexOf(id));
    };
    const score = (operator: string, more: object) => ({ propertyName: 'score', operator, ...more });
    expect(await find(score('GTE', { value: '10' }))).toEqual([1, 2]);
    expect(await find(score('LT', { value: '100' }), ['-score'])).toEqual([1, 0]);
    expect(await find(score('BETWEEN', { value: '9', highValue: '10' }))).toEqual([0, 1]);
    expect(await find(score('IN', { values: ['9', '100'] }))).toEqual([0, 2]);
    expect(await find(score('NOT_HAS_PROPERTY', {}))).toEqual([3]);
    const descending = [{ propertyName: 'score', direction: 'DESCENDING' }];
    expect(await find(score('HAS_PROPERTY', {}), descending)).toEqual([2, 1, 0]);
    expect(await find({ propertyName: 'lastname', operator: 'EQ', value: 'l2' })).toEqual([2]);
  });

  test('normalises and appends as HubSpot does', async () => {
    const sandbox = createHubspotSandbox();
    const [id] = sandbox.seed('contacts', [{ fields: { email: 'a@example.com', interests: 'sales' } }]);
    const patch = async (properties: object) =>
      (await ask(sandbox, 'PATCH', `${CONTACTS}/${id}`, { properties })).json.properties;
    expect(await patch({ interests: ';crm' })).toMatchObject({ interests: 'crm;sales' });
    expect(await patch({ interests: 'service;crm' })).toMatchObject({ interests: 'crm;service' });
    expect(await patch({ lifecyclestage: 'customer' })).toMatchObject({ lifecyclestage: 'customer' });
    expect(await patch({ lifecyclestage: 'lead' })).toMatchObject({ lifecyclestage: 'customer' });
    await patch({ lifecyclestage: '' });
    expect(await patch({ lifecyclestage: 'lead' })).toMatchObject({ lifecyclestage: 'lead' });
    expect(await patch({ birthday: String(Date.UTC(2000, 0, 2)) })).toMatchObject({ birthday: '2000-01-02' });
    expect((await ask(sandbox, 'PATCH', `${CONTACTS}/${id}`, { properties: { birthday: '1' } })).status).toBe(
      400,
    );
  });

  test('a DELETE of a missing id is 204, a GET 404; unknown objects and tokens are refused', async () => {
    const sandbox = createHubspotSandbox();
    expect((await ask(sandbox, 'DELETE', `${CONTACTS}/5`)).status).toBe(204);
    expect((await ask(sandbox, 'GET', `${CONTACTS}/5`)).json).toMatchObject({ category: 'OBJECT_NOT_FOUND' });
    expect((await ask(sandbox, 'GET', '/crm/v3/objects/planets')).status).toBe(400);
    expect((await sandbox.app.request(CONTACTS)).status).toBe(401);
    expect((await ask(sandbox, 'GET', '/account-info/v3/details')).json).toMatchObject({
      timeZone: 'Asia/Tokyo',
    });
  });

  test('limits are told in headers, and a 429 names its policy', async () => {
    const sandbox = createHubspotSandbox({ rateLimit: { calls: 2, perSeconds: 10 }, searchPerSecond: 1 });
    const first = await ask(sandbox, 'GET', CONTACTS);
    expect(first.headers.get('x-hubspot-ratelimit-remaining')).toBe('1');
    await ask(sandbox, 'GET', CONTACTS);
    const third = await ask(sandbox, 'GET', CONTACTS);
    expect([third.status, third.json.policyName]).toEqual([429, 'TEN_SECONDLY_ROLLING']);
    const searching = createHubspotSandbox({ searchPerSecond: 1, now: () => new Date(0) });
    await ask(searching, 'POST', `${CONTACTS}/search`, {});
    const second = await ask(searching, 'POST', `${CONTACTS}/search`, {});
    expect([second.status, second.json.policyName]).toEqual([429, 'SECONDLY']);
  });

  test('its books tell creates, updates that changed nothing, and routes', async () => {
    const sandbox = createHubspotSandbox();
    const { json } = await ask(sandbox, 'POST', CONTACTS, { properties: { email: 'a@example.com' } });
    await ask(sandbox, 'PATCH', `${CONTACTS}/${json.id}`, { properties: { email: 'A@example.com' } });
    await ask(sandbox, 'DELETE', `${CONTACTS}/${json.id}`);
    expect(sandbox.books).toMatchObject({
      calls: 3,
      created: { contacts: 1 },
      updated: { contacts: 1 },
      deleted: { contacts: 1 },
      noops: 1,
      writes: { [`contacts/${json.id}`]: 3 },
      byRoute: { [`PATCH ${CONTACTS}/{id}`]: 1, [`POST ${CONTACTS}`]: 1 },
    });
  });

  test('a primary company is one at a time, and its label moves', async () => {
    const sandbox = createHubspotSandbox();
    const [one, two] = sandbox.seed('companies', [{ fields: { name: '甲' } }, { fields: { name: '乙' } }]);
    const [contact] = sandbox.seed('contacts', people(1));
    const path = '/crm/v4/associations/contacts/companies/batch';
    const link = (id: string, types?: object[]) =>
      ask(sandbox, 'POST', `${path}/${types ? 'create' : 'associate/default'}`, {
        inputs: [{ from: { id: contact }, to: { id }, ...(types && { types }) }],
      });
    const primary = async () => {
      const { json } = await ask(sandbox, 'POST', `${path}/read`, { inputs: [{ id: contact }] });
      const to: { toObjectId: number; associationTypes: { label: string | null }[] }[] = json.results[0].to;
      return to.map((each) => [
        each.toObjectId,
        each.associationTypes.some(({ label }) => label === 'Primary'),
      ]);
    };
    await link(one!);
    await link(two!);
    expect(await primary()).toEqual([
      [Number(one), true],
      [Number(two), false],
    ]);
    await link(two!, [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }]);
    expect(await primary()).toEqual([
      [Number(one), false],
      [Number(two), true],
    ]);
    await ask(sandbox, 'POST', `${path}/archive`, { inputs: [{ from: { id: contact }, to: [{ id: two }] }] });
    const none = await ask(sandbox, 'POST', `${path}/read`, { inputs: [{ id: contact }, { id: '5' }] });
    expect(none.status).toBe(207);
    expect(none.json.errors[0].subCategory).toContain('NO_ASSOCIATIONS_FOUND');
  });
});
