import { expect } from 'vitest';
import type { Fields, Op, WriteAbility } from '../../../connectors/contract.ts';
import { failureOf, type Harness, pick, type Rig, state } from './harness.ts';
import type { Property } from './kit.ts';

async function abilityOf<C>(rig: Rig<C>): Promise<WriteAbility> {
  const [stream] = await rig.harness.connector.discover(rig.context(), [rig.harness.stream]);
  if (!stream?.write) throw new Error('the kit’s stream cannot be written');
  return stream.write;
}

const create = (key: string, fields: Fields): Op => ({ key, op: 'create', fields });

export function writeProperties<C>(harness: Harness<C>, property: Property<C>): void {
  const { changed, key } = harness;

  /** The record as the connector reads it back; as the tool holds it, where nothing can be read. */
  const readBack = async (rig: Rig<C>, id: string): Promise<Fields | null | undefined> => {
    const [stream] = await harness.connector.discover(rig.context(), [harness.stream]);
    if (!stream?.read) return rig.tool.records().find((record) => record.id === id)?.fields;
    return state((await rig.scan({ by: stream.read.lookupBy[0]!, in: [id] })).changes).get(id);
  };

  const createOne = async (rig: Rig<C>, n: number): Promise<string> => {
    const [outcome] = await rig.write([create(`c${n}`, rig.sample(n))]);
    expect(outcome).toMatchObject({ key: `c${n}`, status: 'ok' });
    return (outcome as { id: string }).id;
  };

  property('what was written reads back equal: created, updated, cleared', async (rig) => {
    const id = await createOne(rig, 1);
    expect(pick(await readBack(rig, id), rig.sample(1))).toEqual(rig.sample(1));
    const update = { [changed]: rig.sample(2)[changed]! };
    expect(await rig.write([{ key: 'u', op: 'update', id, fields: update }])).toMatchObject([
      { key: 'u', status: 'ok', id },
    ]);
    expect(pick(await readBack(rig, id), rig.sample(1))).toEqual({ ...rig.sample(1), ...update });
    await rig.write([{ key: 'n', op: 'update', id, fields: { [changed]: null } }]);
    expect(pick(await readBack(rig, id), update)).toEqual({ [changed]: null });
  });

  property('a whole batch has one outcome per key, and each id is that of its own record', async (rig) => {
    const { maxBatch } = await abilityOf(rig);
    const ops = Array.from({ length: maxBatch }, (_, n) => create(`k${n}`, rig.sample(n)));
    const outcomes = await rig.write(ops);
    expect(outcomes.map((outcome) => outcome.key).sort()).toEqual(ops.map((op) => op.key).sort());
    const records = new Map(rig.tool.records().map((record) => [record.id, record.fields]));
    expect(records.size).toBe(maxBatch);
    for (const outcome of outcomes) {
      if (outcome.status !== 'ok') throw new Error(`${outcome.key}: ${outcome.status}`);
      expect(records.get(outcome.id)?.[key]).toEqual(rig.sample(Number(outcome.key.slice(1)))[key]);
    }
  });

  if (harness.poison !== undefined)
    property('a poisoned row fails alone', async (rig) => {
      const ops = [create('a', rig.sample(1)), create('bad', harness.poison!), create('b', rig.sample(2))];
      const outcomes = new Map((await rig.write(ops)).map((outcome) => [outcome.key, outcome]));
      expect(outcomes.get('bad')).toMatchObject({ status: 'failed', kind: 'rejected' });
      expect(outcomes.get('a')).toMatchObject({ status: 'ok' });
      expect(outcomes.get('b')).toMatchObject({ status: 'ok' });
      expect(rig.tool.records()).toHaveLength(2);
    });

  property('an update of a missing id is gone, and the others of its batch are done', async (rig) => {
    const id = await createOne(rig, 1);
    const fields = { [changed]: rig.sample(2)[changed]! };
    const outcomes = await rig.write([
      { key: 'missing', op: 'update', id: harness.missingId, fields },
      { key: 'there', op: 'update', id, fields },
    ]);
    const byKey = new Map(outcomes.map((outcome) => [outcome.key, outcome]));
    expect(byKey.get('missing')).toMatchObject({ status: 'failed', kind: 'gone' });
    expect(byKey.get('there')).toMatchObject({ status: 'ok', id });
    expect(rig.tool.records()).toHaveLength(1);
  });

  property('a delete deletes, and only that', async (rig) => {
    expect((await abilityOf(rig)).ops).toContain('delete');
    const [id, other] = [await createOne(rig, 1), await createOne(rig, 2)];
    expect(await rig.write([{ key: 'd', op: 'delete', id }])).toMatchObject([{ key: 'd', status: 'ok' }]);
    expect(rig.tool.records().map((record) => record.id)).toEqual([other]);
    // Again: the record is not there, which is what was wanted, or 'gone'. Never anything that asks for a retry.
    const [again] = await rig.write([{ key: 'd2', op: 'delete', id }]);
    expect(again!.status === 'failed' ? again!.kind : again!.status).toMatch(/^(ok|gone)$/);
  });

  property(
    'somebody to be forgotten is deleted, and only they; again, nothing asks for a retry',
    async (rig) => {
      const [id, other] = [await createOne(rig, 1), await createOne(rig, 2)];
      const forget = (name: string): Op => ({ key: name, op: 'delete', id, forget: true });
      expect(await rig.write([forget('f')])).toMatchObject([{ key: 'f', status: 'ok' }]);
      expect(rig.tool.records().map((record) => record.id)).toEqual([other]);
      const [again] = await rig.write([forget('f2')]);
      expect(again!.status === 'failed' ? again!.kind : again!.status).toMatch(/^(ok|gone)$/);
    },
  );

  property(
    'a merge, where it is declared, leaves one record, and asked for again does nothing more',
    async (rig) => {
      if (!(await abilityOf(rig)).ops.includes('merge')) return;
      const [winner, loser] = [await createOne(rig, 1), await createOne(rig, 2)];
      const other = await createOne(rig, 3);
      const op = (name: string): Op => ({ key: name, op: 'merge', id: loser, into: winner });
      const [merged] = await rig.write([op('m')]);
      expect(merged).toMatchObject({ key: 'm', status: 'ok' });
      const { id } = merged as { id: string };
      // A receiver of messages is told, and keeps its own books.
      if ((await harness.connector.discover(rig.context(), [harness.stream]))[0]!.read) {
        expect(
          rig.tool
            .records()
            .map((record) => record.id)
            .sort(),
        ).toEqual([id, other].sort());
        expect(await rig.write([op('again')])).toMatchObject([{ key: 'again', status: 'ok', id }]);
        expect(
          await rig.write([{ key: 'g', op: 'merge', id: other, into: harness.missingId }]),
        ).toMatchObject([{ key: 'g', status: 'failed', kind: 'gone' }]);
        expect(rig.tool.records()).toHaveLength(2);
      }
    },
  );

  property('a deletion whose answer is lost is never reported as done', async (rig) => {
    const id = await createOne(rig, 1);
    rig.trouble = (request) => (rig.isWrite(request) ? 'lost-answer' : undefined);
    for (const forget of [undefined, true as const]) {
      const kinds = await failureOf(
        rig.write([{ key: 'd', op: 'delete', id, ...(forget ? { forget } : {}) }]),
      );
      // The second time it may be gone already, and is not asked for at all.
      expect(kinds.join()).toMatch(forget ? /^(unknown|transient|ok|gone)$/ : /^(unknown|transient)$/);
    }
  });

  property(
    'a create whose answer is lost is unknown, and can then be found: it is made once',
    async (rig) => {
      const { idempotency } = await abilityOf(rig);
      const ops = [create('x', rig.sample(1)), create('y', rig.sample(2))];
      rig.trouble = (request) => (rig.isWrite(request) ? 'lost-answer' : undefined);
      const lost = await rig.write(ops);
      expect(lost.map(({ key: name, status }) => [name, status]).sort()).toEqual([
        ['x', 'unknown'],
        ['y', 'unknown'],
      ]);
      rig.trouble = () => undefined;
      if (idempotency === 'key') {
        for (const outcome of await rig.write(ops)) expect(outcome.status).toBe('ok');
      } else {
        const wanted = [1, 2].map((n) => String(rig.sample(n)[key]));
        const found = [...state((await rig.scan({ by: key, in: wanted })).changes).values()];
        expect(found.map((fields) => String(fields?.[key])).sort()).toEqual(wanted.sort());
      }
      expect(rig.tool.records()).toHaveLength(2);
    },
  );

  property('an update whose answer is lost is never reported as done', async (rig) => {
    const id = await createOne(rig, 1);
    rig.trouble = (request) => (rig.isWrite(request) ? 'lost-answer' : undefined);
    const fields = { [changed]: rig.sample(2)[changed]! };
    const kinds = await failureOf(rig.write([{ key: 'u', op: 'update', id, fields }]));
    expect(kinds.join()).toMatch(/^(unknown|transient)$/);
  });
}

const ANSWERS = [
  [401, ['auth']],
  [429, ['quota']],
  [500, ['transient', 'unknown']],
  [503, ['transient', 'unknown']],
] as const;

/** What a tool's refusals are called, so that the hub does the right thing about them. */
export function failureProperties<C>(harness: Harness<C>, property: Property<C>): void {
  for (const [status, kinds] of ANSWERS) {
    const trouble = () => ({ status, headers: { 'content-type': 'application/json' } });
    if (harness.connector.read)
      property(`${status} on a read is ${kinds[0]}`, async (rig) => {
        rig.seedMany(1);
        rig.trouble = trouble;
        await expect(rig.page({ since: null })).rejects.toMatchObject({ kind: kinds[0] });
      });
    if (harness.connector.write)
      property(`${status} on a write is ${kinds.join(' or ')}`, async (rig) => {
        rig.trouble = (request) => (rig.isWrite(request) ? trouble() : undefined);
        for (const kind of await failureOf(
          rig.write([create('a', rig.sample(1)), create('b', rig.sample(2))]),
        ))
          expect(kinds).toContain(kind);
        expect(rig.tool.records()).toEqual([]);
      });
  }
  if (harness.connector.read)
    property('an answer that is not what it should be is a failure, never an empty page', async (rig) => {
      rig.seedMany(1);
      for (const body of ['', '{"', '<html>Bad gateway</html>', '[]', 'null']) {
        rig.trouble = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
        await expect(rig.page({ since: null })).rejects.toMatchObject({ kind: 'transient' });
      }
    });
}
