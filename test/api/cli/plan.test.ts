import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Bench, createBench } from './harness.ts';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const at = '2025-01-01T00:00:00Z';
const seeded = async (): Promise<Bench & { jan: string; aya: string }> => {
  bench = await createBench();
  const [jan, aya] = bench.boxes.salesforce.seed('Contact', [
    { fields: { LastName: 'Weber', FirstName: 'Jan', Email: 'jan@weber.example', Title: '=Baker' }, at },
    { fields: { LastName: 'Mori', FirstName: 'Aya', Email: 'aya@mori.example' }, at },
  ]) as [string, string];
  bench.boxes.hubspot.seed('contacts', [
    { fields: { lastname: 'WEBER', firstname: 'Jan', email: 'jan@weber.example' }, at },
  ]);
  return { ...bench, jan, aya };
};
const books = ({ boxes }: Bench) =>
  [boxes.salesforce.books, boxes.hubspot.books].map(({ created, updated }) => ({ ...created, ...updated }));

describe('plan --out and sync --plan', () => {
  test('what a plan kept is what the sync then writes', async () => {
    const it = await seeded();
    const path = join(it.dir, 'plan.json');
    const plan = await it.json<{
      writes: { op: string; records: string[]; why: string }[];
      lists: { links: { record: string; with: string; why: string }[] };
    }>('plan', '--out', path);
    expect(plan.code).toBe(0);
    expect(plan.data.lists.links).toMatchObject([
      {
        record: expect.stringContaining('ma/contacts/'),
        with: `crm/Contact/${it.jan}`,
        why: expect.stringMatching(/^alike/),
      },
    ]);
    const kept = JSON.parse(await readFile(path, 'utf8'));
    expect(kept.writes).toEqual(plan.data.writes);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(books(it)).toEqual([{}, {}]);

    const run = await it.json<{ status: string; created: number; updated: number }>('sync', '--plan', path);
    expect([run.code, run.data]).toMatchObject([0, { status: 'complete' }]);
    const count = (op: string) => plan.data.writes.filter((write) => write.op === op).length;
    expect([run.data.created, run.data.updated]).toEqual([count('create'), count('update')]);

    const done = books(it);
    const again = await it.json<{ status: string; reasons: { code: string; message: string }[] }>(
      'sync',
      '--plan',
      path,
    );
    expect([again.code, again.data.status]).toEqual([2, 'halted']);
    expect(again.data.reasons).toMatchObject([{ code: 'plan-moved' }]);
    expect(again.data.reasons[0]!.message).toContain(
      `create ma contacts for crm/Contact/${it.aya} is not needed any more`,
    );
    expect(books(it)).toEqual(done);
  });

  test('an edit, another config, another sync: nothing is written, and why is said', async () => {
    const it = await seeded();
    const path = join(it.dir, 'plan.json');
    await it.nayose('plan', 'people', '--out', path);
    it.boxes.salesforce.edit('Contact', it.aya, { Title: 'Curator' });
    const moved = await it.nayose('sync', 'people', '--plan', path);
    expect(moved.code).toBe(2);
    expect(moved.out).toContain(
      `create ma contacts for crm/Contact/${it.aya} would write otherwise: jobtitle`,
    );
    expect(await it.nayose('sync', 'companies', '--plan', path)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is a plan of people, not of companies alone'),
    });
    await it.write('mappings/ma-contact.yaml', 'preset: hubspot/contact\nconnection: ma\n');
    const other = await it.nayose('sync', '--plan', path);
    expect([other.code, other.out]).toEqual([
      2,
      expect.stringContaining('the config of sync people is another one than when the plan was made'),
    ]);
    expect(books(it)).toEqual([{}, {}]);
  });

  test('a file that is no whole plan is refused before anything is opened', async () => {
    const it = await seeded();
    const path = join(it.dir, 'plan.json');
    await it.nayose('plan', '--out', path);
    const text = await readFile(path, 'utf8');
    const refused = async (name: string, content: string | undefined, says: RegExp) => {
      const file = join(it.dir, name);
      if (content !== undefined) await writeFile(file, content);
      expect(await it.nayose('sync', '--plan', file)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(says),
      });
    };
    await refused('none.json', undefined, /cannot be read: there is no such file/);
    await refused('.', undefined, /is no file/);
    await refused('empty.json', '', /is no plan: it is not JSON/);
    await refused('other.json', '{"status":"complete"}', /is JSON, and no plan/);
    await refused('list.json', 'null', /is JSON, and no plan/);
    await refused('cut.json', text.slice(0, -40), /was cut off or damaged/);
    await refused(
      'old.json',
      text.replace('"nayosePlan": 1', '"nayosePlan": 7'),
      /format 7, and this nayose knows 1/,
    );
    await refused('edited.json', text.replace('"to":"Mori"', '"to":"Moro"'), /was changed after it was made/);
    await refused(
      'torn.json',
      text.replace('"op":"create"', '"op":"make"'),
      /something wrong in it \(writes\.\d+\.op/,
    );
    await refused(
      'part.json',
      text.replace('"whole": true', '"whole": false'),
      /not everything could be read/,
    );
    await refused(
      'strange.json',
      text.replace('"people":', '"persons":'),
      /plan of the sync "persons", and hub\.yaml has/,
    );
    await writeFile(join(it.dir, 'huge.json'), '');
    await truncate(join(it.dir, 'huge.json'), 500 * 1024 * 1024);
    await refused('huge.json', undefined, /has 500 MB; a plan that is to be carried out has at most 400/);
    expect(await it.nayose('plan', '--out', 'plan.xml')).toMatchObject({
      code: 1,
      err: expect.stringContaining('.json'),
    });
    expect(await it.nayose('sync', '--full', '--plan', path)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--full goes with the plan'),
    });
    expect(books(it)).toEqual([{}, {}]);
  });

  test('a CSV has a row for each field, and no formula; it is for reading only', async () => {
    const it = await seeded();
    const path = join(it.dir, 'plan.csv');
    expect((await it.nayose('plan', '--out', path)).code).toBe(0);
    const rows = (await readFile(path, 'utf8')).split('\n');
    expect(rows[0]).toBe('\ufeffwhat,sync,tool,object,record,golden record,field,from,to,why');
    expect(rows).toContainEqual(
      expect.stringMatching(/^create,people,ma,contacts,,new:crm\/Contact\/\w+,lastname,,Mori,crm/),
    );
    expect(rows).toContainEqual(
      expect.stringMatching(/^update,people,ma,contacts,\d+,.*,jobtitle,,'=Baker,/),
    );
    expect(rows).toContainEqual(expect.stringMatching(/^link,people,,,ma\/contacts\/\d+,/));
    expect(await it.nayose('sync', '--plan', path)).toMatchObject({
      code: 1,
      err: expect.stringContaining('a CSV is for reading only'),
    });
  });
});
