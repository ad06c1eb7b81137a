/** An old version beside a new one: whatever a migration does, the program before it must go on working. */
import { afterAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../../api/node.ts';
import { SILENT } from '../../../api/runtime/hub.ts';
import { openStore, type Store } from '../../../api/runtime/store.ts';
import { migrate } from '../../../core/store/migrate.ts';
import { MIGRATIONS } from '../../../core/store/migrations.ts';
import { openPg } from '../../../core/store/pg.ts';
import { TABLES } from '../../../core/store/transfer/tables.ts';
import { command, configOf, makeWorld, TOKEN, titlesIn, until, type World } from '../../api/serve/harness.ts';
import { freshPostgres } from '../../support/databases.ts';

const statementsOf = (sql: string) =>
  sql
    .split(/;\s*\n/)
    .map((text) => text.trim().replaceAll(/\s+/g, ' '))
    .filter((text) => text !== '');

/** What the program before would notice. Undefined: nothing. `made`: tables that this migration makes itself. */
function breaks(statement: string, made: ReadonlySet<string>): string | undefined {
  if (/^create (?:unlogged )?table /.test(statement)) return undefined;
  const unique = /^create unique index \w+ on (\w+)/.exec(statement);
  if (unique) return made.has(unique[1]!) ? undefined : 'refuses rows that it would write';
  if (/^create index /.test(statement)) return undefined;
  // It only costs time, and the index that takes its place stands beside it.
  if (/^drop index /.test(statement)) return undefined;
  if (/^(?:update|insert into|analyze) /.test(statement)) return undefined;
  const table = /^alter table (\w+) (.*)$/.exec(statement);
  if (!table) return 'is of a kind that nobody has thought about: see this test';
  if (made.has(table[1]!)) return undefined;
  // Commas inside of parentheses belong to a default.
  for (const part of table[2]!.split(/,(?![^(]*\))/)) {
    if (!/^\s*add column /.test(part)) return `does more than adding columns: ${part.trim()}`;
    if (/\bnot null\b/.test(part) && !/\bdefault\b/.test(part))
      return 'adds a column that it does not know and that must be given';
    if (/\b(?:unique|references|check)\b/.test(part)) return 'adds a column that restricts what it may write';
  }
  return undefined;
}

/** Of before the first release: no program without them was ever given to anybody. */
const UNRELEASED = new Set([
  'create unique index token_id on token (id)',
  "create unique index decision_pair on decision (kind, least(a, b), greatest(a, b)) where undone_at is null and kind <> 'pin'",
  "create unique index decision_pin on decision (a, attribute) where undone_at is null and kind = 'pin'",
  // One that looked for forms where none are written any more would not find who is alike: what it is storing is waited for, then its
  // steps fail, and are undone.
  'lock table source_record in access exclusive mode',
  'alter table source_record drop column prepared',
]);

describe('migrations only add', () => {
  test.each(MIGRATIONS.slice(1))('$name', ({ sql }) => {
    const made = new Set([...sql.matchAll(/create (?:unlogged )?table (\w+)/g)].map(([, name]) => name!));
    const broken = statementsOf(sql).flatMap((statement) => {
      const why = UNRELEASED.has(statement) ? undefined : breaks(statement, made);
      return why === undefined ? [] : [`${why}: ${statement}`];
    });
    expect(broken).toEqual([]);
  });

  test('the law is strict enough to see what would break', () => {
    for (const bad of [
      'drop table golden',
      'alter table golden drop column live',
      'alter table golden rename column live to alive',
      'alter table golden rename to goldens',
      'alter table golden alter column version type bigint',
      'alter table golden alter column alias_of set not null',
      'alter table golden add column a text, drop column live',
      'alter table golden add column a text not null',
      'alter table golden add column a text unique',
      'alter table golden add constraint c check (version > 0)',
      'create unique index u on golden (entity)',
      'create trigger t before insert on golden execute function f()',
      'delete from golden',
      'lock table golden in access exclusive mode',
    ])
      expect([bad, breaks(bad, new Set())]).toEqual([bad, expect.any(String)]);
    expect(
      breaks("alter table x add column a jsonb not null default '{}', add column b text", new Set()),
    ).toBe(undefined);
  });
});

describe('a program beside a newer one, which has brought the schema up', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  test('goes on serving: webhooks, syncs, readiness; only starting again is refused', async () => {
    const world: World = await makeWorld({ people: 4 });
    ends.push(() => world.close());
    world.env.DATABASE_URL = await freshPostgres();
    expect((await command(world, ['sync'])).code).toBe(0);
    const store: Store = await openStore(world.env, () => new Date());
    ends.push(() => store.close());
    const server: RunningServer = await startServer({
      config: await configOf(world),
      store,
      token: TOKEN,
      port: 0,
      log: SILENT,
      pollSeconds: 0.5,
    });
    ends.push(() => server.stop());
    world.aim(server.url);
    const ready = async () => {
      const answer = await fetch(`${server.url}/readyz`);
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    expect(await ready()).toEqual({ status: 'ready' });
    // Statements are prepared by now, as they are in a process that has served for a while.
    world.boxes.hubspot.edit('contacts', world.contacts[0]!, { jobtitle: 'Before' });
    await until(() => titlesIn(world, 'Before') === 1);

    const newer = openPg(world.env.DATABASE_URL, { max: 1 });
    await newer.transaction(async (tx) => {
      for (const table of TABLES)
        await tx.query(
          `alter table ${table} add column of_the_future text, add column required jsonb not null default '{}'`,
        );
      await tx.query(`create table new_in_the_future (id int primary key)`);
      await tx.query(`insert into migration (id, name) values ($1, 'of the future')`, [
        MIGRATIONS.length + 1,
      ]);
    });
    expect(await ready()).toEqual({
      status: 'ready',
      degraded: [{ schema: MIGRATIONS.length + 1, state: 'newer' }],
    });
    world.boxes.hubspot.edit('contacts', world.contacts[1]!, { jobtitle: 'Beside' });
    await until(() => titlesIn(world, 'Beside') === 1);
    world.boxes.hubspot.edit('contacts', world.contacts[2]!, { lastname: 'Renamed' });
    const post = await fetch(`${server.url}/v1/syncs/people/runs`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ full: true }),
    });
    expect(post.status).toBe(202);
    const { id } = (await post.json()) as { id: string };
    const run = async () =>
      (
        await fetch(`${server.url}/v1/runs/${id}`, { headers: { Authorization: `Bearer ${TOKEN}` } })
      ).json() as Promise<{ status: string }>;
    await until(async () => (await run()).status !== 'running');
    expect(await run()).toMatchObject({ status: 'complete', reasons: [] });

    await expect(openStore(world.env, () => new Date())).rejects.toThrow(
      `the database is at schema ${MIGRATIONS.length + 1}, this program knows ${MIGRATIONS.length}`,
    );
    const refused = await command(world, ['export', 'x.export']);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('a newer Nayose') });
    await newer.query(`delete from migration where id = $1`, [MIGRATIONS.length + 1]);
    await migrate(newer);
    await newer.close();
  }, 180_000);
});
