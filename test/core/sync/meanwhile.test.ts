import { expect, test } from 'vitest';
import type { Db } from '../../../core/store/db.ts';
import { receive } from '../../../core/store/inbox.ts';
import { preparedOf } from '../../../core/store/matching.ts';
import { takeIn } from '../../../core/sync/intake.ts';
import { LANE } from '../../../core/sync/intents.ts';
import { resolvePage } from '../../../core/sync/resolve.ts';
import { runSync } from '../../../core/sync/run.ts';
import { DATABASES } from '../../support/databases.ts';
import { MemoryTool, memoryHub, recordKey } from '../../support/memory.ts';

/** The embedded database does one transaction after another: there is no meanwhile. */
const POSTGRES = DATABASES.filter(({ name }) => name === 'PostgreSQL');

/** Does something else, once, right after the first statement of a transaction that this matches. */
function between(db: Db, statement: RegExp, work: () => Promise<void>): Db {
  let due = true;
  return {
    ...db,
    transaction: (own) =>
      db.transaction((tx) =>
        own({
          ...tx,
          async query(text, params) {
            const rows = await tx.query<never>(text, params);
            if (due && statement.test(text)) {
              due = false;
              await work();
            }
            return rows;
          },
        }),
      ),
  };
}

test.each(
  POSTGRES.flatMap(({ open }) => [
    { open, when: 'matching has read it', after: /and dirty order by/, later: { email: 'new@x.example' } },
    {
      open,
      when: 'merging has read it',
      after: /from source_record where golden_id/,
      later: { title: 'v2' },
    },
  ]),
)('law 1: what a webhook changes once $when is not taken for resolved', async ({ open, after, later }) => {
  const db = await open();
  const [a, b] = [new MemoryTool('a'), new MemoryTool('b')];
  const { engine, sync } = memoryHub(db, [a, b]);
  const { signal } = new AbortController();
  const person = { familyName: '薬袋', givenName: '誠', email: 'old@x.example', title: 'v0' };
  for (const tool of [a, b]) tool.put(person, tool.name);
  const hook = async (day: number, fields: Record<string, string>) => {
    const at = `2026-06-0${day}T00:00:00.000Z`;
    await receive(db, 'a', [{ stream: 'people', id: 'a', at, op: 'upsert', fields }], `a/${day}`, new Date());
    expect((await takeIn(engine, [sync], 'a', signal)).events).toBe(1);
  };
  await runSync(engine, sync, { mode: 'sync', signal });
  await hook(1, { ...person, title: 'v1' });
  const last = { ...person, title: 'v1', ...later };
  const spied = between(db, after, () => hook(2, last));
  await resolvePage({ ...engine, db: spied }, sync, LANE.realtime);
  const key = recordKey(a, 'a');
  const record = async () => {
    const [row] = await db.query<{ dirty: boolean }>(`select dirty from source_record where key = $1`, [key]);
    return { ...row, addresses: (await preparedOf(db, [key])).get(key)!.mails.map((mail) => mail.key) };
  };
  expect(await record()).toMatchObject({ dirty: true });
  await resolvePage(engine, sync, LANE.realtime);
  expect(await record()).toEqual({ dirty: false, addresses: [last.email] });
  expect(await db.query(`select values->>'title' as title, values->>'email' as email from golden`)).toEqual([
    { title: last.title, email: last.email },
  ]);
  await db.close();
});
