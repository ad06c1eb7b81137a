import { expect, test } from 'vitest';
import { createAccountGate, OtherAccount } from '../../../api/runtime/accountGate.ts';
import { type AccountsOptions, localAccounts, sharedAccounts } from '../../../api/runtime/accounts.ts';
import type { Accounts, Context } from '../../../connectors/contract.ts';
import { accountOf } from '../../../core/store/accounts.ts';
import { DATABASES, openMemory } from '../../support/databases.ts';

const start = Date.parse('2026-01-02T03:04:05Z');
const log = { debug() {}, info() {}, warn() {} };

/** A process with a connection whose credentials lead to `tool.id`. */
function processOn(
  tool: { id: string; asked: number },
  accounts: typeof sharedAccounts,
  options: Pick<AccountsOptions, 'db' | 'believedMs'> & { minute?: number; config?: object },
) {
  const now = () => new Date(start + (options.minute ?? 0) * 60_000);
  const account: Accounts<unknown> = {
    noun: 'portal',
    key: 'portalId',
    named: (config) => (config as { portalId?: string }).portalId,
    async ask() {
      tool.asked++;
      return tool.id;
    },
  };
  const known = accounts({ ...options, connection: 'ma', mappings: [], now, log });
  const place = { file: 'hub.yaml', line: 1, column: 1, text: '' };
  const connection = { name: 'ma', type: 'hubspot', config: options.config ?? { accessToken: 'one' }, place };
  const pass = createAccountGate(connection, account, known, { now, signal: AbortSignal.timeout(20_000) });
  return { pass: () => pass({} as Context), settled: known.settled };
}

test.each(DATABASES)('a process asks once, and so does the next; on $name', async ({ open }) => {
  const db = await open();
  const tool = { id: '1', asked: 0 };
  const accounts = db.driver === 'pg' ? sharedAccounts : localAccounts;
  for (const asked of [1, 2]) {
    const { pass, settled } = processOn(tool, accounts, { db });
    await Promise.all([pass(), pass(), pass()]);
    await pass();
    await settled();
    expect(tool.asked).toBe(asked);
  }
  tool.id = '2';
  const other = processOn(tool, accounts, { db });
  for (const asked of [3, 4]) {
    await expect(other.pass()).rejects.toBeInstanceOf(OtherAccount);
    expect(tool.asked).toBe(asked);
  }
  tool.id = '1';
  await other.pass();
  expect(await accountOf(db, 'ma')).toMatchObject({ id: '1' });
  await db.close();
});

test('a process of one step believes what others asked, for a while and of the same credentials', async () => {
  const db = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
  const tool = { id: '1', asked: 0 };
  const step = (minute: number, config?: object) =>
    processOn(tool, sharedAccounts, {
      db,
      believedMs: 15 * 60_000,
      minute,
      ...(config ? { config } : {}),
    }).pass();
  await step(0);
  await step(14);
  expect(tool.asked).toBe(1);
  await step(16);
  await step(17);
  expect(tool.asked).toBe(2);
  await step(18, { accessToken: 'another' });
  expect(tool.asked).toBe(3);
  tool.id = '2';
  await expect(step(19)).rejects.toBeInstanceOf(OtherAccount);
  await db.close();
});

test('of two processes that are first at once and lead to different accounts, one is refused', async () => {
  const db = await DATABASES.find(({ name }) => name === 'PostgreSQL')!.open();
  const first = processOn({ id: '1', asked: 0 }, sharedAccounts, { db });
  const second = processOn({ id: '2', asked: 0 }, sharedAccounts, { db });
  const ends = await Promise.allSettled([first.pass(), second.pass()]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await db.close();
});

test('first met within a plan that occupies the embedded database: it passes, and is kept afterwards', async () => {
  const db = await openMemory();
  const { pass, settled } = processOn({ id: '1', asked: 0 }, localAccounts, { db });
  await db.query('select 1');
  await db.transaction(async () => pass());
  await settled();
  expect(await accountOf(db, 'ma')).toMatchObject({ id: '1' });
  await db.close();
});
