/** Reconciling over the two sandboxes: what is planted is found, each with its class, and a repair ends it. */
import { expect, test } from 'vitest';
import { decide } from '../../../core/sync/decide.ts';
import { pullPage } from '../../../core/sync/pull.ts';
import { type Class, REPAIRED } from '../../../core/sync/reconcile/classes.ts';
import { allDifferences, reportOf } from '../../../core/sync/reconcile/report.ts';
import { reconcileSync } from '../../../core/sync/reconcile/run.ts';
import { AlreadyReconciling, startReconcile } from '../../../core/sync/reconcile/start.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { type FactWorld, factWorld, OLD } from '../../facts/world.ts';

const { signal } = new AbortController();
const FAMILIES = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤'];
const GIVEN = ['健', '誠', '翼', '葵', '蓮', '結衣', '陽菜', '大輔', '美咲', '拓也'];
const person = (n: number) => ({
  LastName: FAMILIES[n % 10]!,
  FirstName: GIVEN[Math.floor(n / 10) % 10]!,
  Email: `p${n}@x${n}.example`,
  Title: '課長',
});
const crm = (id: string) => `crm/Contact/${id}`;
const ma = (id: string) => `ma/contacts/${id}`;

/** From `faxes` on they have a fax number, which HubSpot's mapping only reads. */
async function world(people: number, { faxes = people, salesforce = {} } = {}) {
  const it = await factWorld({
    salesforce,
    files: (files) => ({
      ...files,
      'hub.yaml': files['hub.yaml']!.replace('maxChanged: 20%', 'maxChanged: 100%'),
      'mappings/crm-contact.yaml': `${files['mappings/crm-contact.yaml']}  optOut: null\n`,
      'mappings/ma-contact.yaml': `${files['mappings/ma-contact.yaml']}  optOut: null\n  fax: { field: fax, direction: in }\n`,
    }),
  });
  const ids = it.salesforce.seed(
    'Contact',
    Array.from({ length: people }, (_, n) => ({
      fields: { ...person(n), ...(n >= faxes ? { Fax: `03-0000-00${n}` } : {}) },
      at: OLD,
    })),
  );
  return { it, ids };
}

async function settled(it: FactWorld) {
  for (let n = 0; n < 2; n++) {
    expect(await it.sync()).toMatchObject({ status: 'complete' });
    it.later();
  }
}

async function reconcile(it: FactWorld, repair = false, meanwhile?: () => void) {
  const { engine, syncs } = await it.process();
  meanwhile?.();
  const sync = syncs.find(({ name }) => name === 'people')!;
  const { id } = await startReconcile(engine, sync, repair);
  const row = await reconcileSync(engine, sync, id, signal);
  return { ...(await reportOf(engine.db, row)), items: await allDifferences(engine.db, id, 1000) };
}

/** The twin that the hub made of each contact, by the contact's id. */
async function twins(it: FactWorld): Promise<Map<string, { id: string; golden: string }>> {
  const rows = await it.store.db.query<{ crm: string; ma: string; golden: string }>(
    `select a.ext_id as crm, b.ext_id as ma, a.golden_id as golden from source_record a join source_record b using (golden_id)
     where a.connection = 'crm' and b.connection = 'ma' and a.object = 'Contact'`,
  );
  return new Map(rows.map((row) => [row.crm, { id: row.ma, golden: row.golden }]));
}

test('a pair in step: every value is equal, and nothing differs', async () => {
  const { it, ids } = await world(12);
  await using _ = it;
  await settled(it);
  const report = await reconcile(it);
  expect(report).toMatchObject({
    status: 'complete',
    differences: 0,
    records: { compared: 24, equal: 24 },
    items: [],
  });
  expect(report.values.equal).toBe(report.values.compared);
  expect(report.values.compared).toBeGreaterThan(ids.length * 20);
  expect(report.streams.map(({ mapping, whole }) => [mapping, whole])).toEqual([
    ['crm-contact', true],
    ['ma-contact', true],
  ]);
});

test('50 differences of all classes are planted, and each is explained; a repair leaves what only people can end', async () => {
  const { it, ids } = await world(70, { faxes: 68, salesforce: { emailValidation: 'strict' } });
  await using _ = it;
  // Made into Salesforce by the hub: it refuses carriers' odd addresses, and a flow there shouts titles.
  it.salesforce.flow('Contact', ({ Title }) => ({ Title: Title === 'buyer' ? 'BUYER' : (Title ?? null) }));
  const odd = it.hubspot.seed('contacts', [
    ...[0, 1, 2].map((n) => ({
      fields: { lastname: '奇', firstname: GIVEN[n]!, email: `odd..${n}@docomo.ne.jp` },
    })),
    ...[3, 4, 5].map((n) => ({
      fields: { lastname: '買', firstname: GIVEN[n]!, email: `b${n}@buy.example`, jobtitle: 'buyer' },
    })),
  ]);
  await settled(it);
  const made = await it.store.db.query<{ ma: string; crm: string; golden: string }>(
    `select a.ext_id as ma, b.key as crm, a.golden_id as golden from source_record a join source_record b using (golden_id)
     where a.connection = 'ma' and b.connection = 'crm' and a.ext_id = any($1::text[])`,
    [odd],
  );
  const madeOf = (n: number) => made.find(({ ma: id }) => id === odd[n])!;
  const twin = await twins(it);
  const expected = new Map<string, Class>();
  const plant = (kind: Class, record: string, attribute = '') =>
    expected.set(`${record} ${attribute}`.trim(), kind);
  let next = 0;
  const take = (count: number) => {
    next += count;
    return ids.slice(next - count, next);
  };

  for (const n of [0, 1, 2]) plant('refused', madeOf(n).crm, 'email');
  for (const n of [3, 4, 5]) plant('normalised', madeOf(n).crm, 'title');

  const { engine, syncs } = await it.process();
  const sync = syncs.find(({ name }) => name === 'people')!;
  const member = sync.members[0]!;
  // Read and matched, and not delivered.
  const waiting = take(7);
  for (const id of waiting) it.salesforce.edit('Contact', id, { Title: '部長' });
  for (let done = false; !done; ) done = (await pullPage(engine, sync, member, false, signal)).done;
  while ((await resolvePage(engine, sync, 1)).more);
  const { db } = engine;
  for (const [n, id] of waiting.entries())
    plant(n < 5 ? 'undelivered' : 'forgotten', ma(twin.get(id)!.id), 'title');
  await db.query(`delete from outbox where target = any($1::text[])`, [
    waiting.slice(5).map((id) => ma(twin.get(id)!.id)),
  ]);
  // A person to be created, and one whose creation was lost.
  const [created, lost] = it.salesforce.seed('Contact', [
    { fields: { LastName: '新', FirstName: '一', Email: 'new1@n1.example' } },
    { fields: { LastName: '規', FirstName: '二', Email: 'new2@n2.example' } },
  ]) as [string, string];
  for (let done = false; !done; ) done = (await pullPage(engine, sync, member, false, signal)).done;
  while ((await resolvePage(engine, sync, 1)).more);
  const goldenOf = async (id: string) =>
    String((await db.query(`select golden_id from source_record where key = $1`, [crm(id)]))[0]!.golden_id);
  plant('undelivered', `golden ${await goldenOf(created)}`);
  plant('forgotten', `golden ${await goldenOf(lost)}`);
  await db.query(`delete from outbox where golden_id = $1`, [await goldenOf(lost)]);
  // Frozen, as after a few rounds.
  for (const id of take(2)) {
    await db.query(
      `insert into flip (record, attribute, rounds, frozen_at) values ($1, 'title', '[]', $2::timestamptz)`,
      [ma(twin.get(id)!.id), it.now().toISOString()],
    );
    it.salesforce.edit('Contact', id, { Title: '社長' });
    plant('frozen', ma(twin.get(id)!.id), 'title');
  }
  for (let done = false; !done; ) done = (await pullPage(engine, sync, member, false, signal)).done;
  while ((await resolvePage(engine, sync, 1)).more);
  // Pinned to another stage than HubSpot's, which the hub only reads; and a stage that it only reads.
  const pinned = take(1)[0]!;
  await decide(
    engine,
    async () => [sync],
    { kind: 'pin', golden: twin.get(pinned)!.golden, attribute: 'lifecycle', value: 'customer' },
    { by: 'a person' },
  );
  plant('pinned', ma(twin.get(pinned)!.id), 'lifecycle');

  for (const id of ids.slice(68)) plant('one-way', ma(twin.get(id)!.id), 'fax');

  it.later();
  // From here on nobody has read anything.
  for (const id of take(4)) {
    it.salesforce.edit('Contact', id, { Department: '営業部' });
    plant('unread', crm(id), 'department');
  }
  for (const id of take(4)) {
    it.hubspot.edit('contacts', twin.get(id)!.id, { city: '札幌市' });
    plant('unread', ma(twin.get(id)!.id), 'city');
  }
  const fresh = it.salesforce.seed('Contact', [{ fields: { LastName: '未', FirstName: '読' } }]);
  plant('unread', crm(fresh[0]!));
  for (const id of take(3)) {
    it.salesforce.recalculate('Contact', id, { Title: '式' });
    plant('formula', crm(id), 'title');
  }
  for (const id of take(2)) {
    it.salesforce.remove('Contact', id);
    plant('missed-delete', crm(id));
  }
  for (const id of take(3)) {
    it.hubspot.remove('contacts', twin.get(id)!.id);
    plant('missed-delete', ma(twin.get(id)!.id));
  }
  const [winner, loser] = take(2) as [string, string];
  it.salesforce.merge('Contact', winner, loser);
  plant('missed-merge', crm(loser));
  const [kept, folded] = take(2).map((id) => twin.get(id)!.id) as [string, string];
  it.hubspot.merge('contacts', kept, folded);
  plant('missed-merge', ma(kept));
  plant('missed-merge', ma(folded));
  // Both are another record from now on.
  plant('unread', ma(it.live('hubspot', 'contacts').at(-1)!));
  for (const id of take(1)) {
    it.hubspot.edit('contacts', twin.get(id)!.id, { date_of_birth: 'in spring' });
    plant('unreadable', ma(twin.get(id)!.id), 'birthDate');
  }
  for (const id of take(3)) {
    it.salesforce.remove('Contact', id);
    it.salesforce.purge('Contact', id);
    plant('lost', crm(id));
  }
  const orphans = it.salesforce.seed('Contact', [
    { fields: { LastName: '孤', FirstName: '一', Email: 'o1@o.example' }, at: OLD },
    { fields: { LastName: '児', FirstName: '二', Email: 'o2@p.example' }, at: OLD },
  ]);
  for (const id of orphans) plant('orphan', crm(id));
  const more = it.hubspot.seed('contacts', [
    { fields: { lastname: '孤', firstname: '三', email: 'o3@q.example' }, at: OLD },
  ]);
  plant('orphan', ma(more[0]!));
  // The answer to a create was lost, and somebody sent it again.
  for (const n of [3, 4]) {
    const id = madeOf(n).crm.split('/')[2]!;
    const { Id: _id, ...fields } = it.inSalesforce('Contact', id);
    const copy = it.salesforce.seed('Contact', [
      { fields: Object.fromEntries(['LastName', 'FirstName', 'Email', 'Title'].map((f) => [f, fields[f]!])) },
    ]);
    plant('created-twice', crm(copy[0]!));
  }

  const report = await reconcile(it);
  const found = new Map(
    report.items.map(({ record, goldenId, attribute, class: kind }) => [
      `${record || `golden ${goldenId}`} ${attribute}`.trim(),
      kind,
    ]),
  );
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  expect([report.status, report.differences, report.items.length]).toEqual([
    'complete',
    expected.size,
    expected.size,
  ]);
  expect(expected.size).toBe(50);
  for (const { reason } of report.items) expect(reason).toMatch(/\w/);
  const classes = new Set(report.items.map((one) => one.class));
  expect(REPAIRED.filter((kind) => !classes.has(kind))).toEqual([]);

  const repaired = await reconcile(it, true);
  // What flips keeps the run that delivers from being complete, and so the repair.
  expect(repaired).toMatchObject({
    status: 'incomplete',
    reasons: [{ code: 'flipping', count: 2 }],
    run: expect.any(String),
  });
  it.later();
  const after = await reconcile(it);
  expect(after.status).toBe('complete');
  expect(after.items.filter((one) => REPAIRED.includes(one.class as Class))).toEqual([]);
  const standing = (list: typeof after.items) =>
    list
      .filter((one) => ['frozen', 'one-way', 'pinned', 'refused', 'unreadable'].includes(one.class))
      .map((one) => `${one.record} ${one.attribute} ${one.class}`)
      .sort();
  // The persons whose records were merged in Salesforce have two in HubSpot, which lets one of them have the address.
  const both = `${ma(twin.get(loser)!.id)} email refused`;
  expect(standing(after.items)).toEqual([...standing(report.items), both].sort());
  expect(it.salesforce.books.noops + it.hubspot.books.noops).toBe(0);
});

test('what cannot be read is never called equal', async () => {
  const { it } = await world(4);
  await using _ = it;
  await settled(it);
  it.hubspot.fault = ({ method, path }) =>
    method === 'GET' && path.includes('/objects/contacts') ? { status: 403, body: '{}' } : undefined;
  const report = await reconcile(it);
  expect(report).toMatchObject({
    status: 'incomplete',
    reasons: [{ connection: 'ma', message: expect.stringContaining('was not read to its end') }],
    streams: [
      { mapping: 'crm-contact', whole: true, records: { compared: 4, equal: 4 } },
      { mapping: 'ma-contact', whole: false, records: { compared: 0, equal: 0 }, fields: [] },
    ],
    items: [],
  });
  it.hubspot.fault = undefined;
  expect(await reconcile(it)).toMatchObject({ status: 'complete', differences: 0 });
});

test('a budget that is spent lets it rest; the next one goes on', async () => {
  const { it } = await world(4);
  await using _ = it;
  await settled(it);
  const { limit } = it.salesforce;
  const before = limit.used;
  const resting = await reconcile(it, false, () => {
    limit.used = limit.max;
  });
  expect(resting).toMatchObject({
    status: 'running',
    values: { compared: 0 },
    reasons: [
      { code: 'quota', connection: 'crm', message: expect.stringContaining('not read to its end yet') },
    ],
  });
  limit.used = before;
  expect(await reconcile(it)).toMatchObject({
    reconcile: resting.reconcile,
    status: 'complete',
    reasons: [],
    records: { compared: 8, equal: 8 },
  });
});

test('interrupted anywhere, it goes on where it stood, and finds the same', async () => {
  const { it, ids } = await world(5);
  await using _ = it;
  await settled(it);
  it.salesforce.recalculate('Contact', ids[0]!, { Title: '式' });
  it.salesforce.remove('Contact', ids[1]!);
  it.salesforce.purge('Contact', ids[1]!);
  const whole = await reconcile(it);
  expect(whole.items.map((one) => [one.record, one.class])).toEqual([
    [crm(ids[0]!), 'formula'],
    [crm(ids[1]!), 'lost'],
  ]);
  const { engine, syncs } = await it.process();
  const sync = syncs.find(({ name }) => name === 'people')!;
  const { id } = await startReconcile(engine, sync, false);
  await expect(startReconcile(engine, sync, false)).rejects.toThrow(AlreadyReconciling);
  let steps = 0;
  for (; steps < 50; steps++) {
    const stop = new AbortController();
    const stopping = {
      ...engine,
      db: {
        ...engine.db,
        transaction: (async (work) => {
          const done = await engine.db.transaction(work);
          stop.abort();
          return done;
        }) as typeof engine.db.transaction,
      },
    };
    const row = await reconcileSync(stopping, sync, id, stop.signal);
    if (row.status !== 'running') break;
    expect(await startReconcile({ ...engine, owner: `another-${steps}` }, sync, false)).toMatchObject({ id });
    await it.store.db.query(`update reconcile set owner = 'facts' where id = $1`, [id]);
  }
  expect(steps).toBeGreaterThan(3);
  const items = await allDifferences(engine.db, id, 100);
  const bare = (list: typeof items) => list.map(({ id: _id, ...one }) => one);
  expect(bare(items)).toEqual(bare(whole.items));
  expect(await reconcile(it)).toMatchObject({ values: whole.values, records: whole.records });
});
