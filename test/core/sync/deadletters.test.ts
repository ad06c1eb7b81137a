/** What a tool refuses is retried by itself when the value, the mapping, the schema or the holder of a unique value changes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Fields, Op, Outcome } from '../../../connectors/contract.ts';
import type { Db } from '../../../core/store/db.ts';
import { refusedValues, stuckWrites } from '../../../core/store/failures.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { emptyStore } from '../../support/emptyStore.ts';
import { MemoryTool, memoryHub } from '../../support/memory.ts';

const { signal } = new AbortController();

/** A tool that is as strict as the real ones. */
class Strict extends MemoryTool {
  tries = 0;
  options: string[] | undefined;
  maxTitle = Number.POSITIVE_INFINITY;
  unique: string | undefined;
  refusesWhole = false;
  override write(op: Op): Outcome {
    this.tries++;
    const fields = 'fields' in op ? op.fields : {};
    const refuse = (field: string, kind: 'rejected' | 'conflict' = 'rejected', id?: string): Outcome => ({
      key: op.key,
      status: 'failed',
      kind,
      message: `${field} refused`,
      ...(this.refusesWhole ? {} : { fields: [field] }),
      ...(id === undefined ? {} : { id }),
    });
    const title = String(fields.title ?? '');
    if (title && this.options && !this.options.includes(title)) return refuse('title');
    if (title.length > this.maxTitle) return refuse('title');
    const value = this.unique === undefined ? undefined : fields[this.unique];
    const holder = this.live().find(
      ({ id, fields: own }) => value && own[this.unique!] === value && !('id' in op && id === op.id),
    );
    if (holder) return refuse(this.unique!, 'conflict', holder.id);
    return super.write(op);
  }
}

describe.each(DATABASES)('dead letters, on $name', { timeout: 60_000 }, ({ open }) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  beforeEach(() => emptyStore(db));
  afterAll(() => db.close());

  const person = (i: number) => ({
    familyName: ['薬袋', '勅使河原', 'Okafor'][i]!,
    givenName: ['誠', '花子', 'Ngozi'][i]!,
    email: `p${i}@mail${i}.example`,
    title: 'ok',
    department: 'd0',
  });

  async function world(people = 1) {
    const a = new MemoryTool('a');
    const b = new Strict('b');
    const hub = memoryHub(db, [a, b]);
    for (let i = 0; i < people; i++) for (const tool of [a, b]) tool.put(person(i));
    const together = () => {
      a.tick = b.tick = Math.max(a.tick, b.tick);
    };
    const run = async () => {
      together();
      b.tries = 0;
      return runSync(hub.engine, hub.sync, { mode: 'sync', signal });
    };
    const edit = (tool: MemoryTool, i: number, fields: Fields) => {
      together();
      tool.put(fields, `${tool.name}${i + 1}`);
    };
    const shown = (i: number) => b.records.get(`b${i + 1}`)!.fields;
    expect(await run()).toMatchObject({ status: 'complete', counts: { golden: people } });
    return { ...hub, member: hub.sync.members[1]!, a, b, run, edit, shown };
  }
  const options = (values: string[]) => values.map((value) => ({ value, label: value }));

  test.each([false, true])(
    'an option that the tool gains releases the value it refused (the whole record: %s)',
    async (refusesWhole) => {
      const { member, a, b, run, edit, shown } = await world();
      Object.assign(b, { options: ['ok'], refusesWhole });
      const title = member.stream.fields.find(({ name }) => name === 'title')!;
      title.options = options(['ok']);
      await run();
      edit(a, 0, { title: 'new', department: 'd1' });
      expect((await run()).counts.failed).toBe(1);
      expect(shown(0).department).toBe(refusesWhole ? 'd0' : 'd1');
      expect(await run()).toMatchObject({
        counts: { failed: 1 },
        status: refusesWhole ? 'incomplete' : 'complete',
      });
      expect(b.tries).toBe(0);

      b.options = ['ok', 'new'];
      title.options = options(['new', 'ok']);
      expect(await run()).toMatchObject({ counts: { failed: 0 }, status: 'complete' });
      expect(shown(0)).toMatchObject({ title: 'new', department: 'd1' });
      expect(b.tries).toBe(1);
      // The order of options is no change.
      title.options = options(['ok', 'new']);
      await run();
      expect(b.tries).toBe(0);
    },
  );

  test('a mapping that changes releases what was refused under the one before', async () => {
    const { member, a, b, run, edit, shown } = await world();
    b.maxTitle = 4;
    edit(a, 0, { title: 'too long' });
    expect((await run()).counts.failed).toBe(1);
    const { out } = member.mapping;
    member.mapping.revision = 'cuts';
    member.mapping.out = async (values, ...rest) =>
      out({ ...values, title: String(values.title ?? '').slice(0, 4) }, ...rest);
    expect(await run()).toMatchObject({ counts: { failed: 0 }, status: 'complete' });
    expect(shown(0).title).toBe('too ');
    await run();
    expect(b.tries).toBe(0);
  });

  test('another value is sent at once; the one refused is not, as long as it stays', async () => {
    const { a, b, run, edit, shown } = await world();
    b.maxTitle = 4;
    edit(a, 0, { title: 'too long' });
    await run();
    edit(a, 0, { department: 'd1' });
    await run();
    expect([b.tries, shown(0).department]).toEqual([1, 'd1']);
    edit(a, 0, { title: 'fits' });
    expect((await run()).counts.failed).toBe(0);
    expect(shown(0).title).toBe('fits');
    // Somebody helps the tool to the value by hand: nothing is left to mend.
    edit(a, 0, { title: 'too long' });
    expect((await run()).counts.failed).toBe(1);
    edit(b, 0, { title: 'too long' });
    expect(await run()).toMatchObject({ status: 'complete', counts: { failed: 0 } });
  });

  test.each(['a person', 'the hub', 'nobody: it is deleted'])(
    'a unique value is tried again when its holder gives it away, by %s',
    async (who) => {
      const { a, b, run, edit, shown } = await world(2);
      b.unique = 'phone';
      edit(b, 1, { phone: '+81311112222' });
      await run();
      // The other person has the number now; the tool still shows it at the one who had it before.
      edit(a, 0, { phone: '+81311112222' });
      expect((await run()).counts.failed).toBe(1);
      expect((await refusedValues(db)).map(({ field, record }) => [field, record])).toEqual([
        ['phone', 'b/people/b1'],
      ]);
      edit(a, 1, { department: 'd1' });
      await run();
      expect(b.tries).toBe(1);

      if (who === 'a person') edit(b, 1, { phone: '+81333334444' });
      else if (who === 'the hub') edit(a, 1, { phone: '+81333334444' });
      else b.remove('b2');
      expect((await run()).counts.failed).toBe(0);
      expect(shown(0).phone).toBe('+81311112222');
      expect(await refusedValues(db)).toEqual([]);
    },
  );

  test('a poison row is set aside alone', async () => {
    const { a, b, run, edit, shown } = await world(3);
    Object.assign(b, { maxTitle: 4, refusesWhole: true });
    for (const i of [0, 1, 2]) edit(a, i, { title: i === 1 ? 'poison' : `t${i}` });
    expect(await run()).toMatchObject({ status: 'incomplete', counts: { failed: 1, updated: 2 } });
    expect([0, 1, 2].map((i) => shown(i).title)).toEqual(['t0', 'ok', 't2']);
    expect((await stuckWrites(db)).map(({ record, state }) => [record, state])).toEqual([
      ['b/people/b2', 'held'],
    ]);
    // Its value changes: no word of a person is needed.
    edit(a, 1, { title: 'good' });
    expect(await run()).toMatchObject({ status: 'complete', counts: { failed: 0 } });
    expect(shown(1).title).toBe('good');
  });

  test('a mapping under another name goes on where the old one stood', async () => {
    const { engine, sync, member, a, b, run, edit, shown } = await world(2);
    b.maxTitle = 4;
    b.refusesWhole = true;
    edit(a, 0, { title: 'too long' });
    await run();
    b.fate = () => 'transient';
    edit(a, 1, { title: 'new' });
    const { members } = sync;
    sync.members = members.map((one) => ({ ...one, reads: one !== member }));
    engine.random = () => 0;
    // What backs off longer than the run waits stays for the next one.
    await db.query(`update outbox set attempts = 9`);
    const stopped = AbortSignal.timeout(1500);
    await runSync(engine, { ...sync, members: sync.members }, { mode: 'sync', signal: stopped });
    sync.members = members;
    b.fate = () => 'ok';
    const wanted = async () => db.query(`select mapping, target, state from outbox order by target`);
    expect(await wanted()).toMatchObject([
      { mapping: 'b-people', target: 'b/people/b1', state: 'held' },
      { mapping: 'b-people', target: 'b/people/b2', state: 'pending' },
    ]);
    member.mapping.name = 'b-contacts';
    engine.isMapping = (name) => ['a-people', 'b-contacts'].includes(name);
    const { counts } = await run();
    expect(shown(1).title).toBe('new');
    expect(counts.created).toBe(0);
    expect(counts.read).toBeLessThan(4);
    expect(await wanted()).toEqual([{ mapping: 'b-contacts', target: 'b/people/b1', state: 'held' }]);
    expect(await db.query(`select mapping from cursor order by mapping`)).toEqual([
      { mapping: 'a-people' },
      { mapping: 'b-contacts' },
    ]);
  });

  test('an attribute that comes from another field: its empties are no clearings, its values no edits', async () => {
    const { member, a, b, run, edit, shown } = await world(2);
    edit(a, 0, { phone: '+81311112222' });
    edit(b, 1, { phone: '+81333334444' });
    await run();
    for (const i of [0, 1]) expect(a.records.get(`a${i + 1}`)!.fields.phone).toBe(shown(i).phone);
    edit(b, 1, { directPhone: '+81355556666' });
    const { mapping } = member;
    const read = mapping.in;
    mapping.readFields = mapping.readFields.map((field) => (field === 'phone' ? 'directPhone' : field));
    mapping.sources = { ...mapping.sources, phone: ['directPhone'] };
    mapping.revision = 'direct';
    mapping.in = ({ phone: _, directPhone, ...rest }) => read({ ...rest, phone: directPhone ?? null });
    mapping.out = async (values, wanted) => ({
      fields: Object.fromEntries(wanted.map((a) => [a === 'phone' ? 'directPhone' : a, values[a] ?? null])),
      waiting: [],
      problems: [],
    });
    mapping.writeAttributes = mapping.writeAttributes.map((one) =>
      one.attribute === 'phone' ? { ...one, fields: ['directPhone'] } : one,
    );
    expect(await run()).toMatchObject({ status: 'complete' });
    // The empty field cleared nothing, and got the value; what the other field held is a say like any other.
    expect(a.records.get('a1')!.fields.phone).toBe('+81311112222');
    expect(shown(0)).toMatchObject({ directPhone: '+81311112222', phone: '+81311112222' });
    expect(a.records.get('a2')!.fields.phone).toBe('+81355556666');
    const calls = [a.updated, b.updated];
    expect(await run()).toMatchObject({ status: 'complete', counts: { updated: 0, edits: 0 } });
    expect([a.updated, b.updated]).toEqual(calls);
  });

  test.each([true, false])(
    "a tool's default that the answer to a create left out is nobody's edit (tells: %s)",
    async (tells) => {
      const { a, b, run, edit } = await world();
      b.tells = tells;
      const write = b.write.bind(b);
      b.write = (op) => {
        const outcome = write(op);
        if (op.op === 'create' && outcome.status === 'ok') b.put({ title: 'default' }, outcome.id);
        return outcome;
      };
      edit(a, 1, { ...person(1), title: null });
      await run();
      const made = [...b.records.values()].at(-1)!;
      expect(made.fields.title).toBe('default');
      expect(await run()).toMatchObject({ counts: { updated: 0, edits: 0 } });
      expect(a.records.get('a2')!.fields.title).toBeNull();
      b.tick = Math.max(a.tick, b.tick);
      b.put({ title: 'chief' }, made.id);
      await run();
      expect(a.records.get('a2')!.fields.title).toBe('chief');
    },
  );
});
